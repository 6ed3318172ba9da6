using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Survey;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>Damaged files end in a sentence, never in a crash, a hang or an exception of .NET's.</summary>
public class OnnxDamageTests
{
    private static readonly string[] s_models = ["micro_kws_m_static_qoperator", "burn_lstm_bidir", "tract_qlstm", "ort_hf_fp32_encoder_self_attention", "ort_conv_qdq_u8u8", "ort_gpt2_one_layer"];

    public static TheoryData<string> Names => [.. s_models];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_truncated_file_is_refused(string name)
    {
        byte[] file = File.ReadAllBytes(OnnxModels.Open(name).Path);
        for (int length = 0; length < file.Length; length += 1 + file.Length / 97) Import(file[..length]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Changed_bytes_give_a_model_or_a_sentence(string name)
    {
        SurveyedModel model = OnnxModels.Open(name);
        byte[] file = File.ReadAllBytes(model.Path);
        var random = new Random(name.Length);
        for (int round = 0; round < 300; round++)
        {
            byte[] damaged = [.. file];
            for (int i = random.Next(1, 5); i > 0; i--) damaged[random.Next(damaged.Length)] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
            Import(damaged);
        }
    }

    private static void Import(byte[] file)
    {
        try
        {
            Graph graph = ModelImporter.Import(file, "damaged", new ImportOptions(new Dictionary<string, int[]>()));
            Packer.Pack(graph, new Metadata());
        }
        catch (Exception e) when (e is ModelFormatException or UnsupportedModelException or PackException)
        {
            Assert.NotEmpty(e.Message);
        }
    }
}
