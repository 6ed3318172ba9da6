using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Quantise.Calibrate;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// The range of a recurrent layer's steps with the state that it begins with: the layer keeps that state in the integers of
/// its output, which would saturate where a given state goes beyond what the steps reach.
/// </summary>
internal static class RecurrentRange
{
    /// <summary>A calibrated range, wider where the tensor is the output of a recurrent layer with an initial state.</summary>
    public static ValueRange Of(Graph graph, Tensor tensor, Func<Tensor, ValueRange> calibrated)
    {
        ValueRange range = calibrated(tensor);
        if (graph.Producer(tensor) is not { } node || node.Outputs.IndexOf(tensor) != 0) return range;
        int index = node.Options switch { LstmBlockOptions or GruOptions => 4, LiquidOptions => 5, _ => -1 };
        if (index < 0 || node.OptionalInput(index) is not { } initial) return range;
        return range.Union(initial.IsConstant ? ValueRange.Of(RealNumbers.Of(initial)) : calibrated(initial));
    }
}
