using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;
using Kernel = TinyAI.Kernels.Gather;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// GATHER: the slices along an axis that indices name. With constant indices it only moves elements, evenly spaced ones in
/// one copy; with computed ones (embeddings) the device reads them, and constant data stays in the pack.
/// </summary>
internal sealed class GatherOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), indices = node.Input(1);
        bool computed = !indices.IsConstant;
        wrong = [.. Movement.SameKind(input, node.Output), .. computed ? [] : Movement.Indices(indices)];
        if (wrong.Length > 0) return wrong;
        if (computed && indices.Type != TfliteType.INT32) return [$"its indices {indices.Name} are {indices}; int32 is what the device reads: convert them before."];
        var options = Options(node);
        if (Movement.Axis(options.Axis, input.Shape.Length) is not { } axis) return [$"its axis {options.Axis} is not a dimension of {input}."];
        int batches = options.BatchDims < 0 ? options.BatchDims + indices.Shape.Length : options.BatchDims;
        if (batches < 0 || batches > Math.Min(axis, indices.Shape.Length) || !input.Shape.AsSpan(0, batches).SequenceEqual(indices.Shape.AsSpan(0, batches)))
            return [$"its {options.BatchDims} batch dimensions are not the first of both {input} and {indices}."];
        if (!computed && indices.Integers().Any(i => i < 0 || i >= input.Shape[axis])) return [$"an index lies outside dimension {axis} of {input}."];
        if (computed && input.Shape[axis] == 0) return [$"its input {input} is empty."];
        return Requirements.Shape(node.Output, [.. input.Shape[..axis], .. indices.Shape[batches..], .. input.Shape[(axis + 1)..]]);
    }

    public override MovePlan Plan(Node node, int output)
    {
        // What the device reads at run time has no plan: one that is neither a view nor foldable stands for it.
        if (!node.Input(1).IsConstant) return new MovePlan([], [0]);
        int[] shape = node.Input().Shape, indices = Movement.Values(node.Input(1));
        Geometry g = Geometry.Of(node);
        int elementBytes = node.Output.ElementBytes, sliceBytes = g.Inner * elementBytes;
        var moves = new List<Move>();
        for (int batch = 0; batch < g.Batches; batch++)
        {
            var segments = new List<Segment>();
            int first = batch * g.Count;
            for (int i = 0; i < g.Count;)
            {
                int Index(int at) => indices[first + at];
                int count = 1, step = i + 1 < g.Count ? Index(i + 1) - Index(i) : 1;
                while (i + count < g.Count && Index(i + count) - Index(i + count - 1) == step) count++;
                segments.Add(new Segment(count, Index(i), step, i));
                i += count;
            }

            int from = batch * g.Outer * g.Axis * sliceBytes, to = batch * g.Outer * g.Count * sliceBytes;
            moves.AddRange(Movement.Select(
                0, [g.Outer, g.Axis, g.Inner], [g.Outer, g.Count, g.Inner], elementBytes, [[Segment.All(g.Outer)], segments, [Segment.All(g.Inner)]])
                .Select(m => m with { From = m.From + from, To = m.To + to }));
        }

        return new MovePlan(moves);
    }

    public override void Lower(Node node, Lowering lowering)
    {
        if (node.Input(1).IsConstant)
        {
            base.Lower(node, lowering);
            return;
        }

        Geometry g = Geometry.Of(node);
        Add(node, lowering, node.Input(1), g.Outer, g.Count, [g.Axis]);
    }

    /// <summary>Adds the layer in which the device reads indices that name one of each of these sizes.</summary>
    public static void Add(Node node, Lowering lowering, Tensor indices, int outer, int count, int[] sizes)
    {
        Tensor input = node.Input(), output = node.Output;
        int named = sizes.Aggregate(1, (a, b) => a * b), pieces = indices.Count / sizes.Length / count * outer;
        var p = new int[Kernel.ParameterCount];
        p[Kernel.Depth] = sizes.Length;
        p[Kernel.SliceBytes] = input.Bytes / pieces / named;
        p[Kernel.Count] = count;
        p[Kernel.Outer] = outer;
        sizes.CopyTo(p, Kernel.Sizes);
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindGather,
            Name = "Gather",
            Origin = node,
            Input = input.IsConstant ? null : lowering.PlaceOf(input, node),
            Input2 = lowering.PlaceOf(indices, node),
            Output = lowering.Create(output),
            Rows = output.Bytes / p[Kernel.SliceBytes],
            Parameters = p,
            Weights = input.IsConstant ? input.Data! : [],
            WeightCount = input.IsConstant ? input.Count : 0,
        });
    }

    public override IEnumerable<int> DataInputs(Node node) => node.Input(1).IsConstant ? [0] : [0, 1];

    private static GatherOptions Options(Node node) => node.Options as GatherOptions ?? new GatherOptions();

    /// <summary>The data as [batches, outer, axis, inner], the indices as [batches, count].</summary>
    private readonly record struct Geometry(int Batches, int Outer, int Axis, int Inner, int Count)
    {
        public static Geometry Of(Node node)
        {
            int[] shape = node.Input().Shape, indices = node.Input(1).Shape;
            GatherOptions options = Options(node);
            int axis = Movement.Axis(options.Axis, shape.Length)!.Value, batches = options.BatchDims < 0 ? options.BatchDims + indices.Length : options.BatchDims;
            static int Product(int[] sizes) => sizes.Aggregate(1, (a, b) => a * b);
            return new Geometry(Product(shape[..batches]), Product(shape[batches..axis]), shape[axis], Product(shape[(axis + 1)..]), Product(indices[batches..]));
        }
    }
}
