using System.Runtime.InteropServices;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Operators.Blocks;

/// <summary>
/// Constants of building blocks: they stay real numbers in the graph until here, where each block turns them into the
/// integers of its kernel.
/// </summary>
internal static class BlockConstants
{
    /// <summary>The tensor is absent, or a constant of float32 (or int8 with a scale) of this many finite numbers.</summary>
    public static IEnumerable<string> Check(Tensor? tensor, int count, bool needed = false)
    {
        if (tensor is null) return needed ? ["it lacks one of its constants, the file is damaged or from an unknown converter."] : [];
        bool known = tensor.Type == TfliteType.FLOAT32 || (tensor.Type is TfliteType.INT8 or TfliteType.INT32 && tensor.Quantisation is not null);
        if (!tensor.IsConstant || !known) return [$"tensor {tensor.Name} {tensor} must be a constant of float32, or of integers with a scale."];
        if (tensor.Count != count) return [$"tensor {tensor.Name} {tensor} has {tensor.Count} values where {count} are needed."];
        if (tensor.Quantisation is { IsPerChannel: true } q && (q.Axis != 0 || q.Scales.Length != tensor.Shape[0]))
            return [$"tensor {tensor.Name} {tensor} has scales that do not belong to its rows."];
        return Array.TrueForAll(Reals(tensor), double.IsFinite) ? [] : [$"tensor {tensor.Name} has values that are not numbers."];
    }

    /// <summary>The tensor's values as real numbers.</summary>
    public static double[] Reals(Tensor tensor)
    {
        if (tensor.Type == TfliteType.FLOAT32) return [.. MemoryMarshal.Cast<byte, float>(tensor.Data).ToArray().Select(v => (double)v)];
        Quantisation q = tensor.Quantisation!;
        long[] values = tensor.Integers();
        int row = tensor.Count / q.Scales.Length;
        return [.. values.Select((v, i) => (double)q.Scales[i / row] * (v - (q.ZeroPoints.Length == 0 ? 0 : q.ZeroPoints[q.ZeroPoints.Length == 1 ? 0 : i / row])))];
    }

    /// <summary>The values, or the same number count times where the tensor is absent.</summary>
    public static double[] Reals(Tensor? tensor, int count, double otherwise)
    {
        if (tensor is not null) return Reals(tensor);
        var values = new double[count];
        Array.Fill(values, otherwise);
        return values;
    }

    /// <summary>
    /// A matrix as symmetric int8, rows that share a scale being groupRows long: q = round(w / scale), scale = largest / 127.
    /// Where the tensor is int8 with scales of its rows already and groups are single rows, those are kept.
    /// </summary>
    public static (sbyte[] Values, double[] RowScales) Quantise(Tensor matrix, int rows, int groupRows)
    {
        double[] reals = Reals(matrix);
        int columns = reals.Length / rows;
        var values = new sbyte[reals.Length];
        var scales = new double[rows];
        for (int row = 0; row < rows; row += groupRows)
        {
            ReadOnlySpan<double> part = reals.AsSpan(row * columns, groupRows * columns);
            double most = 0;
            foreach (double value in part) most = Math.Max(most, Math.Abs(value));
            double scale = most > 0 ? most / 127 : 1;
            for (int i = 0; i < part.Length; i++) values[row * columns + i] = (sbyte)Math.Round(part[i] / scale);
            Array.Fill(scales, scale, row, groupRows);
        }

        return (values, scales);
    }
}
