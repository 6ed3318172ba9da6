using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Commands;

public sealed class BadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_missing_model_is_named() => Refused("does not exist", "pack", _folder.File("absent.tflite"), "-o", _folder.File("x.tai"));

    [Fact]
    public void A_file_that_is_no_model_is_refused()
    {
        File.WriteAllText(_folder.File("text.tflite"), "this is not a model");
        Refused("TFL3", "pack", _folder.File("text.tflite"), "-o", _folder.File("x.tai"));
    }

    [Fact]
    public void A_truncated_model_leaves_no_output_file()
    {
        byte[] model = SmallModels.FullyConnected();
        File.WriteAllBytes(_folder.File("cut.tflite"), model[..(model.Length / 2)]);
        Refused("", "pack", _folder.File("cut.tflite"), "-o", _folder.File("x.tai"));
        Assert.Equal(["cut.tflite"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void An_existing_pack_survives_a_failed_packing()
    {
        File.WriteAllText(_folder.File("x.tai"), "precious");
        File.WriteAllText(_folder.File("text.tflite"), "this is not a model");
        Refused("", "pack", _folder.File("text.tflite"), "-o", _folder.File("x.tai"));
        Assert.Equal("precious", File.ReadAllText(_folder.File("x.tai")));
    }

    [Fact]
    public void An_unknown_board_is_answered_with_the_known_ones()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        Refused("m5stickc-plus", "pack", _folder.File("m.tflite"), "-o", _folder.File("x.tai"), "--board", "commodore64");
    }

    [Fact]
    public void A_model_too_large_for_a_board_is_refused_with_layer_need_and_limit()
    {
        File.WriteAllBytes(_folder.File("big.tflite"), SmallModels.Convolution(160, 1, 4));
        Tool.Result result = Refused("Conv2D", "pack", _folder.File("big.tflite"), "-o", _folder.File("x.tai"), "--board", "esp32");
        Assert.Contains("102,400 bytes", result.Error);
        Assert.Contains("32,768 bytes", result.Error);
        Assert.Contains("PSRAM", result.Error);
        Assert.False(File.Exists(_folder.File("x.tai")));
        Assert.Equal(0, Tool.Run("pack", _folder.File("big.tflite"), "-o", _folder.File("x.tai"), "--board", "esp32-psram").ExitCode);
    }

    [Fact]
    public void A_pack_given_as_a_model_is_recognised()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        Assert.Equal(0, Tool.Run("pack", _folder.File("m.tflite"), "-o", _folder.File("m.tai")).ExitCode);
        Refused("is a pack already", "pack", _folder.File("m.tai"), "-o", _folder.File("again.tai"));
    }

    [Fact]
    public void A_corrupted_pack_is_refused_by_its_crc()
    {
        byte[] pack = Packer.Pack(SmallModels.FullyConnected(), "m").Pack;
        pack[^20] ^= 4;
        File.WriteAllBytes(_folder.File("m.tai"), pack);
        Directory.CreateDirectory(_folder.File("in"));
        File.WriteAllBytes(_folder.File("in/000.in.bin"), new byte[8]);
        Refused("CRC-32", "run", _folder.File("m.tai"), "--batch", _folder.File("in"), "--out", _folder.File("out"));
    }

    [Fact]
    public void An_input_of_the_wrong_size_is_named_with_both_sizes()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        Directory.CreateDirectory(_folder.File("in"));
        File.WriteAllBytes(_folder.File("in/000.in.bin"), new byte[7]);
        Tool.Result result = Refused("000.in.bin", "run", _folder.File("m.tflite"), "--batch", _folder.File("in"), "--out", _folder.File("out"));
        Assert.Contains("7 bytes", result.Error);
        Assert.Contains("takes 8", result.Error);
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public void A_line_of_sensor_rows_with_too_few_values_is_named()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        File.WriteAllText(_folder.File("rows.csv"), "1,2,3,4,5,6,7,8\n1,2,3\n");
        Refused("Line 2", "classify", _folder.File("m.tflite"), "--csv", _folder.File("rows.csv"));
    }

    [Fact]
    public void Metadata_that_is_no_json_is_refused()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        File.WriteAllText(_folder.File("m.json"), "{ \"labels\": [ ");
        Refused("m.json", "pack", _folder.File("m.tflite"), "-o", _folder.File("x.tai"));
    }

    [Fact]
    public void A_missing_argument_has_the_exit_code_of_bad_input() => Assert.Equal(2, Tool.Run("pack").ExitCode);

    private static Tool.Result Refused(string mentions, params string[] arguments)
    {
        Tool.Result result = Tool.Run(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(mentions, result.Error);
        Assert.DoesNotContain("   at ", result.Error);
        Assert.StartsWith("error: ", result.Error);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
        return result;
    }
}
