using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Quantise.Improve;
using TinyAI.ModelPacker.Quantise.Measure;
using TinyAI.ModelPacker.Quantise.Prepare;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Quantise;

/// <summary>Random float networks through the quantiser and the device runtime.</summary>
public sealed class RandomNetworkTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_network_keeps_its_signal(int seed)
    {
        (Graph graph, List<float[][]> cases, string text) = Model(seed);
        ShootOutResult result = ShootOut.Run(graph, cases, null, Calibrator.All);
        Assert.True(result.Chosen.Measured.Output > 22, $"{result.Chosen.Measured.Output:F1} dB of {text}");
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_int8_file_gives_the_bytes_of_the_pack(int seed)
    {
        (Graph graph, List<float[][]> cases, string text) = Model(seed);
        QuantisedGraph quantised = Quantised(graph, cases);
        var direct = new ModelRunner(Pack(quantised.Graph));
        var file = new ModelRunner(Packer.Pack(TfliteExport.Write(quantised.Graph), "file").Pack);
        var traced = new DeviceTrace(quantised);
        foreach (float[][] inputs in cases)
        {
            byte[][] bytes = [.. inputs.Select((v, i) => RealNumbers.Bytes(v, graph.Inputs[i].Type))];
            byte[] expected = direct.Run(bytes)[0];
            Assert.True(expected.AsSpan().SequenceEqual(file.Run(bytes)[0]), $"the file differs: {text}");
            Assert.True(expected.AsSpan().SequenceEqual(traced.Run(bytes).Outputs[0]), $"the traced pack differs: {text}");
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Preparation_and_equalisation_change_nothing_in_float(int seed)
    {
        (Graph graph, List<float[][]> cases, string text) = Model(seed);
        Graph prepared = ShootOut.Prepare(graph);
        (Graph equalised, Dictionary<Tensor, Tensor> copies) = GraphCopy.Of(prepared);
        Dictionary<Tensor, Tensor> originals = copies.ToDictionary(c => c.Value, c => c.Key);
        Equalisation.Run(equalised, t => originals[t], Calibration.Observe(prepared, cases));
        var signal = new SignalToNoise();
        foreach (float[][] inputs in cases)
        {
            float[] expected = FloatRunner.Run(graph, inputs)[graph.Outputs[0]];
            signal.Add(expected, FloatRunner.Run(prepared, inputs)[prepared.Outputs[0]]);
            signal.Add(expected, FloatRunner.Run(equalised, inputs)[equalised.Outputs[0]]);
        }

        Assert.True(signal.Decibels > 100, $"{signal.Decibels:F1} dB of {text}");
    }

    private static (Graph Graph, List<float[][]> Cases, string Text) Model(int seed)
    {
        var model = new RandomFloatModel(seed);
        return (TfliteImporter.Import(model.File, "random"), [.. RandomFloatModel.Inputs(model.InputShape, 8, seed + 1000).Select(v => (float[][])[v])], model.ToString());
    }

    private static QuantisedGraph Quantised(Graph graph, List<float[][]> cases)
    {
        Graph prepared = ShootOut.Prepare(graph);
        Calibration calibration = Calibration.Observe(prepared, cases);
        return Quantiser.Run(prepared, t => calibration.HistogramOf(t).Range);
    }

    private static byte[] Pack(Graph quantised)
    {
        Graph graph = GraphCopy.Of(quantised).Graph;
        PassList.Run(graph);
        OperatorTable.Require(graph);
        return Packer.Pack(Lowering.Run(graph), new Metadata(), int.MaxValue).Pack;
    }
}
