using System.Resources;
using System.Text.Json;
using nanoFramework.Runtime.Native;
using TinyAI.DeviceGate;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.NanoInterpreter.Tests;

/// <summary>
/// Whole models in the interpreter, on the heap of the smallest board: the golden bytes, and the heap that the packer's
/// account promises.
/// </summary>
public class ZooOnInterpreterTests(ITestOutputHelper output)
{
    private const int Cases = 6;

    private static readonly string[] s_fileLibraries = ["nanoFramework.System.Text", "nanoFramework.Runtime.Events", "System.IO.Streams", "System.IO.FileSystem"];

    public static TheoryData<string> Models =>
    [
        "tflm_hello_world_int8", "nanguoyu_magic_wand_imu6", "mltk_magic_wand", "tflm_micro_speech", "tinymaix_mnist_arduino_q", "tinymaix_mnist_rect_q",
        "tinymaix_mnist_valid_q", "tflm_mnist_lstm_int8", "tflm_keyword_scrambled_svdf_8bit", "tflm_dtln_noise_suppression",
    ];

    [Theory]
    [MemberData(nameof(Models))]
    public void A_zoo_model_gives_the_golden_bytes_on_the_boards_heap(string name)
    {
        NanoSdk sdk = Interpreter.GetOrSkip();
        string zoo = SharedFolder.ZooOrSkip();
        PackResult packed = Pack(Path.Combine(zoo, "models", name + ".tflite"), name);
        GoldenCase[] golden = [.. GoldenCase.In(Path.Combine(zoo, "golden", name)).Take(Cases)];
        Assert.True(golden.Length >= 5);
        NanoRun run = RunOnBoard(sdk, packed, [.. golden.Select(c => c.Inputs)]);
        Compare(packed, run, [.. golden.Select(c => c.Outputs)]);
        CheckHeap(name, packed, run);
    }

    [Fact]
    public void The_gesture_model_gives_on_the_interpreter_what_it_gives_on_the_desktop()
    {
        NanoSdk sdk = Interpreter.GetOrSkip();
        string file = Path.Combine(NanoProject.Repository, "models", "gesture", "gesture.tflite");
        if (!File.Exists(file)) Assert.Skip("models/gesture/gesture.tflite is not there yet.");
        PackResult packed = Pack(file, "gesture");
        var desktop = new ModelRunner(packed.Pack);
        var random = new Random(11);
        var inputs = new List<List<byte[]>>();
        for (int i = 0; i < Cases; i++)
            inputs.Add([.. Enumerable.Range(0, desktop.InputCount).Select(k => RandomInput(random, desktop, k))]);
        NanoRun run = RunOnBoard(sdk, packed, inputs);
        Compare(packed, run, [.. inputs.Select(i => desktop.Run(i).ToList())]);
        CheckHeap("gesture", packed, run);
    }

    [Fact]
    public void A_pack_in_a_file_gives_the_golden_bytes_and_costs_a_stream_more()
    {
        const string name = "mltk_magic_wand";
        NanoSdk sdk = Interpreter.GetOrSkip();
        if (!s_fileLibraries.All(l => File.Exists(sdk.Pe(l)))) Assert.Skip("This NANO_SDK has no file system library.");
        string zoo = SharedFolder.ZooOrSkip();
        PackResult packed = Pack(Path.Combine(zoo, "models", name + ".tflite"), name);
        GoldenCase[] golden = [.. GoldenCase.In(Path.Combine(zoo, "golden", name)).Take(Cases)];
        NanoRun run = RunOnBoard(sdk, packed, [.. golden.Select(c => c.Inputs)], fromFile: true);
        Compare(packed, run, [.. golden.Select(c => c.Outputs)]);
        int more = int.Parse(Assert.Single(run.After("heap"))) - packed.Heap.Total;
        output.WriteLine($"{name}: a file costs {more} bytes more than a resource");
        Assert.InRange(more, 1, 2048);
    }

    private static byte[] RandomInput(Random random, ModelRunner runner, int index)
    {
        var bytes = new byte[runner.InputBytes(index)];
        if (runner.Model.Input(index).ModelType is not (PackFormat.TypeFloat32 or PackFormat.TypeFloat32Even)) random.NextBytes(bytes);
        else for (int i = 0; i < bytes.Length; i += 4) BitConverter.TryWriteBytes(bytes.AsSpan(i), (float)(random.NextDouble() * 4 - 2));
        return bytes;
    }

    private static PackResult Pack(string file, string name)
    {
        try
        {
            return Packer.Pack(File.ReadAllBytes(file), name);
        }
        catch (UnsupportedModelException e)
        {
            Assert.Skip($"{name} cannot be packed yet: {e.Message}");
            throw;
        }
    }

    /// <summary>Heap of the smallest board, from its profile.</summary>
    private static int BoardHeap()
    {
        using JsonDocument profile = JsonDocument.Parse(File.ReadAllText(Path.Combine(NanoProject.Repository, "boards", "profiles", "esp32.json")));
        return profile.RootElement.GetProperty("managedHeapBytes").GetInt32();
    }

    internal static NanoRun RunOnBoard(NanoSdk sdk, PackResult packed, IReadOnlyList<List<byte[]>> cases, bool fromFile = false, bool keepState = false)
    {
        Model model = Model.Load(new ByteArraySource(packed.Pack));
        var data = new List<byte>(BitConverter.GetBytes(cases.Count | (keepState ? 256 : 0)));
        foreach (List<byte[]> inputs in cases)
            for (int i = 0; i < inputs.Count; i++) data.AddRange(ModelRunner.ToSession(model.Input(i), inputs[i]));
        string resources = Path.Combine(sdk.Folder, "Runner.resources");
        using (var writer = new ResourceWriter(resources))
        {
            writer.AddResource("model", packed.Pack);
            writer.AddResource("cases", data.ToArray());
            writer.Generate();
        }

        string program = Path.Combine(NanoProject.Repository, "tests", "NanoInterpreter.Tests", "Runner", "Program.cs");
        string open = fromFile ? @"new FileSource(""I:\\model.tinyai"")" : "new ResourceSource(resources, Res.model)";
        string generated =
            $$"""
            public enum Res : short { model = {{ResourceUtility.IdOf("model")}}, cases = {{ResourceUtility.IdOf("cases")}} }
            public static class Pack
            {
                public static TinyAI.TinyRuntime.IPackSource Open(System.Resources.ResourceManager resources) { return {{open.Replace("new ", "new TinyAI.TinyRuntime.")}}; }
            }
            """;
        File.WriteAllBytes(Path.Combine(sdk.Folder, "model.tinyai"), packed.Pack);
        string[] libraries = ["mscorlib", "nanoFramework.Runtime.Native", "nanoFramework.ResourceManager"];
        if (fromFile) libraries = [.. libraries, .. s_fileLibraries];
        string project = fromFile ? "src/TinyRuntime.Files/TinyAI.TinyRuntime.Files.nfproj" : "src/TinyRuntime/TinyAI.TinyRuntime.nfproj";
        string[] projects = sdk.Build(NanoProject.Read(project));
        string app = sdk.BuildApplication("Runner", [(File.ReadAllText(program), program), (generated, "Pack.cs")], libraries, projects, resources);
        NanoRun run = sdk.Run(BoardHeap(), [.. libraries.Select(sdk.Pe), .. projects, app]);
        Assert.True(run.Exit == 0 && run.After("exception").Length == 0 && run.After("done").Length == 1, run.ToString());
        return run;
    }

    internal static void Compare(PackResult packed, NanoRun run, IReadOnlyList<List<byte[]>> expected)
    {
        Model model = Model.Load(new ByteArraySource(packed.Pack));
        string[] lines = run.After("output");
        Assert.Equal(expected.Sum(o => o.Count), lines.Length);
        int line = 0;
        for (int i = 0; i < expected.Count; i++)
        {
            for (int k = 0; k < expected[i].Count; k++)
            {
                byte[] actual = ModelRunner.ToModel(model.Output(k), Convert.FromHexString(lines[line++]));
                Assert.True(expected[i][k].AsSpan().SequenceEqual(actual), $"case {i}, output {k}: {Convert.ToHexString(actual)} instead of {Convert.ToHexString(expected[i][k])}");
            }
        }
    }

    private void CheckHeap(string name, PackResult packed, NanoRun run)
    {
        int measured = int.Parse(Assert.Single(run.After("heap"))), account = packed.Heap.Total;
        double milliseconds = run.After("ticks").Min(t => long.Parse(t)) / 1e4;
        output.WriteLine($"{name}: account {account} B ({packed.Heap}), measured {measured} B, {milliseconds:0.0} ms a run on this machine");
        Assert.Equal(account, int.Parse(Assert.Single(run.After("session"))));
        Assert.True(measured == account, $"{name} takes {measured} bytes, the account says {account}.");
    }
}
