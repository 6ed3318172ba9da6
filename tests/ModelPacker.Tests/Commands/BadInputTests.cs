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

    [Theory]
    [InlineData("pack")]
    [InlineData("pack", "m.tflite", "--out", "x")]
    [InlineData("frobnicate")]
    [InlineData("demo", "--seed", "many")]
    [InlineData("classify", "m.tflite", "--csv", "rows.csv", "--stride", "99999999999")]
    [InlineData("classify", "m.tflite", "--csv", "rows.csv", "--units", "furlongs")]
    public void A_command_line_that_means_nothing_is_answered_with_one_line_and_the_way_to_help(params string[] arguments)
    {
        Tool.Result result = Refused("--help", arguments);
        Assert.Empty(result.Output);
        Assert.DoesNotContain("System.", result.Error);
    }

    [Fact]
    public void A_folder_where_a_file_should_be_is_called_a_folder()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        Refused("is a folder", "inspect", _folder.Path);
        Refused("is a folder", "pack", _folder.File("m.tflite"), "-o", _folder.Path);
        Refused("is a folder", "classify", _folder.File("m.tflite"), "--csv", _folder.Path);
    }

    [Fact]
    public void A_file_where_a_folder_should_be_is_called_a_file()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        Refused("is a file", "run", _folder.File("m.tflite"), "--batch", _folder.File("m.tflite"), "--out", _folder.File("out"));
        Directory.CreateDirectory(_folder.File("in"));
        File.WriteAllBytes(_folder.File("in/000.in.bin"), new byte[8]);
        Refused("is a file", "run", _folder.File("m.tflite"), "--batch", _folder.File("in"), "--out", _folder.File("m.tflite"));
        Refused("cannot be written", "pack", _folder.File("m.tflite"), "-o", _folder.File("m.tflite/x.tai"));
    }

    [Fact]
    public void A_pack_is_never_written_over_a_model()
    {
        byte[] model = SmallModels.FullyConnected();
        File.WriteAllBytes(_folder.File("m.tflite"), model);
        Refused("would be lost", "pack", _folder.File("m.tflite"), "-o", _folder.File("m.tflite"));
        Assert.Equal(model, File.ReadAllBytes(_folder.File("m.tflite")));
    }

    [Fact]
    public void The_null_device_takes_a_pack_and_stays_a_device()
    {
        if (!File.Exists("/dev/null")) Assert.Skip("There is no null device here.");
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        Assert.Equal(0, Tool.Run("pack", _folder.File("m.tflite"), "-o", "/dev/null", "--json").ExitCode);
        Assert.True(File.GetAttributes("/dev/null").HasFlag(FileAttributes.Device) || new FileInfo("/dev/null").Length == 0);
        Assert.False(File.Exists("/dev/null.partial"));
    }

    [Fact]
    public void A_file_without_an_end_is_not_read_to_it()
    {
        if (!File.Exists("/dev/zero")) Assert.Skip("There is no file without an end here.");
        Refused("more than", "inspect", "/dev/zero");
    }

    [Fact]
    public void A_pack_whose_numbers_are_forged_is_refused_when_a_layer_leaves_its_tensors()
    {
        byte[] pack = Packer.Pack(SmallModels.FullyConnected(), "m").Pack;
        int parameters = BitConverter.ToInt32(pack, 20) + 80;
        BitConverter.TryWriteBytes(pack.AsSpan(parameters), 1 << 20);
        SmallModels.FixCrc(pack);
        File.WriteAllBytes(_folder.File("m.tai"), pack);
        Directory.CreateDirectory(_folder.File("in"));
        File.WriteAllBytes(_folder.File("in/000.in.bin"), new byte[8]);
        Refused("outside its tensors", "run", _folder.File("m.tai"), "--batch", _folder.File("in"), "--out", _folder.File("out"));
    }

    [Fact]
    public void A_float_model_is_refused_for_one_reason_not_for_each_of_its_tensors()
    {
        string zoo = SharedFolder.ZooOrSkip();
        string model = Path.Combine(zoo, "models", "classic_magic_wand_ring_slope.tflite");
        Assert.DoesNotContain("more reason", Refused("full integer quantisation", "pack", model, "-o", _folder.File("x.tai")).Error);
    }

    [Fact]
    public void A_stride_beyond_the_end_classifies_the_first_window()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        File.WriteAllText(_folder.File("rows.csv"), "1,2,3,4,5,6,7,8\n1,2,3,4,5,6,7,8\n");
        Tool.Result result = Tool.Run("classify", _folder.File("m.tflite"), "--csv", _folder.File("rows.csv"), "--stride", "2147483647");
        Assert.Equal(0, result.ExitCode);
        Assert.Single(result.Output.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Raw_counts_mean_nothing_to_a_model_without_normalisation()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        File.WriteAllText(_folder.File("rows.csv"), "1,2,3,4,5,6,7,8\n");
        Refused("no input normalisation", "classify", _folder.File("m.tflite"), "--csv", _folder.File("rows.csv"), "--units", "counts");
    }

    [Theory]
    [InlineData("-5")]
    [InlineData("2147483647")]
    public void Every_seed_of_the_demo_makes_a_hand(string seed) => Assert.Equal(0, Tool.Run("demo", "--seed", seed).ExitCode);

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
