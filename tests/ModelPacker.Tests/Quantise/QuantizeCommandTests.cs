using System.Runtime.InteropServices;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Quantise;

/// <summary>The quantize command as a user calls it.</summary>
public sealed class QuantizeCommandTests : IDisposable
{
    private const int Window = 8, Channels = 3;
    private readonly TemporaryFolder _folder = new();

    public QuantizeCommandTests()
    {
        Directory.CreateDirectory(_folder.File("data"));
        File.WriteAllBytes(_folder.File("model.tflite"), Model());
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("out.tai")]
    [InlineData("out.tflite")]
    public void A_float_model_becomes_one_that_runs(string target)
    {
        WriteTensors(6);
        Tool.Result result = Quantize("-o", _folder.File(target));
        Assert.Equal((0, true), (result.ExitCode, File.Exists(_folder.File(target))));
        Assert.Contains("at the output", result.Output);
        Assert.Contains("peak heap", result.Output);
        Assert.Contains("chosen", result.Output);
        Tool.Result run = Tool.Run("run", _folder.File(target), "--batch", _folder.File("data"), "--out", _folder.File("out"));
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(4 * 2, new FileInfo(_folder.File("out/000.out.bin")).Length);
        if (target.EndsWith("tflite", StringComparison.Ordinal)) Assert.Equal(2, Quantize("-o", _folder.File("again.tai"), model: target).ExitCode);
    }

    [Fact]
    public void Recordings_in_folders_are_labelled_and_counted()
    {
        File.WriteAllText(_folder.File("model.json"), """{ "labels": ["still", "shaken"] }""");
        foreach (string label in new[] { "still", "shaken" })
        {
            Directory.CreateDirectory(_folder.File($"data/{label}"));
            WriteCsv($"data/{label}/a.csv", 3 * Window + 2, label == "still" ? 0.1 : 1);
        }

        Tool.Result result = Quantize("-o", _folder.File("out.tai"), "--calibrator", "mse");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("6 cases", result.Output);
        Assert.Contains("labels right", result.Output);
        Assert.Contains("4 rows at the ends", result.Error);
    }

    [Fact]
    public void A_column_of_labels_is_not_a_channel()
    {
        File.WriteAllText(_folder.File("model.json"), """{ "labels": ["still", "shaken"] }""");
        var rows = Enumerable.Range(0, 4 * Window).Select(i => $"0.{i % 7},-0.{i % 5},0.5,{(i < 2 * Window ? "still" : "shaken")}");
        File.WriteAllLines(_folder.File("data/all.csv"), rows.Prepend("x,y,z,label"));
        Tool.Result result = Quantize("-o", _folder.File("out.tai"), "--calibrator", "minmax");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("labels right", result.Output);
    }

    [Fact]
    public void Arrays_of_NumPy_are_read()
    {
        WriteNumpy("data/a.npy", $"({2 * Window}, {Channels})", 2 * Window * Channels);
        Assert.Equal(0, Quantize("-o", _folder.File("out.tai")).ExitCode);
    }

    [Theory]
    [InlineData(9, "9 cases, with which it was calibrated too")]
    [InlineData(12, "2 of 12 cases, which calibration did not see")]
    [InlineData(12, "4 of 12 cases, which calibration did not see", "--hold-out", "3")]
    [InlineData(12, "12 cases, with which it was calibrated too", "--hold-out", "0")]
    public void The_report_says_on_which_cases_it_was_measured(int cases, string words, params string[] more)
    {
        WriteTensors(cases);
        Tool.Result result = Quantize(["-o", _folder.File("out.tai"), "--calibrator", "minmax", .. more]);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(words, result.Output.ReplaceLineEndings(" "));
    }

    /// <summary>An outlier in a case that is held out does not widen the ranges, but it is measured.</summary>
    [Fact]
    public void Cases_that_are_held_out_do_not_calibrate()
    {
        WriteTensors(10);
        File.WriteAllBytes(_folder.File("data/004.in.bin"), Floats(Enumerable.Range(0, Window * Channels).Select(i => 1000f * (i % 3 - 1))));
        string[] Signal(params string[] more) =>
            [.. Quantize(["-o", _folder.File("out.tai"), "--calibrator", "minmax", .. more]).Output.Split('\n').Where(l => l.Contains("at the output", StringComparison.Ordinal)).Select(l => l.Trim())];
        string[] apart = Signal("--hold-out", "5"), together = Signal("--hold-out", "0");
        Assert.NotEmpty(apart);
        Assert.NotEqual(apart, together);
        Assert.InRange(double.Parse(apart[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], System.Globalization.CultureInfo.InvariantCulture), -5, 6);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-2")]
    [InlineData("13")]
    public void A_hold_out_that_leaves_nothing_is_refused(string every)
    {
        WriteTensors(12);
        Refused("--hold-out", "--hold-out", every);
    }

    [Fact]
    public void Tensors_of_the_wrong_size_are_refused()
    {
        File.WriteAllBytes(_folder.File("data/000.in.bin"), new byte[12]);
        Refused("has 12 bytes");
    }

    [Fact]
    public void An_empty_folder_is_refused() => Refused("nothing to calibrate with");

    [Fact]
    public void A_missing_folder_is_refused()
    {
        Directory.Delete(_folder.File("data"));
        Refused("does not exist");
    }

    [Fact]
    public void Not_a_number_in_the_data_is_refused()
    {
        WriteTensors(3);
        File.WriteAllBytes(_folder.File("data/001.in.bin"), Floats(Enumerable.Repeat(float.NaN, Window * Channels)));
        Refused("not a finite number");
    }

    [Fact]
    public void A_wrong_number_of_columns_is_refused()
    {
        File.WriteAllLines(_folder.File("data/a.csv"), Enumerable.Repeat("1,2,3,4", 20));
        Refused("has 4 values; the model takes 3 channels");
    }

    [Fact]
    public void Recordings_shorter_than_a_window_are_refused()
    {
        WriteCsv("data/a.csv", Window - 1, 1);
        Refused($"has {Window} rows of {Channels} channels");
    }

    [Fact]
    public void Data_of_zeros_is_refused()
    {
        for (int i = 0; i < 3; i++) File.WriteAllBytes(_folder.File($"data/00{i}.in.bin"), new byte[4 * Window * Channels]);
        Refused("is 0 in all 3 cases");
    }

    [Fact]
    public void An_array_of_another_shape_is_refused()
    {
        WriteNumpy("data/a.npy", "(10, 5)", 50);
        Refused("has the shape [10,5]");
    }

    [Fact]
    public void A_damaged_array_is_refused()
    {
        WriteNumpy("data/a.npy", "(100, 3)", 50);
        Refused("where its shape asks for");
    }

    [Fact]
    public void A_model_of_integers_is_refused()
    {
        File.WriteAllBytes(_folder.File("model.tflite"), SmallModels.FullyConnected());
        File.WriteAllBytes(_folder.File("data/000.in.bin"), [1, 2, 3, 4, 5, 6, 7, 8]);
        Refused("quantised already");
    }

    [Fact]
    public void Labels_that_do_not_fit_the_cases_are_refused()
    {
        WriteTensors(3);
        File.WriteAllText(_folder.File("labels.txt"), "0\n1\n");
        Refused("2 labels for 3 cases", "--labels", _folder.File("labels.txt"));
    }

    [Fact]
    public void An_operator_that_cannot_be_quantised_is_named()
    {
        var builder = new TfliteModelBuilder();
        int input = builder.AddTensor("input", TfliteType.FLOAT32, [1, 4]), axis = builder.AddConstant("axis", TfliteType.INT32, [1], new[] { 1 });
        int output = builder.AddTensor("output", TfliteType.FLOAT32, [1, 4]);
        builder.AddOperator(BuiltinOperator.CUMSUM, [input, axis], [output], new CumsumOptions());
        File.WriteAllBytes(_folder.File("model.tflite"), TfliteWriter.Write(builder.SetInputs(input).SetOutputs(output).Build()));
        File.WriteAllBytes(_folder.File("data/000.in.bin"), Floats([1, 2, 3, 4]));
        Refused("CUMSUM cannot be quantised");
    }

    private void Refused(string words, params string[] more)
    {
        Tool.Result result = Quantize(["-o", _folder.File("out.tai"), .. more]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(words, result.Error);
        Assert.Single(result.Error.Split('\n'), l => l.StartsWith("error:", StringComparison.Ordinal));
        Assert.False(File.Exists(_folder.File("out.tai")));
    }

    private Tool.Result Quantize(string o, string target, string model = "model.tflite") => Quantize([o, target], model);

    private Tool.Result Quantize(params string[] arguments) => Quantize(arguments, "model.tflite");

    private Tool.Result Quantize(string[] arguments, string model) => Tool.Run(["quantize", _folder.File(model), "--data", _folder.File("data"), .. arguments]);

    private void WriteTensors(int cases)
    {
        for (int i = 0; i < cases; i++)
            File.WriteAllBytes(_folder.File($"data/{i:000}.in.bin"), Floats(RandomFloatModel.Inputs([Window * Channels], 1, i + 1)[0]));
    }

    private void WriteCsv(string name, int rows, double size)
    {
        var random = new Random(rows);
        File.WriteAllLines(_folder.File(name), Enumerable.Range(0, rows).Select(_ => string.Join(',', Enumerable.Range(0, Channels).Select(_ => FormattableString.Invariant($"{(random.NextDouble() - 0.5) * size:F4}")))));
    }

    private void WriteNumpy(string name, string shape, int count)
    {
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n";
        byte[] start = [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. System.Text.Encoding.ASCII.GetBytes(header)];
        File.WriteAllBytes(_folder.File(name), [.. start, .. Floats(RandomFloatModel.Inputs([count], 1, 1)[0])]);
    }

    private static byte[] Floats(IEnumerable<float> values) => MemoryMarshal.AsBytes<float>(values.ToArray()).ToArray();

    private static byte[] Model()
    {
        var builder = new TfliteModelBuilder();
        int input = builder.AddTensor("input", TfliteType.FLOAT32, [1, Window, Channels, 1]);
        int flat = builder.AddTensor("flat", TfliteType.FLOAT32, [1, Window * Channels]), hidden = builder.AddTensor("hidden", TfliteType.FLOAT32, [1, 10]);
        int shape = builder.AddConstant("shape", TfliteType.INT32, [2], new[] { 1, Window * Channels });
        int first = builder.AddConstant("first", TfliteType.FLOAT32, [10, Window * Channels], RandomFloatModel.Inputs([10 * Window * Channels], 1, 7)[0]);
        int second = builder.AddConstant("second", TfliteType.FLOAT32, [2, 10], RandomFloatModel.Inputs([20], 1, 8)[0]);
        int output = builder.AddTensor("output", TfliteType.FLOAT32, [1, 2]);
        builder.AddOperator(BuiltinOperator.RESHAPE, [input, shape], [flat], new ReshapeOptions(1, Window * Channels));
        builder.AddOperator(BuiltinOperator.FULLY_CONNECTED, [flat, first, -1], [hidden], new FullyConnectedOptions(TfliteActivation.RELU));
        builder.AddOperator(BuiltinOperator.FULLY_CONNECTED, [hidden, second, -1], [output], new FullyConnectedOptions());
        return TfliteWriter.Write(builder.SetInputs(input).SetOutputs(output).Build());
    }
}
