using System.Text.RegularExpressions;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Zoo;

/// <summary>The account's peak against the arena that TensorFlow Lite Micro needs, as the zoo's own table gives it.</summary>
public class ZooMemoryTests
{
    [Fact]
    public void No_model_with_an_arena_over_4_KB_needs_more_memory_than_TFLM()
    {
        string zoo = SharedFolder.ZooOrSkip();
        var arenas = Regex.Matches(File.ReadAllText(Path.Combine(zoo, "README.md")), @"^\| (\w+) \|.*\| (\d+) \|\s*$", RegexOptions.Multiline)
            .ToDictionary(m => m.Groups[1].Value, m => int.Parse(m.Groups[2].Value));
        int compared = 0;
        foreach (string model in ZooModels.Int8.Where(m => arenas[m] > 4096))
        {
            PackResult packed = Packer.Pack(File.ReadAllBytes(Path.Combine(zoo, "models", model + ".tflite")), model);
            TestContext.Current.TestOutputHelper?.WriteLine($"{model,-36} {packed.Heap.Total,8} of {arenas[model],8}");
            Assert.True(packed.Heap.Total <= arenas[model], $"{model}: peak heap {packed.Heap.Total} B, TFLM's arena {arenas[model]} B");
            compared++;
        }

        Assert.True(compared >= 15);
    }
}
