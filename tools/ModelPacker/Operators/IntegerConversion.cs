using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;
using Kernel = TinyAI.Kernels.Convert;

namespace TinyAI.ModelPacker.Operators;

/// <summary>What QUANTIZE and CAST share: the integer types and the layer record.</summary>
internal static class IntegerConversion
{
    /// <summary>Whether the device can convert from and to this type.</summary>
    public static bool IsInteger(TfliteType type) => type is TfliteType.INT8 or TfliteType.UINT8 or TfliteType.INT16 or TfliteType.INT32;

    /// <summary>Smallest and largest value of a type.</summary>
    public static (int Low, int High) Range(TfliteType type) => type switch
    {
        TfliteType.UINT8 => (0, 255),
        TfliteType.INT16 => (short.MinValue, short.MaxValue),
        TfliteType.INT32 => (int.MinValue, int.MaxValue),
        _ => (-128, 127),
    };

    /// <summary>Adds the layer; without a scale it is a cast.</summary>
    public static void Lower(Node node, Lowering lowering, Requantisation? scale)
    {
        Tensor input = node.Input(), output = node.Output;
        var p = new int[Kernel.ParameterCount];
        p[Kernel.RowLength] = output.Shape.Length == 0 ? 1 : output.Shape[^1];
        p[Kernel.InBytes] = input.ElementBytes;
        p[Kernel.InUnsigned] = input.Type is TfliteType.UINT8 or TfliteType.BOOL ? 1 : 0;
        p[Kernel.OutBytes] = output.ElementBytes;
        if (scale is { } requantisation)
        {
            p[Kernel.Rescale] = 1;
            p[Kernel.InZeroPoint] = input.ZeroPoint;
            (p[Kernel.Multiplier], p[Kernel.Shift]) = requantisation;
            p[Kernel.OutZeroPoint] = output.ZeroPoint;
            (p[Kernel.OutMin], p[Kernel.OutMax]) = Range(output.Type);
        }

        lowering.Add(new Layer
        {
            Kind = PackFormat.KindConvert,
            Name = scale is null ? "Cast" : "Convert",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Rows = output.Count / p[Kernel.RowLength],
            Parameters = p,
            InPlace = input.ElementBytes == output.ElementBytes,
        });
    }
}
