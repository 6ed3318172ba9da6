using TinyAI.Bench;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.CostModel.Tests;

/// <summary>The packer estimates the time of generated code without compiling it; the bench compiles and counts it.</summary>
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
    public void The_packers_estimate_of_code_is_what_the_bench_counts_within_a_sixth(string name)
    {
        BenchModel model = BenchModel.FromZoo(SharedFolder.ZooOrSkip(), name);
        GeneratedLibrary library = CSharpEmitter.Emit(model.Packed!);
        PackPrediction kernels = PackPrediction.Predict(model.Packed!.Pack, CostTable.Host);
        double estimated = library.Choices.Sum(c => c.IsCode ? c.Code!.Adds!.Value : c.Sources.Sum(s => kernels.Layers[s].KernelAdds));
        double counted = BenchRun.Measure(model, CostTable.Host, ["code"]).Forms["code"].Cost.Adds;
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: estimated {estimated:N0}, counted {counted:N0}, {estimated / counted - 1:P1}");
        Assert.InRange(estimated / counted, 1 / 1.17, 1.17);
    }
}
