using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Zoo;

/// <summary>Where no single array may be large, activations lie in several blocks, and the answers are the same.</summary>
public class ZooBlockTests
{
    [Theory]
    [InlineData("mlperf_kws_dscnn", 3)]
    [InlineData("mlperf_sww_streaming_wakeword", 1)]
    [InlineData("nanguoyu_magic_wand_imu6", 1)]
    [InlineData("mww_v2_okay_nabu", 1)]
    [InlineData("tflm_mnist_lstm_int8", 1)]
    [InlineData("armzoo_dscnn_s_int16x8", 1)]
    public void A_model_whose_activations_are_divided_among_small_blocks_gives_the_golden_bytes(string model, int cases)
    {
        string zoo = SharedFolder.ZooOrSkip();
        byte[] file = File.ReadAllBytes(Path.Combine(zoo, "models", model + ".tflite"));
        int largest = Packer.Pack(file, model).Model.Buffers.Max(b => b.Bytes);
        PackResult packed = Packer.Pack(file, model, maxBlockBytes: largest);
        Assert.True(packed.Plan.BlockBytes.Length > 1, $"{model} still lies in one block of {packed.Plan.BlockBytes[0]} bytes");
        Assert.All(packed.Plan.BlockBytes, bytes => Assert.InRange(bytes, 1, largest));
        PlanInvariants.Check(packed.Model, packed.Plan);

        var runner = new ModelRunner(packed.Pack);
        Assert.Equal(packed.Plan.BlockBytes, Enumerable.Range(0, runner.Model.BlockCount).Select(runner.Model.BlockBytes));
        foreach (GoldenCase golden in GoldenCase.In(Path.Combine(zoo, "golden", model)).Take(cases))
            Assert.Equal(golden.Outputs, runner.Run(golden.Inputs));
    }
}
