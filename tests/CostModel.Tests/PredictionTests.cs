using TinyAI.Bench;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.CostModel.Tests;

/// <summary>Packs run in instrumented copies of the device code.</summary>
public class PredictionTests
{
    [Theory]
    [InlineData("tflm_hello_world_int8")]
    [InlineData("tinymaix_mnist_valid_q")]
    [InlineData("tflm_mnist_lstm_int8")]
    [InlineData("mww_v2_hey_jarvis")]
    public void The_instrumented_run_gives_what_the_device_code_gives(string name)
    {
        BenchModel model = BenchModel.FromZoo(SharedFolder.ZooOrSkip(), name);
        PackResult packed = model.Packed!;
        using var profiler = new PackProfiler(packed.Pack);
        var runner = new ModelRunner(packed.Pack);
        for (int round = 0; round < 3; round++)
        {
            PackPrediction run = profiler.Run(profiler.Noise(), CostTable.Host);
            byte[][] expected = runner.Run(profiler.Noise());
            for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], run.Outputs[i]);
        }
    }

    [Fact]
    public void Layers_add_up_to_the_model_and_carry_their_kinds()
    {
        BenchModel model = BenchModel.FromZoo(SharedFolder.ZooOrSkip(), "tinymaix_mnist_valid_q");
        PackPrediction run = PackPrediction.Predict(model.Packed!.Pack, CostTable.Host);
        Assert.Equal(model.Packed.Model.Layers.Select(l => l.Kind), run.Layers.Select(l => l.Kind));
        Assert.Equal(run.Total.Adds, run.Layers.Sum(l => l.Cost.Adds), 3);
        Assert.Equal(run.Total.Operations, run.Layers.Sum(l => l.Cost.Operations));
        Assert.All(run.Layers, l => Assert.Equal(1, l.Cost.Methods.Single(m => m.Method.EndsWith(".RunLayer", StringComparison.Ordinal)).Calls));
    }

    [Fact]
    public void The_same_pack_costs_the_same_every_time()
    {
        byte[] pack = BenchModel.FromZoo(SharedFolder.ZooOrSkip(), "tflm_hello_world_int8").Packed!.Pack;
        Assert.Equal(PackPrediction.Predict(pack, CostTable.Host).Total.Adds, PackPrediction.Predict(pack, CostTable.Host).Total.Adds);
    }

    [Fact]
    public void A_board_twice_as_slow_takes_twice_as_long()
    {
        byte[] pack = BenchModel.FromZoo(SharedFolder.ZooOrSkip(), "tflm_hello_world_int8").Packed!.Pack;
        CostTable host = CostTable.Host, slow = new("slow", "made up", 2 * host.NanosecondsPerAdd, host.Costs);
        Assert.Equal(2 * PackPrediction.Predict(pack, host).Total.Milliseconds, PackPrediction.Predict(pack, slow).Total.Milliseconds, 9);
    }

    [Fact]
    public void A_damaged_pack_is_refused_before_anything_is_counted()
    {
        Assert.Throws<PackException>(() => PackPrediction.Predict(new byte[200], CostTable.Host));
    }
}
