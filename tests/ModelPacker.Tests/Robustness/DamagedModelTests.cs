using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.ModelPacker.Tests.Zoo;

namespace TinyAI.ModelPacker.Tests.Robustness;

/// <summary>Models with changed bytes either pack and run or are refused in words; nothing else may happen.</summary>
public class DamagedModelTests
{
    private const int MutationsPerModel = 150;

    public static TheoryData<string> SmallZooModels => [.. ZooModels.Int8.Where(m => m.StartsWith("mww") || m.StartsWith("tinymaix_mnist") || m.Contains("hello") || m.Contains("svdf") || m.Contains("lstm") || m.Contains("imu6") || m == "tinyhar_cnn_attention" || m == "mlperf_kws_dscnn")];

    [Theory]
    [MemberData(nameof(SmallZooModels))]
    public void A_damaged_zoo_model_is_refused_in_words_or_runs(string model)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(SharedFolder.ZooOrSkip(), "models", model + ".tflite"));
        Mutate(file, seed: model.Length * 31 + file.Length, MutationsPerModel);
    }

    [Fact]
    public void A_damaged_small_model_is_refused_in_words_or_runs()
    {
        int refused = Mutate(SmallModels.FullyConnected(), seed: 7, count: 3000);
        Assert.InRange(refused, 100, 2999);
    }

    [Fact]
    public void A_model_cut_anywhere_is_refused_in_words()
    {
        byte[] file = SmallModels.Convolution(8, 3, 4);
        for (int length = 0; length < file.Length; length += 7)
        {
            byte[] cut = file[..length];
            Assert.True(Try(cut) is not null || length > file.Length - 64, $"a file cut at {length} of {file.Length} packed");
        }
    }

    private static int Mutate(byte[] original, int seed, int count)
    {
        var random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < count; i++)
        {
            byte[] file = (byte[])original.Clone();
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                int at = random.Next(file.Length - 4);
                switch (random.Next(4))
                {
                    case 0: file[at] ^= (byte)(1 << random.Next(8)); break;
                    case 1: file[at] = (byte)random.Next(256); break;
                    case 2: BitConverter.TryWriteBytes(file.AsSpan(at / 4 * 4), random.Next(int.MinValue, int.MaxValue)); break;
                    default: BitConverter.TryWriteBytes(file.AsSpan(at / 4 * 4), random.Next(-4, 64)); break;
                }
            }

            if (Try(file) is { } message)
            {
                refused++;
                Assert.False(string.IsNullOrWhiteSpace(message));
            }
        }

        return refused;
    }

    /// <summary>The refusal's words, or null where the file packs and runs. Any other exception fails the test.</summary>
    private static string? Try(byte[] file)
    {
        byte[] pack;
        try
        {
            PackResult packed = Packer.Pack(file, "damaged");
            if (packed.Model.Layers.Sum(l => l.Macs) > 50_000_000) return null;
            pack = packed.Pack;
        }
        catch (Exception e) when (e is ModelFormatException or UnsupportedModelException)
        {
            return e.Message;
        }

        var runner = new ModelRunner(pack);
        runner.Run([.. Enumerable.Range(0, runner.InputCount).Select(i => new byte[runner.InputBytes(i)])]);
        return null;
    }
}
