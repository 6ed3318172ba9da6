using TinyAI.Bench;
using TinyAI.Bench.Baseline;
using TinyAI.Bench.Forms;
using TinyAI.Bench.Nano;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.NanoInterpreter;

namespace TinyAI.CostModel.Tests;

/// <summary>The baseline's honesty, the document's figures, and the prediction against the interpreter.</summary>
public class BenchTests(ITestOutputHelper output)
{
    public static TheoryData<string> Models =>
    [
        "arduino_magic_wand_stroke", "mlperf_ad_autoencoder", "mlperf_kws_dscnn", "mlperf_sww_streaming_wakeword", "mltk_magic_wand", "mww_v2_hey_jarvis",
        "mww_v2_hey_mycroft", "mww_v2_okay_nabu", "nanguoyu_magic_wand_imu6", "tflm_dtln_noise_suppression", "tflm_hello_world_int8",
        "tflm_keyword_scrambled_svdf_8bit", "tflm_micro_speech", "tflm_mnist_lstm_int8", "tinymaix_mnist_arduino_q", "tinymaix_mnist_rect_q",
        "tinymaix_mnist_valid_q",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_plain_baseline_gives_the_golden_bytes(string name)
    {
        BenchModel model = BenchModel.FromZoo(SharedFolder.ZooOrSkip(), name);
        var plain = new PlainModel(model.Graph());
        Assert.True(model.Goldens.Count >= 5);
        for (int i = 0; i < model.Goldens.Count; i++)
        {
            if (!model.IsStateful) plain.Reset();
            plain.Write(model.Inputs[i]);
            plain.Run(type => typeof(Bench.Plain.Conv2D).Assembly.GetType("TinyAI.Bench.Plain." + type)!);
            byte[][] outputs = plain.Read();
            for (int o = 0; o < outputs.Length; o++) Assert.Equal(model.Goldens[i][o], outputs[o]);
        }
    }

    [Theory]
    [InlineData("tflm_hello_world_int8")]
    [InlineData("tinymaix_mnist_arduino_q")]
    public void The_performance_document_holds_the_figures_of_the_command(string name)
    {
        BenchRow row = BenchRun.Measure(BenchModel.FromZoo(SharedFolder.ZooOrSkip(), name), CostTable.Host);
        Assert.True(row is { CodeCost: > 0, CodeFlashBytes: > 0, CodeHeapBytes: > 0 }, "the model has a generated form, so its figures are compared too");
        string document = File.ReadAllText(Path.Combine(Folders.Repository!, "docs", "performance.md"));
        foreach (string table in new[] { PerformanceDocument.Costs([row], CostTable.Host), PerformanceDocument.Sizes([row]) })
        {
            string line = table.Split('\n')[^1];
            Assert.StartsWith($"| {name} |", line);
            Assert.True(document.Contains(line, StringComparison.Ordinal), $"docs/performance.md lacks this line, renew it with dotnet run -c Release --project bench -- --write:\n{line}");
        }
    }

    [Fact]
    public void A_form_with_wrong_outputs_is_reported_and_not_weighed()
    {
        string zoo = SharedFolder.ZooOrSkip();
        BenchModel model = BenchModel.FromZoo(zoo, "tflm_hello_world_int8");
        model.Goldens[2][0][0] ^= 1;
        var e = Assert.Throws<WrongOutputException>(() => BenchRun.Measure(model, CostTable.Host));
        Assert.Contains("case 2", e.Message);
    }

    [Theory]
    [InlineData("tflm_hello_world_int8")]
    [InlineData("tinymaix_mnist_arduino_q")]
    public void Generated_code_is_weighed_below_the_kernels_that_read_weights(string name)
    {
        BenchRow row = BenchRun.Measure(BenchModel.FromZoo(SharedFolder.ZooOrSkip(), name), CostTable.Host);
        Assert.InRange(row.CodeCost!.Value, row.Macs / 3, row.RuntimeCost!.Value / 2);
        Assert.Contains(row.Forms["code"].Cost.Methods, m => m.Method.StartsWith("TinyAI.Models.", StringComparison.Ordinal) && m.Calls > 0);
    }

    [Fact]
    public void A_model_whose_layers_are_no_code_is_weighed_with_the_kernels_that_its_library_calls()
    {
        BenchModel model = BenchModel.FromZoo(SharedFolder.ZooOrSkip(), "tflm_mnist_lstm_int8");
        var kernels = new CodeOptions { CodeLayers = new HashSet<int>() };
        FormReport code = Assert.IsType<FormReport>(new CodeForm(kernels).Measure(model, CostTable.Host));
        Assert.Contains(code.Cost.Methods, m => m.Method == "TinyAI.Kernels.Lstm.Run" && m.Calls > 0);
    }

    [Fact]
    public void A_target_is_met_from_its_factor_on_and_not_just_below()
    {
        static FormReport Report(double adds) => new(new CostReport(adds, adds, 1, []), [], 1, 1, []);
        static BenchRow Row(string model, double plain, double lanes, double code) =>
            new(model, 1, new Dictionary<string, FormReport> { ["plain"] = Report(plain), ["lanes"] = Report(lanes), ["code"] = Report(code) });
        BenchRow[] rows = [Row("gesture", 150000, 30000, 10001), Row("mltk_magic_wand", 150000, 30001, 10000), Row("not_a_target", 1, 1, 1)];
        string[] lines = Targets.Text(rows).Split('\n');
        const string Rest = "not measured for gesture-attention, nanguoyu_magic_wand_imu6, tinymaix_mnist_arduino_q, tinymaix_mnist_rect_q, tinymaix_mnist_valid_q.";
        Assert.Equal("- lanes at least 5 times lower than plain: yes for gesture (5.00); no for mltk_magic_wand (4.99); " + Rest, lines[0]);
        Assert.Equal("- code at least 15 times lower than plain: yes for mltk_magic_wand (15.00); no for gesture (14.99); " + Rest, lines[1]);
    }

    [Fact]
    public void The_prediction_of_ratios_agrees_with_the_interpreter()
    {
        using NanoSdk? sdk = NanoSdk.Get();
        if (sdk is null) Assert.Skip("NANO_SDK is not set: it names a folder with lib/, mdp/ and nanoclr of nanoFramework v1.");
        BenchModel model = BenchModel.FromZoo(SharedFolder.ZooOrSkip(), "tinymaix_mnist_valid_q");
        // A shared machine changes speed within a run: of three runs, each with its own probe, one must be undisturbed.
        for (int run = 0; ; run++)
        {
            CostTable probed = CostTable.Read(HostProbe.Measure(sdk!), "probed");
            List<NanoComparison> all = NanoComparison.Of(sdk!, model, BenchRun.Measure(model, CostTable.Host), BenchRun.Measure(model, probed));
            output.WriteLine(NanoComparison.Table(all));
            Assert.Equal(BenchRun.Forms.Count, all.Count);
            if (run < 2 && all.Any(c => 1 + c.RatioError(all[0], p => p.Probed) is < 0.8 or > 1.2)) continue;
            foreach (NanoComparison c in all) Assert.InRange(1 + c.RatioError(all[0], p => p.Probed), 0.8, 1.2);
            return;
        }
    }
}
