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
public sealed record ShootOutResult(Graph Prepared, IReadOnlyList<Contender> Contenders, Contender Chosen, string Why, double? FloatAccuracy)
{
    /// <summary>How many cases the forms were measured on, and whether calibration had seen them.</summary>
    public required (int Count, bool Seen) Measured { get; init; }
}

/// <summary>
/// Quantises a model with each calibrator, measures every form with the device runtime against the float model, and
/// chooses: by accuracy where labels are known, then by the signal-to-noise ratio at the output. Equalisation, bias
/// correction and a search over the ranges are tried on the winner in turn and kept where they help. Cases that are held out
/// serve for the measuring alone.
/// </summary>
public sealed class ShootOut
{
    /// <summary>With so many cases or more, some are held out unless the user says otherwise.</summary>
    public const int EnoughToHoldOut = 10;

    /// <summary>Then every so-manieth is.</summary>
    public const int HeldOut = 5;

    /// <summary>Gains below this many decibels are chance.</summary>
    private const double LeastGain = 0.1;

    private readonly Graph _prepared;
    private readonly ReferenceCases _seen;
    private readonly ReferenceCases _cases;
    private readonly IReadOnlyList<int>? _labels;
    private readonly List<Contender> _contenders = [];

    private ShootOut(Graph prepared, ReferenceCases seen, ReferenceCases cases, IReadOnlyList<int>? labels) => (_prepared, _seen, _cases, _labels) = (prepared, seen, cases, labels);

    /// <summary>
    /// How a contender is made: the float graph with the calibration that belongs to it, the graph whose constants are quantised
    /// (the same, or one with other biases), and its tensors' counterparts in the float graph.
    /// </summary>
    private sealed record Recipe(Graph Float, Calibration Calibration, Graph Source, Func<Tensor, Tensor> ToFloat, Calibrator Calibrator)
    {
        public QuantisedGraph Quantise(IReadOnlyDictionary<Tensor, ValueRange>? chosen = null) => Quantiser.Run(Source, t => Calibration.Range(Calibrator, ToFloat(t)), chosen);
    }

    /// <summary>Makes a float graph ready: what the quantiser must not meet as separate operators is joined. The graph itself stays.</summary>
    public static Graph Prepare(Graph graph)
    {
        Graph prepared = GraphCopy.Of(graph).Graph;
        FoldConstants.Run(prepared);
        IntegersAsReal.Run(prepared);
        SplitLogSoftmax.Run(prepared);
        FloorAsRound.Run(prepared);
        UseWeights.Run(prepared);
        FuseFloatActivation.Run(prepared);
        RemoveDeadNodes.Run(prepared);
        return prepared;
    }

    /// <summary>Runs the shoot-out.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="cases">Inputs, a tensor each.</param>
    /// <param name="labels">The right class of each case, or null.</param>
    /// <param name="calibrators">Which calibrators take part; with more than one, ranges are searched too.</param>
    /// <param name="progress">Is told what comes next.</param>
    /// <param name="holdOut">Every so-manieth case is kept from calibration and search; the others are not measured. 0: all serve for both, as where the model keeps a state.</param>
    public static ShootOutResult Run(
        Graph graph, IReadOnlyList<float[][]> cases, IReadOnlyList<int>? labels, IReadOnlyList<Calibrator> calibrators, Action<string>? progress = null, int holdOut = 0)
    {
        bool splits = holdOut > 1 && cases.Count >= holdOut && !ReferenceCases.KeepsState(graph);
        float[][][] held = [.. cases.Where((_, c) => splits && c % holdOut == holdOut - 1)], seen = [.. cases.Where((_, c) => !splits || c % holdOut != holdOut - 1)];
        if (splits) labels = labels?.Where((_, c) => c % holdOut == holdOut - 1).ToArray();
        Graph prepared = Prepare(graph);
        List<string> reasons = [.. FloatRunner.Check(prepared), .. Quantiser.Check(prepared)];
        if (reasons.Count > 0) throw new UnsupportedModelException(reasons);
        progress?.Invoke("calibrating");
        Calibration calibration = Calibration.Observe(prepared, seen);
        RequireDevice(Quantiser.Run(prepared, t => calibration.HistogramOf(t).Range).Graph);
        var calibrated = new ReferenceCases(graph, seen);
        return new ShootOut(prepared, calibrated, splits ? new ReferenceCases(graph, held) : calibrated, labels).Run(calibration, calibrators, progress);
    }

    private ShootOutResult Run(Calibration calibration, IReadOnlyList<Calibrator> calibrators, Action<string>? progress)
    {
        (Contender Contender, Recipe Recipe)? best = null;
        foreach (Calibrator calibrator in calibrators) Try(new Recipe(_prepared, calibration, _prepared, t => t, calibrator), calibrator.Name, calibrator.Idea);
        if (Equalised(best!.Value.Recipe) is { } equalised) Try(equalised, best.Value.Contender.Name + " + equalisation", "factors moved between layers");
        Try(Corrected(best.Value.Recipe), best.Value.Contender.Name + " + bias correction", "mean errors of rounded weights taken back");
        Recipe recipe = best.Value.Recipe;
        if (calibrators.Count > 1 && best.Value.Contender.Measured.Output < RangeSearch.Enough)
        {
            progress?.Invoke("range search");
            QuantisedGraph searched = RangeSearch.Run(
                chosen => recipe.Quantise(chosen), t => calibrators.Select(c => recipe.Calibration.Range(c, recipe.ToFloat(t))), _seen, Work(best.Value.Contender.Quantised.Graph));
            Add(recipe, searched, best.Value.Contender.Name + " + range search", "ranges that serve the output");
        }

        return new ShootOutResult(_prepared, _contenders, best.Value.Contender, Reason(best.Value.Contender), FloatAccuracy())
        {
            Measured = (_cases.Count, _cases == _seen),
        };

        void Try(Recipe tried, string name, string idea)
        {
            progress?.Invoke(name);
            Add(tried, tried.Quantise(), name, idea);
        }

        void Add(Recipe tried, QuantisedGraph quantised, string name, string idea)
        {
            // Where biases were corrected, the source's tensors stand for those of the graph before.
            QuantisedGraph compared = quantised with { Integers = quantised.Integers.ToDictionary(i => tried.ToFloat(i.Key), i => i.Value) };
            var contender = new Contender(name, idea, quantised, Measurement.Of(tried.Float, compared, _cases, _labels));
            _contenders.Add(contender);
            if (best is null || Better(contender, best.Value.Contender)) best = (contender, tried);
        }
    }

    private static Recipe? Equalised(Recipe recipe)
    {
        (Graph equalised, Dictionary<Tensor, Tensor> copies) = GraphCopy.Of(recipe.Float);
        Dictionary<Tensor, Tensor> originals = copies.ToDictionary(c => c.Value, c => c.Key);
        if (Equalisation.Run(equalised, t => originals[t], recipe.Calibration) == 0) return null;
        return recipe with { Float = equalised, Calibration = recipe.Calibration.Again(equalised), Source = equalised };
    }

    private static Recipe Corrected(Recipe recipe)
    {
        (Graph corrected, Dictionary<Tensor, Tensor> copies) = GraphCopy.Of(recipe.Float);
        Dictionary<Tensor, Tensor> originals = copies.ToDictionary(c => c.Value, c => c.Key);
        BiasCorrection.Run(corrected, t => originals[t], recipe.Calibration);
        return recipe with { Source = corrected, ToFloat = t => originals.GetValueOrDefault(t, t) };
    }

    /// <summary>Shapes and options must be those that the device's operators take.</summary>
    private static void RequireDevice(Graph quantised)
    {
        Graph trial = GraphCopy.Of(quantised).Graph;
        PassList.Run(trial);
        OperatorTable.Require(trial);
    }

    private long Work(Graph quantised) => quantised.Nodes.Sum(n => (OperatorTable.Find(n)?.Macs(n) ?? 0) * _seen.Count + RangeSearch.WorkOfNode);

    private static bool Better(Contender a, Contender b)
    {
        double gain = (a.Measured.Accuracy ?? 0) - (b.Measured.Accuracy ?? 0);
        return gain != 0 ? gain > 0 : a.Measured.Output > b.Measured.Output + LeastGain;
    }

    private double? FloatAccuracy() =>
        _labels is null ? null : (double)_cases.Outputs.Where((outputs, c) => Measurement.Largest(outputs[0]) == _labels[c]).Count() / _cases.Count;

    private string Reason(Contender best)
    {
        Contender? other = _contenders.Where(c => c != best).OrderByDescending(c => c.Measured.Accuracy ?? 0).ThenByDescending(c => c.Measured.Output).FirstOrDefault();
        string own = $"{best.Name}: {best.Measured.Output:F1} dB at the output";
        if (best.Measured.Accuracy is { } accuracy) own += $", {accuracy:P1} of the labels right";
        if (other is null) return own + ".";
        bool byLabels = best.Measured.Accuracy != other.Measured.Accuracy;
        string next = byLabels ? $"{other.Measured.Accuracy:P1} of {other.Name}" : $"{other.Measured.Output:F1} dB of {other.Name}";
        return $"{own}; the next best is {next}.";
    }
}
