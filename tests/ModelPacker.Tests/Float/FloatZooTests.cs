using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Quantise.Prepare;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Float;

/// <summary>The float evaluator against outputs of TensorFlow Lite Micro, which this project did not make.</summary>
public sealed class FloatZooTests
{
    [Fact]
    public void The_float_model_of_the_zoo_gives_its_golden_outputs()
    {
        (Graph graph, string golden) = Open("classic_magic_wand_ring_slope");
        var runner = new FloatRunner(graph);
        int cases = 0;
        foreach (GoldenCase @case in GoldenCase.In(golden))
        {
            Dictionary<Tensor, float[]> values = runner.Run([.. graph.Inputs.Select((t, i) => RealNumbers.Of(t, @case.Inputs[i]))]);
            float[] expected = RealNumbers.Of(graph.Outputs[0], @case.Outputs[0]), actual = values[graph.Outputs[0]];
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-5f);
            cases++;
        }

        Assert.True(cases > 0);
    }

    /// <summary>
    /// Rounded to the grid of every tensor, real numbers give what the integers of TensorFlow Lite Micro give but for single
    /// steps here and there; the bound is the mean difference in steps of the output, which a wrong operator exceeds at once. Two
    /// networks of many layers before a softmax get further away: TensorFlow Lite Micro rounds twice a layer, and each integer that
    /// this moves moves others. The test below has the proof: with one rounding a layer they are as near as the rest.
    /// </summary>
    [Theory]
    [InlineData("mlperf_kws_dscnn", 1)]
    [InlineData("mlperf_ic_resnet8", 5)]
    [InlineData("mlperf_ad_autoencoder", 1)]
    [InlineData("mlperf_vww_mobilenetv1_96", 1)]
    [InlineData("tflm_person_detect", 5)]
    [InlineData("tflm_hello_world_int8", 1)]
    [InlineData("tflm_micro_speech", 1)]
    [InlineData("tinyhar_cnn_attention", 1)]
    [InlineData("tinyhar_cnn_deep", 1)]
    [InlineData("mww_v2_hey_jarvis", 1)]
    [InlineData("mltk_magic_wand", 1)]
    [InlineData("mltk_rock_paper_scissors", 1)]
    [InlineData("nanguoyu_magic_wand_imu6", 1)]
    [InlineData("tinymaix_mnist_valid_q", 1)]
    [InlineData("arduino_magic_wand_stroke", 1)]
    public void An_integer_model_computed_in_rounded_real_numbers_stays_within_a_step_or_two(string name, double steps)
    {
        (Graph graph, string golden) = Open(name);
        var runner = new FloatRunner(graph, round: true);
        double sum = 0;
        int count = 0;
        foreach (GoldenCase @case in GoldenCase.In(golden).Take(5))
        {
            if (!name.StartsWith("mww", StringComparison.Ordinal)) runner.Reset();
            Dictionary<Tensor, float[]> values = runner.Run([.. graph.Inputs.Select((t, i) => RealNumbers.Of(t, @case.Inputs[i]))]);
            for (int o = 0; o < graph.Outputs.Count; o++)
            {
                Tensor output = graph.Outputs[o];
                float step = Step(graph, output);
                float[] expected = RealNumbers.Of(output, @case.Outputs[o]);
                for (int i = 0; i < expected.Length; i++, count++) sum += Math.Abs(expected[i] - values[output][i]) / step;
            }
        }

        Assert.True(count > 0);
        Assert.True(sum / count <= steps, $"{name}: {sum / count:F2} steps on average");
    }

    /// <summary>
    /// The device's own code with a single rounding a layer, against the same real numbers: what remains of the difference to
    /// TensorFlow Lite Micro's goldens above is its second rounding.
    /// </summary>
    [Theory]
    [InlineData("mlperf_ic_resnet8")]
    [InlineData("tflm_person_detect")]
    public void With_one_rounding_a_layer_integers_and_rounded_real_numbers_are_half_a_step_apart_on_average(string name)
    {
        (Graph graph, string golden) = Open(name);
        foreach (Tensor tensor in graph.Nodes.SelectMany(n => n.Outputs)) tensor.RoundedOnce = tensor.Type == TfliteType.INT8;
        var real = new FloatRunner(graph, round: true);
        (Graph copy, _) = GraphCopy.Of(graph);
        PassList.Run(copy);
        var device = new ModelRunner(Packer.Pack(Lowering.Run(copy), new Metadata(), int.MaxValue).Pack);
        double sum = 0;
        int count = 0;
        foreach (GoldenCase @case in GoldenCase.In(golden).Take(5))
        {
            Tensor output = graph.Outputs[0];
            float[] expected = real.Run([.. graph.Inputs.Select((t, i) => RealNumbers.Of(t, @case.Inputs[i]))])[output];
            float[] actual = RealNumbers.Of(output, device.Run(@case.Inputs)[0]);
            for (int i = 0; i < expected.Length; i++, count++) sum += Math.Abs(expected[i] - actual[i]) / Step(graph, output);
        }

        Assert.True(count > 0);
        Assert.True(sum / count <= 0.5, $"{name}: {sum / count:F3} steps on average");
    }

    private static float Step(Graph graph, Tensor output) =>
        output.Quantisation?.Scale ?? graph.Producer(output) switch
        {
            { Operator: BuiltinOperator.DEQUANTIZE } node => node.Input().Scale,
            _ => 1f / 256,
        };

    private static (Graph Graph, string Golden) Open(string name)
    {
        string zoo = SharedFolder.ZooOrSkip();
        Graph graph = TfliteImporter.Import(File.ReadAllBytes(Path.Combine(zoo, "models", name + ".tflite")), name);
        return (graph, Path.Combine(zoo, "golden", name));
    }
}
