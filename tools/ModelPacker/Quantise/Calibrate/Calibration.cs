using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Quantise.Calibrate;

/// <summary>
/// What a float graph's tensors hold when it runs on calibration data: a histogram each, and mean and largest magnitude per
/// channel (slice of the last dimension). The data are run twice, first for the ranges. A graph with variables keeps them from case to case.
/// </summary>
public sealed class Calibration
{
    private readonly Dictionary<Tensor, Histogram> _histograms = [];
    private readonly Dictionary<Tensor, Channels> _channels = [];
    private readonly HashSet<Tensor> _fractional = [];

    private readonly IReadOnlyList<float[][]> _cases;

    private Calibration(IReadOnlyList<float[][]> cases) => _cases = cases;

    /// <summary>Sums and extremes of a channel.</summary>
    private sealed record Channels(double[] Sums, float[] Largest)
    {
        public long Rows { get; set; }
    }

    /// <summary>Runs a graph on data.</summary>
    /// <exception cref="ModelFormatException">A value is not a finite number.</exception>
    public static Calibration Observe(Graph graph, IReadOnlyList<float[][]> cases)
    {
        var calibration = new Calibration(cases);
        Tensor[] tensors = [.. graph.Inputs.Concat(graph.Nodes.SelectMany(n => n.Outputs.Concat(n.Intermediates))).Where(Sharing.IsActivation).Distinct()];
        var ranges = new Dictionary<Tensor, ValueRange>();
        Each(graph, cases, tensors, (tensor, values) =>
        {
            ValueRange range = ValueRange.Of(values);
            if (values.Length > 0 && !(float.IsFinite(range.Min) && float.IsFinite(range.Max) && float.IsFinite(values.Sum(Math.Abs))))
                throw new ModelFormatException($"Tensor {tensor.Name} holds values that are not finite numbers when the model runs on the calibration data: check the model and the data.");
            ranges[tensor] = ranges.TryGetValue(tensor, out ValueRange known) ? known.Union(range) : range;
            calibration.AddChannels(tensor, values);
            if (!calibration._fractional.Contains(tensor) && values.Any(v => v != MathF.Round(v))) calibration._fractional.Add(tensor);
        });
        foreach ((Tensor tensor, ValueRange range) in ranges) calibration._histograms[tensor] = new Histogram(range);
        Each(graph, cases, tensors, (tensor, values) => calibration._histograms[tensor].Add(values));
        return calibration;
    }

    /// <summary>The same for another graph on the same data.</summary>
    public Calibration Again(Graph graph) => Observe(graph, _cases);

    /// <summary>The distribution of a tensor's values; a point at 0 where it has none.</summary>
    public Histogram HistogramOf(Tensor tensor) => _histograms.GetValueOrDefault(tensor) ?? new Histogram(default);

    /// <summary>
    /// The range that a calibrator chooses for a tensor. One that held whole numbers only, at most 256 of them, keeps them all.
    /// </summary>
    public ValueRange Range(Calibrator calibrator, Tensor tensor)
    {
        Histogram histogram = HistogramOf(tensor);
        ValueRange whole = histogram.Range with { Step = 1 };
        return histogram.Total > 0 && !_fractional.Contains(tensor) && whole.IsGrid ? whole : calibrator.Range(histogram);
    }

    /// <summary>Mean of each slice of the last dimension.</summary>
    public double[] ChannelMeans(Tensor tensor) => [.. _channels[tensor].Sums.Select(s => s / _channels[tensor].Rows)];

    /// <summary>Largest magnitude of each slice of the last dimension.</summary>
    public float[] ChannelMagnitudes(Tensor tensor) => _channels[tensor].Largest;

    private static void Each(Graph graph, IReadOnlyList<float[][]> cases, Tensor[] tensors, Action<Tensor, float[]> see)
    {
        var runner = new FloatRunner(graph);
        foreach (float[][] inputs in cases)
        {
            Dictionary<Tensor, float[]> values = runner.Run(inputs);
            foreach (Tensor tensor in tensors)
            {
                if (values.TryGetValue(tensor, out float[]? found)) see(tensor, found);
            }
        }
    }

    private void AddChannels(Tensor tensor, float[] values)
    {
        int channels = tensor.Shape is [.., int last] ? last : 1;
        if (!_channels.TryGetValue(tensor, out Channels? known)) _channels[tensor] = known = new Channels(new double[channels], new float[channels]);
        known.Rows += values.Length / channels;
        for (int i = 0; i < values.Length; i++)
        {
            int c = i % channels;
            known.Sums[c] += values[i];
            known.Largest[c] = Math.Max(known.Largest[c], Math.Abs(values[i]));
        }
    }
}
