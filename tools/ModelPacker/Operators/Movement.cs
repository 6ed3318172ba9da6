using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>Part of one dimension: so many indices, from where and in which step on either side.</summary>
internal readonly record struct Segment(int Count, int InStart, int InStep, int OutStart, int OutStep = 1)
{
    /// <summary>All of a dimension, unchanged.</summary>
    public static Segment All(int size) => new(size, 0, 1, 0);
}

/// <summary>What the operators that only move elements share.</summary>
internal static class Movement
{
    /// <summary>The tensor's elements are of a type that the device holds.</summary>
    public static IEnumerable<string> Movable(Tensor tensor)
    {
        if (tensor.Type is TfliteType.INT8 or TfliteType.UINT8 or TfliteType.BOOL or TfliteType.INT16 or TfliteType.INT32) yield break;
        yield return $"tensor {tensor.Name} is {tensor.Type.ToString().ToLowerInvariant()}, which the device does not hold: convert the model with full integer quantisation.";
    }

    /// <summary>Input and output hold the same kind of elements.</summary>
    public static IEnumerable<string> SameKind(Tensor input, Tensor output)
    {
        if (input.ElementBytes == 0 || input.Type != output.Type) yield return $"tensors {input.Name} {input} and {output.Name} {output} differ in type.";
        foreach (string reason in Requirements.SameQuantisation(input, output)) yield return reason;
    }

    /// <summary>The tensor is a constant of int32 or int64 with this many elements (-1: any number).</summary>
    public static IEnumerable<string> Indices(Tensor tensor, int count = -1)
    {
        if (!tensor.IsConstant)
            yield return $"tensor {tensor.Name} must be constant, but is computed.";
        else if (tensor.Type is not (TfliteType.INT32 or TfliteType.INT64))
            yield return $"tensor {tensor.Name} is {tensor.Type.ToString().ToLowerInvariant()}, not int32.";
        else if (count >= 0 && tensor.Count != count)
            yield return $"tensor {tensor.Name} has {tensor.Count} values where {count} are needed.";
        else if (tensor.Integers().Any(v => v is > int.MaxValue or < int.MinValue))
            yield return $"tensor {tensor.Name} has values outside 32 bits.";
    }

    /// <summary>The values of a constant that <see cref="Indices"/> accepts.</summary>
    public static int[] Values(Tensor tensor) => [.. tensor.Integers().Select(v => (int)v)];

    /// <summary>An axis counted from the end where it is negative, or null where there is no such dimension.</summary>
    public static int? Axis(long axis, int rank)
    {
        long resolved = axis < 0 ? axis + rank : axis;
        return resolved >= 0 && resolved < rank ? (int)resolved : null;
    }

    /// <summary>A shape with one dimension more.</summary>
    public static int[] Insert(int[] shape, int at, int size) => [.. shape[..at], size, .. shape[at..]];

    /// <summary>A shape with one dimension of another size.</summary>
    public static int[] With(int[] shape, int at, int size) => [.. shape[..at], size, .. shape[(at + 1)..]];

    /// <summary>Copies of every combination of the dimensions' segments between two shapes of the same rank.</summary>
    public static IEnumerable<Move> Select(int input, int[] inShape, int[] outShape, int elementBytes, IReadOnlyList<IReadOnlyList<Segment>> segments)
    {
        int[] inSteps = CopyAxis.Steps(inShape, elementBytes), outSteps = CopyAxis.Steps(outShape, elementBytes);
        IEnumerable<Segment[]> combinations = [[]];
        foreach (IReadOnlyList<Segment> choice in segments)
            combinations = combinations.SelectMany(c => choice.Where(s => s.Count > 0), (c, s) => (Segment[])[.. c, s]);
        foreach (Segment[] chosen in combinations)
        {
            var axes = chosen.Select((s, d) => new CopyAxis(s.Count, s.InStep * inSteps[d], s.OutStep * outSteps[d]));
            yield return new Move(
                input, chosen.Select((s, d) => s.InStart * inSteps[d]).Sum(), chosen.Select((s, d) => s.OutStart * outSteps[d]).Sum(),
                CopyAxis.Merge(axes.Append(new CopyAxis(elementBytes, 1, 1))));
        }
    }

    /// <summary>One segment for each dimension.</summary>
    public static IEnumerable<Move> Select(int input, int[] inShape, int[] outShape, int elementBytes, IEnumerable<Segment> segments) =>
        Select(input, inShape, outShape, elementBytes, [.. segments.Select(s => (IReadOnlyList<Segment>)[s])]);

    /// <summary>A copy of everything in another order: axes of elements, outermost first.</summary>
    public static MovePlan Reorder(int elementBytes, IEnumerable<CopyAxis> axes) => new(
    [
        new Move(0, 0, 0, CopyAxis.Merge(
            axes.Select(a => new CopyAxis(a.Count, a.InStep * elementBytes, a.OutStep * elementBytes)).Append(new CopyAxis(elementBytes, 1, 1)))),
    ]);

    /// <summary>The bytes of the zero point (or zero) as one element of the tensor.</summary>
    public static byte[] Zero(Tensor tensor)
    {
        int zero = tensor.Quantisation?.ZeroPoint ?? 0;
        return [.. Enumerable.Range(0, tensor.ElementBytes).Select(i => (byte)(i < 4 ? zero >> (8 * i) : zero >> 31))];
    }
}
