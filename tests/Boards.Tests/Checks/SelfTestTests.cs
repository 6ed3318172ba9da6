using System.Text.RegularExpressions;
using TinyAI.Boards.Tests.Support;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards.Tests.Checks;

/// <summary>The self-test passes on a whole pack, and names the layer where a constant was changed.</summary>
public class SelfTestTests
{
    private static string GoldenFolder => GestureModel.Goldens;

    [Fact]
    public void A_pack_with_goldens_passes()
    {
        string[] lines = Run(WithGoldens(GestureModel.Packed, GoldenFolder), out bool passed);
        Assert.True(passed);
        Assert.Equal(["selftest gesture: 3 goldens, 12 layers", "golden 0: all layers agree", "golden 1: all layers agree", "golden 2: all layers agree", "PASSED: 3 of 3 goldens agree"], lines);
    }

    [Fact]
    public void The_first_layer_that_differs_is_named_for_every_layer_with_constants()
    {
        byte[] pack = WithGoldens(GestureModel.Packed, GoldenFolder).Pack;
        Model whole = Model.Load(new ByteArraySource(pack));
        int at = whole.Word(PackFormat.LayersAt), tried = 0;
        for (int layer = 0; layer < whole.Word(PackFormat.LayerCountAt); layer++)
        {
            int constants = whole.Word(at + 4 * PackFormat.LayerWeightsAt), blockBytes = whole.Word(at + 4 * PackFormat.LayerBlockBytes);
            int kind = whole.Word(at + 4 * PackFormat.LayerKind), origin = whole.Word(at + 4 * PackFormat.LayerOrigin);
            at += (80 + 4 * whole.Word(at + 4 * PackFormat.LayerParameterWords) + 15) / 16 * 16;
            if (blockBytes == 0) continue;
            // A bias of each channel far off, with a checksum that says that all is well.
            byte[] changed = [.. pack];
            for (int block = constants; block < constants + blockBytes; block += blockBytes) changed[block + 2] ^= 0x40;
            BitConverter.TryWriteBytes(changed.AsSpan(PackFormat.CrcAt), new Crc32().Update(0, changed, PackFormat.CrcFrom, changed.Length - PackFormat.CrcFrom));
            var link = new TextLink();
            Assert.False(new SelfTestReport(link).Run(Model.Load(new ByteArraySource(changed))));
            string first = link.Lines.First(l => l.Contains("differs", StringComparison.Ordinal));
            Assert.Matches(new Regex($@"^golden \d: layer {layer} differs \(kind {kind}, operator {origin} of the model\): CRC 0x[0-9a-f]{{8}} instead of 0x[0-9a-f]{{8}}$"), first);
            Assert.StartsWith("FAILED: ", link.Lines[^1]);
            tried++;
        }

        Assert.Equal(4, tried);
    }

    [Fact]
    public void A_pack_without_goldens_is_not_passed()
    {
        string[] lines = Run(GestureModel.Packed, out bool passed);
        Assert.False(passed);
        Assert.Equal("FAILED: the pack carries no goldens; make it with pack --goldens", lines[^1]);
        Assert.Throws<PackException>(() => new GoldenCheck(GestureModel.Load()).Run(0));
    }

    [Theory]
    [InlineData("tflm_mnist_lstm_int8")]
    [InlineData("mltk_magic_wand")]
    [InlineData("tflm_dtln_noise_suppression")]
    [InlineData("tflm_hello_world_int8")]
    [InlineData("tflm_micro_speech")]
    public void Models_of_the_zoo_carry_the_goldens_of_others(string model)
    {
        string zoo = SharedFolder.ZooOrSkip();
        byte[] file = File.ReadAllBytes(Path.Combine(zoo, "models", model + ".tflite"));
        string golden = Path.Combine(zoo, "golden", model);
        foreach (PackResult packed in new[] { Packer.Pack(file, model), Packer.Pack(file, model, null, int.MaxValue, ModelPacker.Lower.LanePolicy.Always) })
        {
            Run(First(packed, golden), out bool passed);
            Assert.True(passed);
        }
    }

    [Fact]
    public void A_golden_that_the_model_does_not_give_is_refused()
    {
        using var folder = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(GoldenFolder)) File.Copy(file, folder.File(Path.GetFileName(file)));
        byte[] output = File.ReadAllBytes(folder.File("001.out.bin"));
        output[0] ^= 1;
        File.WriteAllBytes(folder.File("001.out.bin"), output);
        Assert.Contains("001.out.bin", Assert.Throws<ModelFormatException>(() => WithGoldens(GestureModel.Packed, folder.Path)).Message);
        File.Delete(folder.File("001.out.bin"));
        Assert.Contains("no golden 001.out.bin", Assert.Throws<ModelFormatException>(() => WithGoldens(GestureModel.Packed, folder.Path)).Message);
    }

    [Theory]
    [InlineData(PackFormat.GoldenCountAt, 4)]
    [InlineData(PackFormat.GoldenCountAt, -1)]
    [InlineData(PackFormat.GoldenCountAt, int.MaxValue)]
    [InlineData(PackFormat.GoldensAt, 16)]
    [InlineData(PackFormat.GoldensAt, int.MaxValue)]
    public void Goldens_outside_the_metadata_are_refused_at_loading(int field, int value)
    {
        byte[] pack = WithGoldens(GestureModel.Packed, GoldenFolder).Pack;
        BitConverter.TryWriteBytes(pack.AsSpan(field), value);
        BitConverter.TryWriteBytes(pack.AsSpan(PackFormat.CrcAt), new Crc32().Update(0, pack, PackFormat.CrcFrom, pack.Length - PackFormat.CrcFrom));
        Assert.Contains("goldens", Assert.Throws<PackException>(() => Model.Load(new ByteArraySource(pack))).Message);
    }

    [Fact]
    public void The_command_packs_goldens_and_says_what_is_wrong_with_them()
    {
        using var folder = new TemporaryFolder();
        string pack = folder.File("g.tai");
        Tool.Result good = Tool.Run("pack", GestureModel.Path, "-o", pack, "--goldens", GoldenFolder);
        Assert.Equal((0, ""), (good.ExitCode, good.Error));
        Assert.Equal(3, Model.Load(new ByteArraySource(File.ReadAllBytes(pack))).Word(PackFormat.GoldenCountAt));
        Tool.Result bad = Tool.Run("pack", GestureModel.Path, "-o", folder.File("h.tai"), "--goldens", folder.File("nowhere"));
        Assert.Equal(2, bad.ExitCode);
        Assert.StartsWith("error: The folder ", bad.Error);
        Assert.False(File.Exists(folder.File("h.tai")));
    }

    /// <summary>The first case of a folder, which for streaming models is the one that begins with initial states.</summary>
    private static PackResult First(PackResult packed, string golden)
    {
        using var folder = new TemporaryFolder();
        string name = ModelPacker.Run.Batch.Cases(golden)[0];
        foreach (string file in Directory.GetFiles(golden, name + ".*")) File.Copy(file, folder.File(Path.GetFileName(file)));
        return WithGoldens(packed, folder.Path);
    }

    private static PackResult WithGoldens(PackResult packed, string folder) =>
        Goldens.AddTo(packed, packed == GestureModel.Packed ? GestureModel.About : new Metadata(), folder);

    private static string[] Run(PackResult packed, out bool passed)
    {
        var link = new TextLink();
        passed = new SelfTestReport(link).Run(Model.Load(new ByteArraySource(packed.Pack)));
        return link.Lines;
    }
}
