using System.Text;
using System.Text.RegularExpressions;
using TinyAI.ModelPacker.Plan;
using TinyAI.ModelPacker.Tests.Documents;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Zoo;

/// <summary>The account's peak against the arena that TensorFlow Lite Micro needs, as the zoo's own table gives it.</summary>
public class ZooMemoryTests
{
    /// <summary>Peak managed heap that a pack for least memory must not exceed.</summary>
    private static readonly Dictionary<string, int> s_targets = new()
    {
        ["mlperf_vww_mobilenetv1_96"] = 36_000, ["tflm_person_detect"] = 30_000, ["mlperf_ic_resnet8"] = 36_000, ["mlperf_kws_dscnn"] = 17_000,
        ["mltk_rock_paper_scissors"] = 24_000, ["mltk_fingerprint_signature"] = 20_000, ["tinyhar_cnn_attention"] = 48_000, ["nanguoyu_magic_wand_imu6"] = 8_000,
    };

    private sealed record Row(string Model, int Arena, int Ram, int Balanced, int Layered, bool IsFed);

    [Fact]
    public void Every_preference_keeps_what_it_promises_and_the_page_of_memory_says_so()
    {
        string zoo = SharedFolder.ZooOrSkip();
        var arenas = Regex.Matches(File.ReadAllText(Path.Combine(zoo, "README.md")), @"^\| (\w+) \|.*\| (\d+) \|\s*$", RegexOptions.Multiline)
            .ToDictionary(m => m.Groups[1].Value, m => int.Parse(m.Groups[2].Value));
        var rows = new List<Row>();
        foreach (string model in ZooModels.Int8)
        {
            byte[] file = File.ReadAllBytes(Path.Combine(zoo, "models", model + ".tflite"));
            PackResult ram = Packer.Pack(file, model, Preference.Ram);
            rows.Add(new Row(
                model, arenas[model], ram.Heap.Total, Packer.Pack(file, model, Preference.Balanced).Heap.Total, Packer.Pack(file, model).Heap.Total,
                ram.Model.Groups.Any(g => g.Fed is not null)));
        }

        Row[] large = [.. rows.Where(r => r.Arena > 4096)];
        double Mean(Func<Row, int> heap) => Math.Exp(large.Average(r => Math.Log((double)heap(r) / r.Arena)));
        (double ramMean, double balancedMean, double layeredMean) = (Mean(r => r.Ram), Mean(r => r.Balanced), Mean(r => r.Layered));
        Assert.True(large.Length >= 15);
        Assert.All(s_targets, t => Assert.True(rows.Single(r => r.Model == t.Key).Ram <= t.Value, $"{t.Key}: {rows.Single(r => r.Model == t.Key).Ram} B of {t.Value}"));
        Assert.All(large, r => Assert.True(r.Layered <= r.Arena && r.Balanced <= r.Arena && r.Ram <= r.Arena, $"{r}"));
        Assert.True(ramMean < 0.5 && balancedMean < 0.75, $"{ramMean:F2} and {balancedMean:F2} of TFLM's arena");

        var table = new StringBuilder("| model | TFLM arena | `ram` | `balanced` | layer by layer |\n|--|--:|--:|--:|--:|\n");
        foreach (Row r in large.OrderByDescending(r => r.Arena))
            table.Append($"| {r.Model} | {r.Arena:N0} | {r.Ram:N0}{(r.IsFed ? " *" : "")} | {r.Balanced:N0} | {r.Layered:N0} |\n");
        table.Append($"| geometric mean of ours / TFLM | 1 | {ramMean:F2} | {balancedMean:F2} | {layeredMean:F2} |\n");
        WrittenDocument.CheckPart("memory.md", "zoo", table.ToString());
    }
}
