using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// STRIDED_SLICE with every mask: begin, end and strides say for each dimension which indices are taken, backwards too;
/// an ellipsis stands for dimensions that are left as they are, a new axis adds a dimension of one, a shrunk one goes.
/// </summary>
internal sealed class StridedSliceOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 4)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input();
        int count = node.Input(1).Count;
        wrong =
        [
            .. Movement.SameKind(input, node.Output), .. Movement.Indices(node.Input(1)), .. Movement.Indices(node.Input(2), count),
            .. Movement.Indices(node.Input(3), count),
        ];
        if (wrong.Length > 0) return wrong;
        if (node.Input(3).Integers().Contains(0)) return ["a stride is 0."];
        if (node.Input(3).Integers().Any(s => Math.Abs(s) > 1 << 24)) return ["a stride is larger than any tensor."];
        if (count > 32 || Resolve(node) is not { } slice) return [$"its {count} slices do not fit the dimensions of {input}."];
        if (slice.Segments.Any(s => s.Count <= 0)) return ["it takes no element at all."];
        return Requirements.Shape(node.Output, slice.Shape);
    }

    public override MovePlan Plan(Node node, int output)
    {
        Tensor input = node.Input();
        Segment[] segments = Resolve(node)!.Value.Segments;
        return new MovePlan([.. Movement.Select(0, input.Shape, [.. segments.Select(s => s.Count)], input.ElementBytes, segments)]);
    }

    /// <summary>A segment for each dimension of the input and the shape of the output; null where there are too many entries.</summary>
    private static (Segment[] Segments, int[] Shape)? Resolve(Node node)
    {
        var options = node.Options as StridedSliceOptions ?? new StridedSliceOptions();
        int[] shape = node.Input().Shape;
        int[] begin = Movement.Values(node.Input(1)), end = Movement.Values(node.Input(2)), strides = Movement.Values(node.Input(3));
        bool Is(int mask, int i) => (mask >> i & 1) != 0;
        var segments = new List<Segment>();
        var outShape = new List<int>();
        int ellipses = Enumerable.Range(0, begin.Length).Count(i => Is(options.EllipsisMask, i));
        int given = Enumerable.Range(0, begin.Length).Count(i => !Is(options.EllipsisMask, i) && !Is(options.NewAxisMask, i));
        if (ellipses > 1 || given > shape.Length) return null;
        for (int i = 0; i < begin.Length; i++)
        {
            if (Is(options.EllipsisMask, i))
            {
                for (int left = shape.Length - given; left > 0; left--) Keep();
            }
            else if (Is(options.NewAxisMask, i))
            {
                outShape.Add(1);
            }
            else
            {
                int size = shape[segments.Count];
                bool shrink = Is(options.ShrinkAxisMask, i);
                Segment s = OfAxis(size, begin[i], options.Offset ? (long)end[i] + begin[i] : end[i], strides[i], Is(options.BeginMask, i), Is(options.EndMask, i), shrink);
                segments.Add(s);
                if (!shrink) outShape.Add(s.Count);
            }
        }

        while (segments.Count < shape.Length) Keep();
        return ([.. segments], [.. outShape]);

        void Keep()
        {
            int size = shape[segments.Count];
            segments.Add(Segment.All(size));
            outShape.Add(size);
        }
    }

    /// <summary>TFLite strided_slice_logic.h: negative indices count from the end, everything is clamped to the dimension.</summary>
    private static Segment OfAxis(int size, long begin, long end, int stride, bool fromStart, bool toEnd, bool shrink)
    {
        (long low, long high) = stride > 0 ? (0L, (long)size) : (-1L, size - 1L);
        long start = fromStart ? (stride > 0 ? low : high) : Math.Clamp(begin < 0 ? begin + size : begin, low, high);
        if (shrink) return new Segment(start >= 0 && start < size ? 1 : 0, (int)start, 1, 0);
        long stop = toEnd ? (stride > 0 ? high : low) : Math.Clamp(end < 0 ? end + size : end, low, high);
        long count = stride > 0 ? (stop - start + stride - 1) / stride : (start - stop - stride - 1) / -(long)stride;
        return new Segment((int)Math.Max(count, 0), (int)start, stride, 0);
    }
}
