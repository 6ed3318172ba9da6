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

        // The network ends in a softmax of logits whose step is 0.17: one step of a logit moves a probability by up to ten steps of 1/256.
        double share = name == "mlc_kai_ic" ? 0.85 : 0.99;
        Assert.True(near >= share * elements, $"{name}: {near} of {elements} elements are within two steps");
        if (name.StartsWith("m", StringComparison.Ordinal)) Assert.Equal(cases, same);
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
