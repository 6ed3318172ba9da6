using System.Text;
using TinyAI.DeviceGate.Rules;

namespace TinyAI.DeviceGate.Tests;

/// <summary>
/// What the runtime takes of RAM before any model: computed from the compiled assemblies, printed, and kept in
/// docs/runtime-ram.md, which fails here when it is out of date.
/// </summary>
public class RuntimeRamTests(ITestOutputHelper output)
{
    private const string Update = "TINYAI_UPDATE_DOCS";

    private static readonly string[] s_assemblies = ["TinyAI.Kernels", "TinyAI.TinyRuntime", "TinyAI.TinyRuntime.Files"];

    [Fact]
    public void The_page_about_the_runtimes_RAM_is_up_to_date()
    {
        string page = Page(), path = Path.Combine(NanoProject.Repository, "docs", "runtime-ram.md");
        output.WriteLine(page);
        if (Environment.GetEnvironmentVariable(Update) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, page);
        }

        string written = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";
        Assert.True(written == page, $"docs/runtime-ram.md is out of date: renew it with {Update}=1 dotnet test tests/DeviceGate.Tests");
    }

    [Fact]
    public void Kernels_and_runtime_together_stay_under_their_budget() =>
        Assert.InRange(Sizes("TinyAI.Kernels").Ram + Sizes("TinyAI.TinyRuntime").Ram, 1, 2200);

    private static AssemblySizes Sizes(string assembly) =>
        AssemblySizes.Of(NanoCompiler.Compile(NanoProject.All.Single(p => p.AssemblyName == assembly)));

    private static string Page()
    {
        var page = new StringBuilder();
        page.Append("# What the runtime takes of RAM\n\n");
        page.Append("A loaded assembly costs RAM for its tables; IL, strings and signatures stay in flash and are executed in place.\n");
        page.Append("Bytes on a 32-bit device: 136 + 4 per referenced assembly, type, field or method + 8 per type + 2 per field and per method\n");
        page.Append("(each table rounded up to 4) + 12 per static field. Models and sessions come on top: `modelpacker` reports them per model.\n\n");
        page.Append("| assembly | RAM | IL in flash | largest method | signatures and array data (limit 65,536) |\n|--|--:|--:|--|--:|\n");
        foreach (string assembly in s_assemblies)
        {
            AssemblySizes sizes = Sizes(assembly);
            page.Append($"| {assembly} | {sizes.Ram} | {sizes.Il} | {sizes.LargestMethodName}, {sizes.LargestMethod} | {sizes.Signatures} |\n");
        }

        page.Append($"\nAn application that reads its models from resources loads the first two: {s_assemblies.Take(2).Sum(a => Sizes(a).Ram)} bytes.\n");
        page.Append("Firmware built with the debugger, as the stock images are, adds about one byte per method.\n\n");
        page.Append($"This page is written by a test: `{Update}=1 dotnet test tests/DeviceGate.Tests`. Where the nanoFramework interpreter is at\n");
        page.Append("hand (NANO_SDK), `tests/NanoInterpreter.Tests` compares the figures with what the interpreter itself reports.\n");
        return page.ToString();
    }
}
