using System.Resources;
using TinyAI.DeviceGate;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Tests.Generated;
using TinyAI.ModelPacker.Tests.Support;
using nanoFramework.Runtime.Native;

namespace TinyAI.NanoInterpreter.Tests;

/// <summary>Models as generated code in the interpreter: the golden bytes, the heap of the account, and the RAM and flash of the assemblies.</summary>
public class CodeOnInterpreterTests(ITestOutputHelper output)
{
    private const int Cases = 6, HeapBytes = 1 << 20, MostRam = 1024;

    private static readonly string[] s_libraries = ["mscorlib", "nanoFramework.Runtime.Native", "nanoFramework.ResourceManager"];

    public static TheoryData<string, string> Models
    {
        get
        {
            var data = new TheoryData<string, string>();
            string[] zoo =
            [
                "nanguoyu_magic_wand_imu6", "mltk_magic_wand", "tinymaix_mnist_arduino_q", "tinymaix_mnist_rect_q", "tinymaix_mnist_valid_q",
                "mlperf_kws_dscnn", "mww_v2_hey_jarvis", "tflm_hello_world_int8", "tflm_mnist_lstm_int8", "tflm_keyword_scrambled_svdf_8bit",
            ];
            foreach (string name in (string[])["gesture-attention", "gesture", .. zoo])
            {
                data.Add(name, "speed");
                data.Add(name, "size");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Generated_code_gives_the_golden_bytes_with_the_heap_and_the_RAM_of_its_account(string name, string optimise)
    {
        NanoSdk sdk = Interpreter.GetOrSkip();
        string own = Path.Combine(NanoProject.Repository, "models", name), zoo = SharedFolder.ZooOrSkip();
        bool isOwn = Directory.Exists(own);
        string file = isOwn ? Assert.Single(Directory.GetFiles(own, "*.tflite")) : Path.Combine(zoo, "models", name + ".tflite");
        GoldenCase[] golden = [.. GoldenCase.In(isOwn ? Path.Combine(own, "golden") : Path.Combine(zoo, "golden", name)).Take(Cases)];
        Assert.True(golden.Length >= (isOwn ? 3 : 5));
        var options = new CodeOptions { Optimise = optimise == "size" ? Optimise.Size : Optimise.Speed };
        // Assemblies stay loaded by name: each form of a model gets its own.
        PackResult packed = Packer.Pack(File.ReadAllBytes(file), $"{name}_for_{optimise}");
        GeneratedLibrary library = CSharpEmitter.Emit(packed, options: options);
        byte[][][] inputs = [.. golden.Select(c => ModelBorders.ToSession(packed, c.Inputs))];

        string resources = Path.Combine(sdk.Folder, "Runner.resources");
        using (var writer = new ResourceWriter(resources))
        {
            writer.AddResource("cases", inputs.SelectMany(c => c).SelectMany(i => i).ToArray());
            writer.Generate();
        }

        string program = Path.Combine(NanoProject.Repository, "tests", "NanoInterpreter.Tests", "Runner", "Code.cs");
        string[] projects = sdk.Build(GeneratedProjects.Write(Path.Combine(sdk.Folder, library.Name), library.Assemblies.Select(a => (a.Name, a.Files))));
        string app = sdk.BuildApplication("Runner", [(File.ReadAllText(program), program), (Adapter(library, inputs, golden[0].Outputs.Count), "Generated.cs")], s_libraries, projects, resources);
        NanoRun run = sdk.Run(HeapBytes, [.. s_libraries.Select(sdk.Pe), .. projects, app]);
        Assert.True(run.Exit == 0 && run.After("exception").Length == 0 && run.After("done").Length == 1, run.ToString());

        string[] lines = run.After("output"), expected = [.. golden.SelectMany(c => c.Outputs).Select(Convert.ToHexString)];
        int outputs = golden[0].Outputs.Count;
        Assert.Equal(expected, lines.Select((line, i) => Convert.ToHexString(ModelBorders.ToModel(packed, i % outputs, Convert.FromHexString(line)))));
        int heap = int.Parse(Assert.Single(run.After("heap")));
        // The object that the test itself makes around the model.
        const int Wrapper = 24;
        output.WriteLine($"heap {heap - Wrapper} B, account {library.HeapBytes} B");
        foreach (GeneratedAssembly assembly in library.Assemblies)
        {
            int ram = run.AssemblyRam[assembly.Name], flash = (int)new FileInfo(projects.Single(p => Path.GetFileNameWithoutExtension(p) == assembly.Name)).Length;
            output.WriteLine($"{assembly.Name}: RAM {ram} B, account {assembly.RamBytes} B; flash {flash} B, account {assembly.FlashBytes} B");
            Assert.InRange(ram, 1, MostRam);
            Assert.InRange(flash, assembly.FlashBytes * 0.93 - 700, assembly.FlashBytes * 1.05 + 200);
        }

        Assert.Equal(library.HeapBytes, heap - Wrapper);
    }

    /// <summary>The class Generated of Runner/Code.cs for a library: its model with tensors by index.</summary>
    private static string Adapter(GeneratedLibrary library, byte[][][] inputs, int outputs)
    {
        string model = $"TinyAI.Models.{library.Name}Model";
        bool hasState = library.Files.Values.Any(f => f.Contains("public void Reset()", StringComparison.Ordinal));
        return $$"""
            namespace Runner
            {
                public enum Res : short { cases = {{ResourceUtility.IdOf("cases")}} }

                public class Generated
                {
                    public const int Cases = {{inputs.Length}}, Inputs = {{inputs[0].Length}}, Outputs = {{outputs}};
                    private readonly {{model}} _model = new {{model}}();
                    public void Run() { _model.Run(); }
                    public void Reset() { {{(hasState ? "_model.Reset();" : "")}} }
                    public int InputBytes(int k) { switch (k) { {{Switch(inputs[0].Length, k => $"return {inputs[0][k].Length};")}} } return 0; }
                    public void Write(int k, sbyte[] values) { switch (k) { {{Switch(inputs[0].Length, k => $"_model.Write{k}(values, 0); break;")}} } }
                    public sbyte[] Read(int k)
                    {
                        sbyte[] values = null;
                        switch (k) { {{Switch(outputs, k => $"values = new sbyte[{model}.Output{(k == 0 ? "" : k)}Bytes]; _model.Read{k}(values, 0); break;")}} }
                        return values;
                    }
                }
            }
            """;
    }

    private static string Switch(int count, Func<int, string> body) => string.Concat(Enumerable.Range(0, count).Select(k => $"case {k}: {body(k)} "));
}
