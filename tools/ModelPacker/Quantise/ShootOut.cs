using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Quantise.Improve;
using TinyAI.ModelPacker.Quantise.Measure;
using TinyAI.ModelPacker.Quantise.Prepare;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>One quantised form of a model with its measurement.</summary>
public sealed record Contender(string Name, string Idea, QuantisedGraph Quantised, Measurement Measured);

/// <summary>All forms that were tried, the chosen one and the reason.</summary>
public sealed record ShootOutResult(Graph Prepared, IReadOnlyList<Contender> Contenders, Contender Chosen, string Why, double? FloatAccuracy);

/// <summary>
/// Quantises a model with each calibrator, measures every form with the device runtime against the float model, and
/// chooses: by accuracy where labels are known, then by the signal-to-noise ratio at the output. Equalisation and bias
/// correction are tried on the winner and kept where they help.
/// </summary>
public static class ShootOut
{
    /// <summary>Gains below this many decibels are chance.</summary>
    private const double LeastGain = 0.1;

    /// <summary>Makes a float graph ready: what the quantiser must not meet as separate operators is joined. The graph itself stays.</summary>
    public static Graph Prepare(Graph graph)
    {
        Graph prepared = GraphCopy.Of(graph).Graph;
        FoldConstants.Run(prepared);
        UseWeights.Run(prepared);
        FuseFloatActivation.Run(prepared);
        RemoveDeadNodes.Run(prepared);
        return prepared;
    }

    /// <summary>Runs the shoot-out.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="cases">Inputs, a tensor each.</param>
    /// <param name="labels">The right class of each case, or null.</param>
    /// <param name="calibrators">Which calibrators take part.</param>
    /// <param name="progress">Is told what comes next.</param>
    public static ShootOutResult Run(
        Graph graph, IReadOnlyList<float[][]> cases, IReadOnlyList<int>? labels, IReadOnlyList<Calibrator> calibrators, Action<string>? progress = null)
    {
        Graph prepared = Prepare(graph);
        Require(prepared);
        progress?.Invoke("calibrating");
        Calibration calibration = Calibration.Observe(prepared, cases);
        RequireDevice(Quantiser.Run(prepared, t => calibration.HistogramOf(t).Range).Graph);
        var contenders = new List<Contender>();
        foreach (Calibrator calibrator in calibrators)
        {
            progress?.Invoke(calibrator.Name);
            QuantisedGraph quantised = Quantiser.Run(prepared, t => calibrator.Range(calibration.HistogramOf(t)));
            contenders.Add(new Contender(calibrator.Name, calibrator.Idea, quantised, Measurement.Of(prepared, quantised, cases, labels)));
        }

        Contender best = contenders.Aggregate((a, b) => Better(b, a) ? b : a);
        Calibrator chosen = calibrators[contenders.IndexOf(best)];
        progress?.Invoke("equalisation");
        (best, Graph weights, Calibration measured) = Equalise(prepared, chosen, calibration, best, contenders, cases, labels);
        progress?.Invoke("bias correction");
        best = CorrectBias(weights, chosen, measured, best, contenders, cases, labels);
        return new ShootOutResult(prepared, contenders, best, Reason(best, contenders), FloatAccuracy(prepared, cases, labels));
    }

    private static void Require(Graph prepared)
    {
        List<string> reasons = [.. FloatRunner.Check(prepared), .. Quantiser.Check(prepared)];
        if (reasons.Count > 0) throw new UnsupportedModelException(reasons);
    }

    /// <summary>Shapes and options must be those that the device's operators take.</summary>
    private static void RequireDevice(Graph quantised)
    {
        Graph trial = GraphCopy.Of(quantised).Graph;
        PassList.Run(trial);
        OperatorTable.Require(trial);
    }

    private static bool Better(Contender a, Contender b)
    {
        double gain = (a.Measured.Accuracy ?? 0) - (b.Measured.Accuracy ?? 0);
        return gain != 0 ? gain > 0 : a.Measured.Output > b.Measured.Output + LeastGain;
    }

    private static (Contender Best, Graph Graph, Calibration Calibration) Equalise(
        Graph prepared, Calibrator calibrator, Calibration calibration, Contender best, List<Contender> contenders, IReadOnlyList<float[][]> cases, IReadOnlyList<int>? labels)
    {
        (Graph equalised, Dictionary<Tensor, Tensor> copies) = GraphCopy.Of(prepared);
        Dictionary<Tensor, Tensor> originals = copies.ToDictionary(c => c.Value, c => c.Key);
        if (Equalisation.Run(equalised, t => originals[t], calibration) == 0) return (best, prepared, calibration);
        Calibration measured = Calibration.Observe(equalised, cases);
        QuantisedGraph quantised = Quantiser.Run(equalised, t => calibrator.Range(measured.HistogramOf(t)));
        var contender = new Contender(
            best.Name + " + equalisation", "factors moved between layers", quantised, Original(Measurement.Of(equalised, quantised, cases, labels), originals));
        contenders.Add(contender);
        return Better(contender, best) ? (contender, equalised, measured) : (best, prepared, calibration);
    }

    private static Contender CorrectBias(
        Graph graph, Calibrator calibrator, Calibration calibration, Contender best, List<Contender> contenders, IReadOnlyList<float[][]> cases, IReadOnlyList<int>? labels)
    {
        (Graph corrected, Dictionary<Tensor, Tensor> copies) = GraphCopy.Of(graph);
        Dictionary<Tensor, Tensor> originals = copies.ToDictionary(c => c.Value, c => c.Key);
        BiasCorrection.Run(corrected, t => originals[t], calibration);
        QuantisedGraph quantised = Quantiser.Run(corrected, t => calibrator.Range(calibration.HistogramOf(originals[t])));

        // The correction changes what the float graph computes, so the reference stays the graph before it.
        QuantisedGraph compared = quantised with { Integers = quantised.Integers.Where(i => originals.ContainsKey(i.Key)).ToDictionary(i => originals[i.Key], i => i.Value) };
        var contender = new Contender(best.Name + " + bias correction", "mean errors of rounded weights taken back", quantised, Measurement.Of(graph, compared, cases, labels));
        contenders.Add(contender);
        return Better(contender, best) ? contender : best;
    }

    /// <summary>A measurement whose tensors are those of the graph before a copy.</summary>
    private static Measurement Original(Measurement measured, Dictionary<Tensor, Tensor> originals) =>
        measured with { Tensors = measured.Tensors.ToDictionary(t => originals.GetValueOrDefault(t.Key, t.Key), t => t.Value) };

    private static double? FloatAccuracy(Graph graph, IReadOnlyList<float[][]> cases, IReadOnlyList<int>? labels)
    {
        if (labels is null) return null;
        var runner = new FloatRunner(graph);
        int right = cases.Where((inputs, c) => Measurement.Largest(runner.Run(inputs)[graph.Outputs[0]]) == labels[c]).Count();
        return (double)right / cases.Count;
    }

    private static string Reason(Contender best, List<Contender> all)
    {
        Contender? other = all.Where(c => c != best).OrderByDescending(c => c.Measured.Accuracy ?? 0).ThenByDescending(c => c.Measured.Output).FirstOrDefault();
        string own = $"{best.Name}: {best.Measured.Output:F1} dB at the output";
        if (best.Measured.Accuracy is { } accuracy) own += $", {accuracy:P1} of the labels right";
        if (other is null) return own + ".";
        bool byLabels = best.Measured.Accuracy != other.Measured.Accuracy;
        string next = byLabels ? $"{other.Measured.Accuracy:P1} of {other.Name}" : $"{other.Measured.Output:F1} dB of {other.Name}";
        return $"{own}; the next best is {next}.";
    }
}
