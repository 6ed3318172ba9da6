using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.ModelPacker.Tests.Zoo;

namespace TinyAI.ModelPacker.Tests.Lanes;

/// <summary>The zoo in lane form against the golden outputs, and what the form is estimated to gain.</summary>
public class ZooLanesTests
{
    public static TheoryData<string> Models => [.. ZooModels.Int8];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_zoo_model_in_resident_lanes_gives_the_golden_bytes(string model) => Compare(model, LanePolicy.Always);

    [Theory]
    [MemberData(nameof(Models))]
    public void A_zoo_model_in_what_lanes_8_KB_allow_gives_the_golden_bytes(string model) => Compare(model, LanePolicy.WithinBudget(8192));

    private static void Compare(string model, LanePolicy policy)
    {
        string zoo = SharedFolder.ZooOrSkip();
        byte[] file = File.ReadAllBytes(Path.Combine(zoo, "models", model + ".tflite"));
        PackResult plain = Packer.Pack(file, model), packed = Packer.Pack(file, model, lanes: policy);
        Assert.True(packed.Heap.Lanes <= policy.Bytes, $"{packed.Heap.Lanes} B of lanes with a budget of {policy.Bytes}");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{model,-34} heap {plain.Heap.Total,7} -> {packed.Heap.Total,7}  flash {plain.Pack.Length,7} -> {packed.Pack.Length,7}  "
            + $"cost {Cost(plain),12:N0} -> {Cost(packed),12:N0} = 1/{Cost(plain) / Cost(packed):F1}");
        foreach (Layer layer in packed.Model.Layers.Where(l => l.Form != ""))
            TestContext.Current.TestOutputHelper?.WriteLine($"    {layer.Name,-22} {layer.Form,-40} {layer.Macs,9} MACs {(layer.Macs == 0 ? 0 : LaneCost.Of(layer) / layer.Macs):F2}");
        var runner = new ModelRunner(packed.Pack);
        bool stateful = File.ReadAllText(Path.Combine(zoo, "golden", model, "meta.json")).Contains("\"stateful_sequence\": true");
        foreach (GoldenCase golden in GoldenCase.In(Path.Combine(zoo, "golden", model)))
        {
            if (!stateful) runner.Reset();
            byte[][] outputs = runner.Run(golden.Inputs);
            for (int i = 0; i < outputs.Length; i++)
                Assert.True(outputs[i].AsSpan().SequenceEqual(golden.Outputs[i]), $"{model}: case {golden.Name}, output {i} differs");
        }
    }

    private static double Cost(PackResult packed) => packed.Model.Layers.Where(l => l.Form != "").Sum(LaneCost.Of);
}
