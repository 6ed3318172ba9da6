using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>A kernel with two int8 inputs: parameters, inputs, output, rows.</summary>
internal delegate void ElementwiseKernel(
    int[] p, sbyte[] x1, int x1At, sbyte[] x2, int x2At, sbyte[] y, int yAt, int rowFrom, int rowTo);

/// <summary>
/// What operators on two int8 tensors share: broadcasting up to six dimensions, the layer record, and the table that
/// takes the kernel's place where one input is the same constant everywhere.
/// </summary>
internal abstract class ElementwiseOperator(int kind, string name, int parameterCount, ElementwiseKernel kernel) : Operator
{
    /// <summary>Reasons beyond types and shapes.</summary>
    protected virtual IEnumerable<string> CheckScales(Node node) => [];

    /// <summary>Writes the kernel's own parameters, those after the ones of <see cref="Broadcast"/>.</summary>
    protected abstract void Fill(int[] p, Node node);

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor a = node.Input(), b = node.Input(1), output = node.Output;
        wrong = [.. Requirements.Int8(a), .. Requirements.Int8(b), .. Requirements.Int8(output)];
        if (wrong.Length > 0) return wrong;
        if (a.Count == 0 || b.Count == 0) return ["one of its inputs has no elements."];
        if (BroadcastShapes.Of(a.Shape, b.Shape) is not { } shape)
            return [$"its inputs {a} and {b} cannot be brought to one shape by repeating dimensions of size 1."];
        return [.. Requirements.Shape(output, shape), .. CheckScales(node)];
    }

    /// <summary>The node as a table where one input is constant with the same value everywhere.</summary>
    public override ByteTable? Table(Node node)
    {
        Tensor a = node.Input(), b = node.Input(1);
        bool second = IsUniform(b) && a.Count == node.Output.Count;
        if (!second && !(IsUniform(a) && b.Count == node.Output.Count)) return null;
        sbyte[] all = [.. Enumerable.Range(-128, Lookup.TableBytes).Select(q => (sbyte)q)];
        sbyte[] one = [(sbyte)(second ? b : a).Data![0]];
        var p = new int[parameterCount];
        Fill(p, node);
        p[Broadcast.Inner] = all.Length;
        p[second ? Broadcast.InnerStride1 : Broadcast.InnerStride2] = 1;
        var y = new sbyte[all.Length];
        kernel(p, second ? all : one, 0, second ? one : all, 0, y, 0, 0, 1);
        return new ByteTable(second ? a : b, [.. y.Select(q => (byte)q)]);
    }

    public override void Lower(Node node, Lowering lowering)
    {
        if (Table(node) is { } table)
        {
            table.Lower(node, lowering);
            return;
        }

        Tensor a = node.Input(), b = node.Input(1), output = node.Output;
        var p = new int[parameterCount];
        Fill(p, node);
        int rows = BroadcastShapes.Fill(p, output.Shape, a.Shape, b.Shape);
        Place first = lowering.PlaceOf(a, node), secondPlace = lowering.PlaceOf(b, node);

        // Views of one buffer may overlap, and then an element could be overwritten before it is read.
        bool apart = first.Buffer != secondPlace.Buffer || first == secondPlace;
        lowering.Add(new Layer
        {
            Kind = kind,
            Name = name,
            Origin = node,
            Input = first,
            Input2 = secondPlace,
            Output = lowering.Create(output),
            Rows = rows,
            Parameters = p,
            InPlace = apart && a.Count == output.Count,
            InPlace2 = apart && b.Count == output.Count,
        });
    }

    private static bool IsUniform(Tensor tensor) => tensor.IsConstant && !tensor.Data.AsSpan().ContainsAnyExcept(tensor.Data![0]);
}
