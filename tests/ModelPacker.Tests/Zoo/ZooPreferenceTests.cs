using TinyAI.ModelPacker.Plan;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Zoo;

/// <summary>The zoo in all three preferences against the golden outputs, each pack read through its window.</summary>
public class ZooPreferenceTests
{
    public static TheoryData<string, Preference> Packs
    {
        get
        {
            var packs = new TheoryData<string, Preference>();
            foreach (string model in ZooModels.Int8)
            {
                foreach (Preference prefer in Enum.GetValues<Preference>()) packs.Add(model, prefer);
            }

            return packs;
        }
    }

    [Theory]
    [MemberData(nameof(Packs))]
    public void A_zoo_model_gives_the_golden_bytes_in_every_preference(string model, Preference prefer)
    {
        string zoo = SharedFolder.ZooOrSkip();
        byte[] file = File.ReadAllBytes(Path.Combine(zoo, "models", model + ".tflite"));
        PackResult packed = Packer.Pack(file, model, prefer), layered = Packer.Pack(file, model);
        PlanInvariants.Check(packed.Model, packed.Plan);
        Assert.Equal(layered.Model.Layers.Sum(l => l.Macs), packed.Model.Layers.Sum(l => l.Macs));
        Assert.True(prefer == Preference.Speed || packed.Heap.Total <= Math.Max(layered.Heap.Total, 4096), $"{packed.Heap.Total} B, layer by layer {layered.Heap.Total} B");
        var runner = new ModelRunner(new PagedSource(packed.Pack, packed.WindowBytes));
        bool stateful = File.ReadAllText(Path.Combine(zoo, "golden", model, "meta.json")).Contains("\"stateful_sequence\": true");
        foreach (GoldenCase golden in GoldenCase.In(Path.Combine(zoo, "golden", model)).Take(stateful ? int.MaxValue : 6))
        {
            if (!stateful) runner.Reset();
            byte[][] outputs = runner.Run(golden.Inputs);
            for (int i = 0; i < outputs.Length; i++)
                Assert.True(outputs[i].AsSpan().SequenceEqual(golden.Outputs[i]), $"{model}: case {golden.Name}, output {i} differs");
        }
    }
}
