using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>Making and turning of constants, for passes.</summary>
internal static class ConstantTensors
{
    /// <summary>A constant of float32.</summary>
    public static Tensor Reals(string name, int[] shape, float[] values) =>
        new() { Name = name, Type = TfliteType.FLOAT32, Shape = shape, Data = RealNumbers.Bytes(values, TfliteType.FLOAT32) };

    /// <summary>A constant of int32.</summary>
    public static Tensor Ints(string name, int[] shape, params int[] values) =>
        new() { Name = name, Type = TfliteType.INT32, Shape = shape, Data = [.. values.SelectMany(BitConverter.GetBytes)] };

    /// <summary>The elements of a constant of int32, or null where it is none.</summary>
    public static int[]? Values(Tensor? tensor) =>
        tensor is { IsConstant: true, Type: TfliteType.INT32, Quantisation: null } ? [.. tensor.Integers().Select(v => (int)v)] : null;

    /// <summary>The only element of a float constant, or null where there are others.</summary>
    public static float? Scalar(Tensor? tensor) =>
        tensor is { IsConstant: true, Type: TfliteType.FLOAT32 } && tensor.Count > 0 && RealNumbers.Of(tensor) is { } values && !values.AsSpan().ContainsAnyExcept(values[0]) ? values[0] : null;

    /// <summary>Dimension i of the result is dimension permutation[i] of the constant; its grid of scales turns with it.</summary>
    public static Tensor Transpose(Tensor tensor, int[] permutation)
    {
        int width = tensor.ElementBytes, rank = tensor.Shape.Length;
        int[] shape = [.. permutation.Select(p => tensor.Shape[p])], strides = Strides(tensor.Shape), at = new int[rank];
        var data = new byte[tensor.Data!.Length];
        for (int i = 0; i < data.Length; i += width)
        {
            int from = 0;
            for (int d = 0; d < rank; d++) from += at[d] * strides[permutation[d]];
            Array.Copy(tensor.Data, from * width, data, i, width);
            for (int d = rank - 1; d >= 0 && ++at[d] == shape[d]; d--) at[d] = 0;
        }

        Quantisation? q = tensor.Quantisation is { IsPerChannel: true } grid ? grid with { Axis = Array.IndexOf(permutation, grid.Axis) } : tensor.Quantisation;
        return new Tensor { Name = tensor.Name, Type = tensor.Type, Shape = shape, Data = data, Quantisation = q };
    }

    /// <summary>The same elements in another shape; a grid per slice is lost.</summary>
    public static Tensor Reshape(Tensor tensor, int[] shape) => new()
    {
        Name = tensor.Name, Type = tensor.Type, Shape = shape, Data = tensor.Data, Quantisation = tensor.Quantisation is { IsPerChannel: true } ? null : tensor.Quantisation,
    };

    /// <summary>Steps from one index to the next of each dimension.</summary>
    public static int[] Strides(int[] shape)
    {
        var strides = new int[shape.Length];
        for (int d = shape.Length - 1, step = 1; d >= 0; step *= shape[d--]) strides[d] = step;
        return strides;
    }

    /// <summary>The inverse of a permutation.</summary>
    public static int[] Inverse(int[] permutation)
    {
        var inverse = new int[permutation.Length];
        for (int i = 0; i < permutation.Length; i++) inverse[permutation[i]] = i;
        return inverse;
    }
}
