using Mono.Cecil;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>Models of the shared zoo as generated code, compiled and run on the goldens.</summary>
public class GeneratedZooTests
{
    /// <summary>Models whose every layer has a generated form.</summary>
    public static TheoryData<string> Models =>
    [
        "nanguoyu_magic_wand_imu6", "mltk_magic_wand", "tinymaix_mnist_arduino_q", "tinymaix_mnist_rect_q", "tinymaix_mnist_valid_q",
        "tflm_hello_world_int8", "tflm_micro_speech", "arduino_magic_wand_stroke", "mlperf_ad_autoencoder", "mlperf_kws_dscnn",
        "mlperf_sww_streaming_wakeword",
    ];

    /// <summary>The others: some layers are kernels because they have no code, or all because their code would take long to compile here.</summary>
    public static TheoryData<string, string> Mixed => new()
    {
        { "mww_v2_hey_jarvis", "auto" }, { "tflm_dtln_noise_suppression", "auto" }, { "tflm_keyword_scrambled_svdf_8bit", "auto" }, { "tflm_mnist_lstm_int8", "auto" },
        { "armzoo_dscnn_s_int16x8", "auto" }, { "mltk_rock_paper_scissors", "none" }, { "mlperf_vww_mobilenetv1_96", "none" }, { "tinyengine_mcunet_vww", "none" },
        { "mlperf_ic_resnet8", "none" }, { "tflm_person_detect", "none" }, { "tinyhar_cnn_deep", "none" }, { "tinyhar_cnn_attention", "none" },
        { "mltk_fingerprint_signature", "none" }, { "tinymaix_mbnet96_025_q", "none" }, { "mlperf_kws_dscnn", "none" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Generated_code_gives_the_golden_bytes(string model) => GivesGoldenBytes(model, new CodeOptions());

    [Theory]
    [MemberData(nameof(Mixed))]
    public void A_library_with_kernels_gives_the_golden_bytes(string model, string code) =>
        GivesGoldenBytes(model, code == "auto" ? new CodeOptions() : new CodeOptions { CodeLayers = new HashSet<int>() });

    [Theory]
    [InlineData("nanguoyu_magic_wand_imu6", 5)]
    [InlineData("mltk_magic_wand", 5)]
    [InlineData("tflm_micro_speech", 5)]
    [InlineData("arduino_magic_wand_stroke", 5)]
    [InlineData("tinymaix_mnist_rect_q", 5)]
    [InlineData("tinymaix_mnist_valid_q", 5)]
    [InlineData("tinymaix_mnist_arduino_q", 18)]
    public void Code_for_little_flash_gives_the_golden_bytes_and_stays_below_its_bytes_per_weight(string model, double most)
    {
        GeneratedLibrary library = GivesGoldenBytes(model, new CodeOptions { Optimise = Optimise.Size });
        Assert.InRange(library.BytesPerWeight, 1, most);
    }

    private static GeneratedLibrary GivesGoldenBytes(string model, CodeOptions options)
    {
        string zoo = SharedFolder.ZooOrSkip();
        PackResult packed = Packer.Pack(File.ReadAllBytes(Path.Combine(zoo, "models", model + ".tflite")), model);
        GeneratedLibrary library = CSharpEmitter.Emit(packed, options: options);
        CompiledLibrary compiled = CompiledLibrary.Of(library);
        bool stateful = File.ReadAllText(Path.Combine(zoo, "golden", model, "meta.json")).Contains("\"stateful_sequence\": true");
        int cases = 0;
        foreach (GoldenCase golden in GoldenCase.In(Path.Combine(zoo, "golden", model)))
        {
            if (!stateful) compiled.Reset();
            byte[][] outputs = compiled.Run(ModelBorders.ToSession(packed, golden.Inputs));
            for (int i = 0; i < outputs.Length; i++)
                Assert.True(ModelBorders.ToModel(packed, i, outputs[i]).AsSpan().SequenceEqual(golden.Outputs[i]), $"{model}: case {golden.Name}, output {i} differs");
            cases++;
        }

        Assert.True(cases >= 5, "the zoo has at least five cases per model");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{model}: flash {library.FlashBytes:N0} B, {library.BytesPerWeight:F2} per weight, heap {library.HeapBytes:N0}, activations {library.ActivationBytes:N0} (pack {packed.Heap.Activations:N0})");
        for (int i = 0; i < compiled.Images.Count; i++) CheckLimits(compiled.Images[i], library.Assemblies[i]);
        return library;
    }

    internal static void CheckLimits(byte[] image, GeneratedAssembly assembly)
    {
        using AssemblyDefinition definition = AssemblyDefinition.ReadAssembly(new MemoryStream(image));
        var bodies = definition.MainModule.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody).ToList();
        int il = bodies.Sum(m => m.Body.CodeSize);
        Assert.InRange(il, 0, 65_535);
        Assert.InRange(assembly.IlBytes, il * 0.85, il * 1.25 + 400);
        foreach (MethodDefinition method in bodies)
        {
            Assert.InRange(method.Body.CodeSize, 0, 60_000);
            Assert.InRange(method.Body.Variables.Count, 0, 250);
            Assert.InRange(method.Body.MaxStackSize, 0, 200);
            Assert.InRange(method.Parameters.Count, 0, 200);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{assembly.Name}: {bodies.Count} methods, IL {il} (estimate {assembly.IlBytes}), RAM {assembly.RamBytes}; "
            + string.Join(", ", bodies.Select(m => $"{m.DeclaringType.Name}.{m.Name} {m.Body.CodeSize}")));
    }
}
