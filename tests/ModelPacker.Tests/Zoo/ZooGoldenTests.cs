using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Zoo;

/// <summary>The models of the shared zoo, packed and run by the device runtime, against the golden outputs.</summary>
public class ZooGoldenTests
{
    public static TheoryData<string> Models => [.. ZooModels.Int8];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_zoo_model_gives_the_golden_bytes(string model)
    {
        string zoo = SharedFolder.ZooOrSkip();
        PackResult packed = Packer.Pack(File.ReadAllBytes(Path.Combine(zoo, "models", model + ".tflite")), model);
        var runner = new ModelRunner(packed.Pack);
        bool stateful = File.ReadAllText(Path.Combine(zoo, "golden", model, "meta.json")).Contains("\"stateful_sequence\": true");
        int cases = 0;
        foreach (GoldenCase golden in GoldenCase.In(Path.Combine(zoo, "golden", model)))
        {
            if (!stateful) runner.Reset();
            byte[][] outputs = runner.Run(golden.Inputs);
            Assert.Equal(golden.Outputs.Count, outputs.Length);
            for (int i = 0; i < outputs.Length; i++)
                Assert.True(outputs[i].AsSpan().SequenceEqual(golden.Outputs[i]), $"{model}: case {golden.Name}, output {i} differs");
            cases++;
        }

        Assert.True(cases >= 5, "the zoo has at least five cases per model");
    }
}
