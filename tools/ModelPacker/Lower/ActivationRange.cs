using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Lower;

/// <summary>The output range that a fused activation leaves; TFLite kernel_util CalculateActivationRangeQuantized.</summary>
public static class ActivationRange
{
    /// <summary>Smallest and largest quantised output of a node with this activation.</summary>
    public static (int Min, int Max) Of(Node node, TfliteActivation activation)
    {
        Tensor output = node.Output;
        (int low, int high) = output.Type switch
        {
            TfliteType.INT16 => (short.MinValue, short.MaxValue),
            TfliteType.UINT8 => (0, 255),
            _ => (-128, 127),
        };
        (int min, int max) = activation switch
        {
            TfliteActivation.RELU => (At(0, output), high),
            TfliteActivation.RELU6 => (At(0, output), At(6, output)),
            TfliteActivation.RELU_N1_TO_1 => (At(-1, output), At(1, output)),
            _ => (low, high),
        };
        min = Math.Clamp(min, low, high);
        max = Math.Clamp(max, low, high);
        if (node.FusedClamp is { } clamp) (min, max) = (Math.Max(min, clamp.Min), Math.Min(max, clamp.Max));
        return (min, max);
    }

    /// <summary>The quantised value of a real one, rounded as the reference does, in float.</summary>
    private static int At(float real, Tensor tensor) =>
        (int)Math.Clamp((long)tensor.ZeroPoint + (long)MathF.Round(real / tensor.Scale, MidpointRounding.AwayFromZero), int.MinValue, int.MaxValue);

    /// <summary>Whether this activation is one that fuses into integer kernels.</summary>
    public static bool IsSupported(TfliteActivation activation) =>
        activation is TfliteActivation.NONE or TfliteActivation.RELU or TfliteActivation.RELU6 or TfliteActivation.RELU_N1_TO_1;
}
