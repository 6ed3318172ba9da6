using TinyAI.Bench;
using TinyAI.Bench.Forms;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.CostModel.Tests;

/// <summary>The packer estimates the time of generated code, and of the loops it is compared with, without compiling either; the bench compiles and counts both.</summary>
public class CodeEstimateTests
{
    [Theory]
    [InlineData("nanguoyu_magic_wand_imu6")]
    [InlineData("mltk_magic_wand")]
    [InlineData("tinymaix_mnist_arduino_q")]
    [InlineData("tinymaix_mnist_rect_q")]
    [InlineData("tinymaix_mnist_valid_q")]
    [InlineData("tflm_micro_speech")]
    [InlineData("mww_v2_hey_jarvis")]
    [InlineData("arduino_magic_wand_stroke")]
    [InlineData("mlperf_sww_streaming_wakeword")]
    [InlineData("tflm_mnist_lstm_int8")]
    [InlineData("tflm_keyword_scrambled_svdf_8bit")]
    public void The_packers_estimates_are_what_the_bench_counts(string name)
    {
        BenchModel model = BenchModel.FromZoo(SharedFolder.ZooOrSkip(), name);
        GeneratedLibrary library = CSharpEmitter.Emit(model.Packed!);
        PackPrediction kernels = PackPrediction.Predict(model.Packed!.Pack, CostTable.Host);
        double estimated = library.Choices.Sum(c => c.IsCode ? c.Code!.Adds!.Value : c.Sources.Sum(s => kernels.Layers[s].KernelAdds));
        double loops = model.Packed.Model.Layers.Sum(LoopCost.Of);
        IReadOnlyDictionary<string, FormReport> forms = BenchRun.Measure(model, CostTable.Host, ["plain", "code"]).Forms;
        double code = estimated / forms["code"].Cost.Adds, plain = loops / forms["plain"].Cost.Adds;
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: code {code - 1:P1}, loops {plain - 1:P1}");
        Assert.InRange(code, 1 / 1.06, 1.06);
        Assert.InRange(plain, 1 / 1.03, 1.03);
    }
}
