using System.Text.Json;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Commands;

public sealed class PackAndRunTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PackAndRunTests() => File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Packing_twice_gives_the_same_bytes()
    {
        Assert.Equal(0, Tool.Run("pack", _folder.File("m.tflite"), "-o", _folder.File("a.tai")).ExitCode);
        Assert.Equal(0, Tool.Run("pack", _folder.File("m.tflite"), "-o", _folder.File("b.tai")).ExitCode);
        Assert.Equal(File.ReadAllBytes(_folder.File("a.tai")), File.ReadAllBytes(_folder.File("b.tai")));
    }

    [Fact]
    public void The_json_account_names_flash_heap_weights_macs_and_layers()
    {
        Tool.Result result = Tool.Run("pack", _folder.File("m.tflite"), "-o", _folder.File("a.tai"), "--prefer", "ram", "--json");
        JsonElement account = JsonDocument.Parse(result.Output).RootElement;
        Assert.Equal(new FileInfo(_folder.File("a.tai")).Length, account.GetProperty("flashBytes").GetInt64());
        Assert.Equal(32, account.GetProperty("macs").GetInt64());
        Assert.Equal(4 * 32, account.GetProperty("weightBytes").GetInt32());
        Assert.True(account.GetProperty("peakHeapBytes").GetInt32() > 12);
        Assert.Equal("FullyConnected", Assert.Single(account.GetProperty("layers").EnumerateArray()).GetProperty("kernel").GetString());
        JsonElement inspected = JsonDocument.Parse(Tool.Run("inspect", _folder.File("m.tflite"), "--prefer", "ram", "--json").Output).RootElement;
        foreach (string name in new[] { "flashBytes", "peakHeapBytes", "weightBytes", "macs" })
            Assert.Equal(account.GetProperty(name).GetInt64(), inspected.GetProperty(name).GetInt64());
        Assert.Equal(1, inspected.GetProperty("layers").GetArrayLength());
    }

    [Fact]
    public void A_batch_gives_an_output_file_per_case_from_the_model_and_from_its_pack()
    {
        Directory.CreateDirectory(_folder.File("in"));
        byte[][] inputs = [[0, 0, 0, 0, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8], [0x80, 0x7F, 0x80, 0x7F, 0x80, 0x7F, 0x80, 0x7F]];
        for (int i = 0; i < inputs.Length; i++) File.WriteAllBytes(_folder.File($"in/{i:D3}.in.bin"), inputs[i]);
        Assert.Equal(0, Tool.Run("pack", _folder.File("m.tflite"), "-o", _folder.File("m.tai")).ExitCode);
        foreach (string source in new[] { "m.tflite", "m.tai" })
        {
            Assert.Equal(0, Tool.Run("run", _folder.File(source), "--batch", _folder.File("in"), "--out", _folder.File(source + ".out")).ExitCode);
            Assert.Equal(["000.out.bin", "001.out.bin", "002.out.bin"], Directory.GetFiles(_folder.File(source + ".out")).Select(Path.GetFileName).Order());
        }

        for (int i = 0; i < inputs.Length; i++)
            Assert.Equal(File.ReadAllBytes(_folder.File($"m.tflite.out/{i:D3}.out.bin")), File.ReadAllBytes(_folder.File($"m.tai.out/{i:D3}.out.bin")));
    }

    [Fact]
    public void A_single_output_of_several_inputs_carries_no_number()
    {
        var builder = new TfliteModelBuilder();
        int a = builder.AddTensor("a", TfliteType.INT8, [1, 4], 0.1f, 0), b = builder.AddTensor("b", TfliteType.INT8, [1, 4], 0.1f, 0);
        int sum = builder.AddTensor("sum", TfliteType.INT8, [1, 4], 0.1f, 0);
        builder.AddOperator(BuiltinOperator.ADD, [a, b], [sum], new AddOptions());
        File.WriteAllBytes(_folder.File("sum.tflite"), TfliteWriter.Write(builder.SetInputs(a, b).SetOutputs(sum).Build()));
        Directory.CreateDirectory(_folder.File("in"));
        File.WriteAllBytes(_folder.File("in/007.in0.bin"), [1, 2, 3, 4]);
        File.WriteAllBytes(_folder.File("in/007.in1.bin"), [10, 20, 30, 40]);
        Assert.Equal(0, Tool.Run("run", _folder.File("sum.tflite"), "--batch", _folder.File("in"), "--out", _folder.File("out")).ExitCode);
        Assert.Equal([11, 22, 33, 44], File.ReadAllBytes(_folder.File("out/007.out.bin")));

        // Where the golden file beside the inputs is numbered, so is the output, and a comparison by name works either way.
        File.Move(_folder.File("out/007.out.bin"), _folder.File("in/007.out0.bin"));
        Assert.Equal(0, Tool.Run("run", _folder.File("sum.tflite"), "--batch", _folder.File("in"), "--out", _folder.File("out")).ExitCode);
        Assert.Equal(["007.out0.bin"], Directory.GetFiles(_folder.File("out")).Select(Path.GetFileName));
        Assert.Equal(0, Tool.Run("verify", _folder.File("sum.tflite"), _folder.File("in")).ExitCode);
    }

    [Fact]
    public void Verify_counts_differing_elements_and_says_where_the_first_is()
    {
        Directory.CreateDirectory(_folder.File("golden"));
        File.WriteAllBytes(_folder.File("golden/000.in.bin"), new byte[8]);
        Assert.Equal(0, Tool.Run("run", _folder.File("m.tflite"), "--batch", _folder.File("golden"), "--out", _folder.File("golden")).ExitCode);
        Tool.Result same = Tool.Run("verify", _folder.File("m.tflite"), _folder.File("golden"));
        Assert.Equal(0, same.ExitCode);
        Assert.Contains("1 cases, 4 elements, 0 differ", same.Output);

        byte[] golden = File.ReadAllBytes(_folder.File("golden/000.out.bin"));
        golden[2] ^= 1;
        File.WriteAllBytes(_folder.File("golden/000.out.bin"), golden);
        Tool.Result different = Tool.Run("verify", _folder.File("m.tflite"), _folder.File("golden"));
        Assert.Equal(1, different.ExitCode);
        Assert.Contains("1 differ", different.Output);
        Assert.Contains("case 000, output 0, element 2", different.Output);
        Assert.Contains("layer 0 (FullyConnected, operator 0 of the model)", different.Output);
    }

    [Fact]
    public void The_demo_recognises_the_simulated_gestures()
    {
        Tool.Result result = Tool.Run("demo");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("10 motions found", result.Output);
        int right = result.Output.Split('\n').Count(line => line.TrimEnd().EndsWith(" right", StringComparison.Ordinal));
        Assert.True(right >= 9, result.Output);
    }
}
