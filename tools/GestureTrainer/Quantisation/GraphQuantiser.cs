using TinyAI.GestureTrainer.Network;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Quantise;

namespace TinyAI.GestureTrainer.Quantisation;

/// <summary>
/// Turns a trained network with attention into an INT8 .tflite file with the packer's own quantiser; networks without it
/// have <see cref="Int8Quantiser"/>. The ranges of activations are measured here, in the trainer's arithmetic, so that the
/// same recordings give the same bytes on every system.
/// </summary>
internal static class GraphQuantiser
{
    /// <summary>The int8 model: input int8 [1,window,channels] as <see cref="SensorInput"/> scales it, output probabilities.</summary>
    public static byte[] Quantise(Sequential network, IReadOnlyList<Recording> recordings, AugmentationOptions augmentation)
    {
        FloatGraph graph = FloatGraph.Of(network);
        Dictionary<Tensor, ValueRange> ranges = Calibrate(network, graph, recordings, augmentation);
        ranges[graph.Graph.Inputs[0]] = new ValueRange(
            (sbyte.MinValue - SensorInput.ZeroPoint) * SensorInput.Scale, (sbyte.MaxValue - SensorInput.ZeroPoint) * SensorInput.Scale);
        QuantisedGraph quantised = Quantiser.Run(graph.Graph, tensor => ranges.GetValueOrDefault(tensor));
        IntegerBorders.Run(quantised.Graph);
        return ModelPacker.Quantise.TfliteExport.Write(quantised.Graph);
    }

    /// <summary>The smallest and greatest value of each measured tensor.</summary>
    private static Dictionary<Tensor, ValueRange> Calibrate(
        Sequential network, FloatGraph graph, IReadOnlyList<Recording> recordings, AugmentationOptions options)
    {
        Dictionary<Tensor, ValueRange> ranges = [];
        CalibrationRuns.Each(network, recordings, options, () =>
        {
            foreach ((Tensor tensor, float[] values) in graph.Activations)
            {
                ValueRange seen = ValueRange.Of(values);
                ranges[tensor] = ranges.TryGetValue(tensor, out ValueRange known) ? known.Union(seen) : seen;
            }
        });
        return ranges;
    }
}
