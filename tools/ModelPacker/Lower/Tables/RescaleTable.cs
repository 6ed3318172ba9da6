using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Lower.Tables;

/// <summary>
/// QUANTIZE between int8 and uint8: clamp(requantise(x - zero, s_in / s_out) + zeroOut), the multiplier in double
/// (TFLite reference requantize.h; its shortcut for equal scales gives the same numbers); where the
/// output is to be rounded once, the nearest integer of the float quotient, as ONNX defines it.
/// </summary>
internal static class RescaleTable
{
    /// <summary>The function on quantised values.</summary>
    public static Func<int, int> Rescale(Node node)
    {
        Tensor input = node.Input(), output = node.Output;
        (int low, int high) = output.Type == TfliteType.UINT8 ? (0, 255) : (-128, 127);
        if (output.RoundedOnce)
            return q => RealNumbers.Quantise((float)((double)input.Scale * (q - input.ZeroPoint)), output.Scale, output.ZeroPoint, low, high, halfToEven: true);
        Requantisation scale = Requantisation.From((double)input.Scale / output.Scale);
        return q => Math.Clamp(scale.Apply(q - input.ZeroPoint) + output.ZeroPoint, low, high);
    }
}
