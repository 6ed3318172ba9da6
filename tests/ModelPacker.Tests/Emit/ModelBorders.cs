using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>Conversion at float borders, as the desktop runner does it, for code that takes quantised tensors.</summary>
internal static class ModelBorders
{
    /// <summary>The model's inputs as the session and generated code take them.</summary>
    public static byte[][] ToSession(PackResult packed, IReadOnlyList<byte[]> inputs) =>
        [.. inputs.Select((bytes, i) => ToSession(packed.Model.Inputs[i].Tensor, bytes))];

    /// <summary>A quantised output in the model's own type.</summary>
    public static byte[] ToModel(PackResult packed, int index, byte[] bytes)
    {
        Tensor tensor = packed.Model.Outputs[index].Tensor;
        if (tensor.ModelType != TfliteType.FLOAT32) return bytes;
        return [.. bytes.SelectMany(b => BitConverter.GetBytes((float)((double)tensor.Scale * ((sbyte)b - tensor.ZeroPoint))))];
    }

    private static byte[] ToSession(Tensor tensor, byte[] values)
    {
        if (tensor.ModelType != TfliteType.FLOAT32) return values;
        Assert.Equal(TfliteType.INT8, tensor.Type);
        var bytes = new byte[values.Length / 4];
        for (int i = 0; i < bytes.Length; i++)
        {
            float rounded = MathF.Round(BitConverter.ToSingle(values, 4 * i) / tensor.Scale, MidpointRounding.AwayFromZero);
            bytes[i] = (byte)(sbyte)Math.Clamp((double)rounded + tensor.ZeroPoint, -128, 127);
        }

        return bytes;
    }
}
