using System.Text.RegularExpressions;
using TinyAI.DeviceGate;

namespace TinyAI.NanoInterpreter.Tests;

/// <summary>The device's own unit tests, and what its assemblies take of RAM, in the interpreter.</summary>
public class DeviceUnitTests(ITestOutputHelper output)
{
    private const int Heap = 81920;

    [Fact]
    public void All_device_unit_tests_pass_in_the_interpreter()
    {
        NanoSdk sdk = Interpreter.GetOrSkip();
        NanoProject suite = NanoProject.Read("tests/Device.Tests/TinyAI.Device.Tests.nfproj");
        string[] pes = sdk.Build(suite);
        NanoRun run = sdk.Run(
            Heap, [sdk.Pe("mscorlib"), sdk.Pe("nanoFramework.UnitTestLauncher"), sdk.Pe("nanoFramework.TestFramework"), sdk.Pe("nanoFramework.ResourceManager"), .. pes]);
        string[] passed = [.. run.Lines.Where(l => l.StartsWith("Test passed,", StringComparison.Ordinal))];
        string[] wrong = [.. run.Lines.Where(l => l.StartsWith("Test failed,", StringComparison.Ordinal) || l.StartsWith("Test skipped,", StringComparison.Ordinal))];
        output.WriteLine($"{passed.Length} device tests passed");
        int written = suite.Sources.Sum(s => Regex.Count(File.ReadAllText(s), @"^\s*\[TestMethod\]", RegexOptions.Multiline));
        Assert.True(run.Exit == 0 && wrong.Length == 0, string.Join('\n', wrong.Append(run.ToString())));
        Assert.True(written > 0 && passed.Length == written, $"{written} tests are written, {passed.Length} ran: {run}");
    }

    [Fact]
    public void The_interpreter_reports_the_RAM_that_the_page_promises()
    {
        NanoSdk sdk = Interpreter.GetOrSkip();
        string[] pes = sdk.Build(NanoProject.Read("src/TinyRuntime.Files/TinyAI.TinyRuntime.Files.nfproj"));
        string[] libraries =
        [
            "mscorlib", "nanoFramework.System.Text", "nanoFramework.Runtime.Events", "System.IO.Streams", "System.IO.FileSystem", "nanoFramework.ResourceManager",
        ];
        NanoRun run = sdk.Run(Heap, [.. libraries.Select(sdk.Pe), .. pes]);
        string page = File.ReadAllText(Path.Combine(NanoProject.Repository, "docs", "runtime-ram.md"));
        foreach (string assembly in new[] { "TinyAI.Kernels", "TinyAI.TinyRuntime", "TinyAI.TinyRuntime.Files" })
        {
            Assert.True(run.AssemblyRam.TryGetValue(assembly, out int ram), $"{assembly} was not loaded: {run}");
            output.WriteLine($"{assembly}: {ram} bytes");
            Assert.Contains($"| {assembly} | {ram} |", page);
        }
    }
}
