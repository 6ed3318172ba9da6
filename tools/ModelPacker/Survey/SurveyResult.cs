using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Survey;

/// <summary>How near outputs are to the goldens: over all cases and outputs.</summary>
/// <param name="Decibels">Signal to noise of all outputs over all cases.</param>
/// <param name="Worst">The same of the worst case alone.</param>
/// <param name="WithinTwoSteps">Share of elements within two steps of the output's scale; 1 where outputs have no scale.</param>
/// <param name="LargestSteps">The largest difference in steps.</param>
/// <param name="SameTop">Cases whose largest output is the golden's; null where the first output is no row of classes.</param>
/// <param name="Cases">Number of cases.</param>
public sealed record Closeness(double Decibels, double Worst, double WithinTwoSteps, double LargestSteps, int? SameTop, int Cases);

/// <summary>What the survey found of one model.</summary>
public sealed record SurveyResult(SurveyedModel Model)
{
    /// <summary>Why the model cannot be imported or run; empty where it runs.</summary>
    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>Float arithmetic against the goldens.</summary>
    public Closeness? Float { get; init; }

    /// <summary>The device's runtime against the goldens.</summary>
    public Closeness? Device { get; init; }

    /// <summary>What runs on the device: given where the model says its quantisation, otherwise the calibrator's name.</summary>
    public string Quantisation { get; init; } = "";

    /// <summary>Flash, heap and work.</summary>
    public Account? Account { get; init; }

    /// <summary>Nodes of the cleaned graph.</summary>
    public int Nodes { get; init; }

    /// <summary>Imports, computes, packs and runs a model.</summary>
    public static SurveyResult Of(SurveyedModel model)
    {
        var result = new SurveyResult(model);
        try
        {
            Graph graph = model.Import();
            result = result with { Nodes = graph.Nodes.Count, Float = Compare(new FloatModelRunner(graph), model, graph, null) };
            (PackResult packed, string how) = Pack(model, graph);
            var runner = new ModelRunner(packed.Pack);
            return result with { Device = Compare(runner, model, graph, runner), Quantisation = how, Account = Account.Of(packed) };
        }
        catch (UnsupportedModelException e)
        {
            return result with { Reasons = e.Reasons };
        }
    }

    private static (PackResult Packed, string How) Pack(SurveyedModel model, Graph graph)
    {
        try
        {
            return (Packer.Pack(model.Import(), new Metadata()), "given");
        }
        catch (UnsupportedModelException)
        {
            float[][][] cases = [.. model.Cases().Select(c => c.Inputs.Select((b, i) => SurveyedModel.Reals(graph.Inputs[i], b)).ToArray())];
            ShootOutResult result = ShootOut.Run(graph, cases, null, Calibrator.All);
            Graph integers = result.Chosen.Quantised.Graph;
            PassList.Run(integers);
            OperatorTable.Require(integers);
            return (Packer.Pack(Lowering.Run(integers), new Metadata(), int.MaxValue), result.Chosen.Name);
        }
    }

    private static Closeness Compare(IModelRunner runner, SurveyedModel model, Graph graph, ModelRunner? device)
    {
        double worst = double.PositiveInfinity, largest = 0, allSignal = 0, allNoise = 0;
        long elements = 0, near = 0;
        int cases = 0, same = 0;
        bool isRow = graph.Outputs[0].Shape is [.., > 1] shape && shape[^1] == graph.Outputs[0].Count;
        foreach ((byte[][] inputs, byte[][] outputs) in model.Cases())
        {
            runner.Reset();
            byte[][] got = runner.Run(inputs);
            double signal = 0, noise = 0;
            for (int o = 0; o < outputs.Length; o++)
            {
                float[] wanted = SurveyedModel.Reals(graph.Outputs[o], outputs[o]), given = SurveyedModel.Reals(graph.Outputs[o], got[o]);
                double scale = device is null ? 0 : BitConverter.Int32BitsToSingle(device.Model.Output(o).ScaleBits);
                for (int e = 0; e < wanted.Length; e++)
                {
                    double difference = Math.Abs((double)wanted[e] - given[e]);
                    signal += (double)wanted[e] * wanted[e];
                    noise += difference * difference;
                    double steps = scale > 0 ? difference / scale : 0;
                    elements++;
                    if (steps <= 2.001) near++;
                    largest = Math.Max(largest, steps);
                }

                if (o == 0 && isRow && wanted[Array.IndexOf(given, given.Max())] >= wanted.Max()) same++;
            }

            worst = Math.Min(worst, Ratio(signal, noise));
            allSignal += signal;
            allNoise += noise;
            cases++;
        }

        return new Closeness(Ratio(allSignal, allNoise), worst, (double)near / elements, largest, isRow ? same : null, cases);

        static double Ratio(double signal, double noise) => 10 * Math.Log10(signal / Math.Max(noise, 1e-30));
    }
}
