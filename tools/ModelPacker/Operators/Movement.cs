using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Operators;

/// <summary>What the operators that only move elements share.</summary>
internal static class Movement
{
    /// <summary>The tensor's elements are of a type that the device holds.</summary>
    public static IEnumerable<string> Movable(Tensor tensor)
    {
        if (tensor.Type is TfliteType.INT8 or TfliteType.UINT8 or TfliteType.BOOL or TfliteType.INT16 or TfliteType.INT32) yield break;
        yield return $"tensor {tensor.Name} is {tensor.Type.ToString().ToLowerInvariant()}, which the device does not hold: convert the model with full integer quantisation.";
    }
}
