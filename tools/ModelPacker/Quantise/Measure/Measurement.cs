using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise.Measure;

/// <summary>How well one quantised form of a model does: per tensor, at the outputs, and with labels.</summary>
public sealed record Measurement(IReadOnlyDictionary<Tensor, double> Tensors, double Output, double Agreement, double? Accuracy)
{
    /// <summary>
    /// Runs the float graph and the device runtime on the same cases. Output is the worst signal-to-noise ratio of the float
    /// outputs; agreement the share of cases in which the first output's largest element is the same one.
    /// </summary>
    /// <param name="graph">The graph that was quantised, for the tensors inside.</param>
    /// <param name="quantised">Its int8 form.</param>
    /// <param name="cases">Inputs and the model's own float outputs.</param>
    /// <param name="labels">The right class of each case, or null.</param>
    public static Measurement Of(Graph graph, QuantisedGraph quantised, ReferenceCases cases, IReadOnlyList<int>? labels)
    {
        var device = new DeviceTrace(quantised);
        var reference = new FloatRunner(graph);
        var tensors = new Dictionary<Tensor, SignalToNoise>();
        SignalToNoise[] outputs = [.. graph.Outputs.Select(_ => new SignalToNoise())];
        (int agree, int right) = (0, 0);
        for (int c = 0; c < cases.Count; c++)
        {
            if (!cases.IsStateful)
            {
                reference.Reset();
                device.Reset();
            }

            Dictionary<Tensor, float[]> values = reference.Run(cases.Inputs[c]);
            (byte[][] results, Dictionary<Tensor, float[]> inner) = device.Run(cases.Bytes(c));
            foreach ((Tensor tensor, float[] numbers) in inner)
            {
                if (!tensors.TryGetValue(tensor, out SignalToNoise? signal)) tensors[tensor] = signal = new SignalToNoise();
                signal.Add(values[tensor], numbers);
            }

            for (int o = 0; o < outputs.Length; o++) outputs[o].Add(cases.Outputs[c][o], cases.Real(o, results[o]));
            if (outputs.Length == 0) continue;
            int answer = Largest(cases.Real(0, results[0]));
            if (answer == Largest(cases.Outputs[c][0])) agree++;
            if (labels is not null && answer == labels[c]) right++;
        }

        double[] real = [.. outputs.Where((_, o) => graph.Outputs[o].Type == TfliteType.FLOAT32).Select(s => s.Decibels)];
        return new Measurement(
            tensors.ToDictionary(t => t.Key, t => t.Value.Decibels), real.Length == 0 ? double.PositiveInfinity : real.Min(),
            (double)agree / Math.Max(1, cases.Count), labels is null ? null : (double)right / Math.Max(1, cases.Count));
    }

    /// <summary>Only the worst signal-to-noise ratio at the outputs, which is quicker to know.</summary>
    public static double OutputOf(QuantisedGraph quantised, ReferenceCases cases)
    {
        var device = new DeviceTrace(quantised, inner: false);
        SignalToNoise[] outputs = [.. cases.Graph.Outputs.Select(_ => new SignalToNoise())];
        for (int c = 0; c < cases.Count; c++)
        {
            if (!cases.IsStateful) device.Reset();
            byte[][] results = device.Run(cases.Bytes(c)).Outputs;
            for (int o = 0; o < outputs.Length; o++) outputs[o].Add(cases.Outputs[c][o], cases.Real(o, results[o]));
        }

        return outputs.Where((_, o) => cases.Graph.Outputs[o].Type == TfliteType.FLOAT32).Select(s => s.Decibels).DefaultIfEmpty(double.PositiveInfinity).Min();
    }

    /// <summary>Index of the largest element, the first of equals.</summary>
    public static int Largest(float[] values) => Array.IndexOf(values, values.Max());
}
