using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Survey;

namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>Models that say their quantisation run on the device's code and stay within two steps of the reference.</summary>
public class OnnxQuantisedTests
{
    public static TheoryData<string> Names =>
    [
        "micro_kws_m_static_qdq", "mlc_kai_ad", "mlc_kai_ic", "mlc_kai_kws", "ort_conv_qdq_s8s8_perchannel", "ort_conv_qdq_u8u8",
        "ort_layout_transform_reshape_qdq", "micro_kws_m_qoperator_softmax", "micro_kws_m_static_qoperator", "tract_qlstm",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_quantised_model_stays_within_two_steps_of_the_reference(string name)
    {
        SurveyedModel model = OnnxModels.Open(name);
        Graph graph = model.Import();
        var runner = new ModelRunner(Packer.Pack(model.Import(), new Metadata()).Pack);
        long elements = 0, near = 0;
        int cases = 0, same = 0;
        foreach ((byte[][] inputs, byte[][] outputs) in model.Cases())
        {
            runner.Reset();
            byte[][] got = runner.Run(inputs);
            for (int o = 0; o < outputs.Length; o++)
            {
                float[] a = SurveyedModel.Reals(graph.Outputs[o], outputs[o]), b = SurveyedModel.Reals(graph.Outputs[o], got[o]);
                float scale = BitConverter.Int32BitsToSingle(runner.Model.Output(o).ScaleBits);
                near += a.Zip(b, (x, y) => Math.Abs(x - y) <= 2.001f * scale).Count(close => close);
                elements += a.Length;
                if (o == 0 && a[Array.IndexOf(b, b.Max())] >= a.Max()) same++;
            }

            cases++;
        }

        Assert.True(near >= 0.99 * elements, $"{name}: {near} of {elements} elements are within two steps");
        if (name.StartsWith('m')) Assert.Equal(cases, same);
    }

    /// <summary>
    /// The reference computes in float between the model's QUANTIZE and DEQUANTIZE, the device in integers that are rounded once a
    /// layer: through 10 to 35 layers every integer is the same. What may differ is the last bit of a softmax, whose scale is the device's.
    /// </summary>
    [Theory]
    [InlineData("mlc_kai_ad", 0.01)]
    [InlineData("mlc_kai_kws", 1.01)]
    [InlineData("mlc_kai_ic", 1.01)]
    [InlineData("ort_conv_qdq_s8s8_perchannel", 0.01)]
    [InlineData("micro_kws_m_qoperator_softmax", 0.01)]
    [InlineData("micro_kws_m_static_qoperator", 0.01)]
    public void Layers_that_round_once_give_the_integers_of_the_reference(string name, double steps)
    {
        SurveyedModel model = OnnxModels.Open(name);
        Graph graph = model.Import();
        var runner = new ModelRunner(Packer.Pack(model.Import(), new Metadata()).Pack);
        float scale = BitConverter.Int32BitsToSingle(runner.Model.Output(0).ScaleBits);
        foreach ((byte[][] inputs, byte[][] outputs) in model.Cases())
        {
            float[] expected = SurveyedModel.Reals(graph.Outputs[0], outputs[0]), actual = SurveyedModel.Reals(graph.Outputs[0], runner.Run(inputs)[0]);
            Assert.True(expected.Zip(actual, (x, y) => Math.Abs(x - y)).Max() <= steps * scale, name);
        }
    }

    [Theory]
    [InlineData("mlc_kai_ad", BuiltinOperator.FULLY_CONNECTED, 10)]
    [InlineData("mlc_kai_kws", BuiltinOperator.CONV_2D, 5)]
    [InlineData("micro_kws_m_static_qoperator", BuiltinOperator.CONV_2D, 3)]
    public void Weights_keep_the_integers_of_the_file(string name, BuiltinOperator op, int layers)
    {
        SurveyedModel model = OnnxModels.Open(name);
        Graph graph = ModelPacker.Quantise.GivenQuantisation.Run(model.Import());
        Node[] weighted = [.. graph.Nodes.Where(n => n.Operator == op && n.Input(1).IsConstant)];
        Assert.Equal(layers, weighted.Length);
        HashSet<string> stored = [.. ModelPacker.Import.Onnx.OnnxReader.Read(File.ReadAllBytes(model.Path)).Graph.Initialisers
            .Where(t => t.ElementType == 3 && t.Raw is not null).Select(t => Convert.ToHexString([.. t.Raw!.Order()]))];
        foreach (Node node in weighted) Assert.Contains(Convert.ToHexString([.. node.Input(1).Data!.Order()]), stored);
    }
}
