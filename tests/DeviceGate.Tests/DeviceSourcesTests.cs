using TinyAI.DeviceGate.Rules;

namespace TinyAI.DeviceGate.Tests;

/// <summary>The device sources keep every rule.</summary>
public class DeviceSourcesTests
{
    /// <summary>Methods whose innermost loops may call others, and why.</summary>
    private static readonly Dictionary<string, string> s_meantCalls = new()
    {
        ["Conv2DLanes.FillBand"] = "once per border of a row of the band",
        ["Conv2DLanes.Run"] = "once per tile of output rows",
        ["DepthwiseConv2DLanes.Run"] = "once per channel",
        ["DepthwiseConv2DLanes.RunChannel"] = "once per row",
        ["Div.Run"] = "one quotient is some hundred operations besides the call",
        ["Gather.Run"] = "once per slice",
        ["L2Normalise.InverseRoot"] = "five steps for one root per row, not a loop over elements",
        ["Softmax.Run"] = "the form without a table: one exponential is some forty operations besides the call",
        ["Softmax.RunTable"] = "int16 outputs only: the int8 path stores in place",
    };

    /// <summary>Copies a whole run in native code, however long it is.</summary>
    private const string BulkCopy = "System.Array::Copy";

    /// <summary>Calls out of the runtime while it runs: native copies, and reading the pack, which is what a source is for.</summary>
    private static readonly string[] s_knownCalls = ["Array.Copy", "Array.Clear", "ResourceUtility.GetObject", "Stream.Seek", "Stream.Read", "String.get_Length", "String.get_Chars", "String.IndexOf"];

    public static TheoryData<string> Projects => [.. NanoProject.All.Select(p => p.AssemblyName)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_source_file_is_listed_exactly_once(string assembly)
    {
        NanoProject project = Project(assembly);
        string[] onDisk =
        [
            .. Directory.GetFiles(project.Folder, "*.cs", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(project.Folder, f).Replace('/', '\\'))
                .Where(f => f.Split('\\')[0] is not ("bin" or "obj" or "Host")).Order(StringComparer.Ordinal),
        ];
        if (Environment.GetEnvironmentVariable("TINYAI_UPDATE_DOCS") == "1") project = Renew(project, onDisk);
        string[] listed = [.. project.CompileItems.Order(StringComparer.Ordinal)];
        Assert.True(
            onDisk.SequenceEqual(listed),
            $"{project.Path} does not list each source once: {string.Join(", ", onDisk.Except(listed).Concat(listed.Except(onDisk)))}. "
            + "List them, or let TINYAI_UPDATE_DOCS=1 dotnet test tests/DeviceGate.Tests do it.");
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void References_and_packages_agree(string assembly)
    {
        NanoProject project = Project(assembly);
        string text = File.ReadAllText(project.Path), packages = File.ReadAllText(Path.Combine(project.Folder, "packages.config"));
        foreach (System.Xml.Linq.XElement package in System.Xml.Linq.XDocument.Parse(packages).Root!.Elements())
            Assert.Contains($@"\packages\{(string?)package.Attribute("id")}.{(string?)package.Attribute("version")}\lib\", text);
        Assert.Equal(project.References.Length, text.Split(@"..\..\packages\").Length - 1);
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_device_assembly_compiles_and_can_be_loaded(string assembly)
    {
        List<Finding> findings = Gate.Check(NanoCompiler.Compile(Project(assembly)), allowFloat: assembly == "NFUnitTest");
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    [Fact]
    public void Kernels_have_no_static_arrays_and_no_calls_in_their_inner_loops()
    {
        List<Finding> findings = Gate.CheckKernels(NanoCompiler.Compile(Project("TinyAI.Kernels")));
        string[] idle = [.. s_meantCalls.Keys.Where(k => findings.All(f => f.Where != k))];
        Assert.True(idle.Length == 0, $"These exceptions are no longer needed: {string.Join(", ", idle)}");
        findings.RemoveAll(f => f.Rule == Rule.CallInInnerLoop && (s_meantCalls.ContainsKey(f.Where) || f.What.Contains(BulkCopy)));
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    [Theory]
    [InlineData("Session", "Run")]
    [InlineData("GesturePipeline", "Add")]
    [InlineData("TextPanel", "Show")]
    [InlineData("StreamLines", "Row")]
    [InlineData("CommandReader", "Add")]
    [InlineData("SensorFeed", "Next")]
    [InlineData("DutyCycle", "Next")]
    public void What_runs_all_the_time_allocates_nothing_but_pieces_of_the_pack(string type, string method)
    {
        var images = NanoProject.All.Where(p => p.AssemblyName is not ("NFUnitTest" or "TinyAI.Boards.Hardware" or "TinyAI.Boards.Screen")).Select(NanoCompiler.Compile);
        List<Finding> findings = Gate.CheckAllocations(images, type, method, s_knownCalls);
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    [Theory]
    [InlineData("I2cBus", "Read")]
    [InlineData("I2cBus", "Write")]
    [InlineData("SerialLink", "Read")]
    [InlineData("SerialLink", "Write")]
    [InlineData("DutBoard", "Mark")]
    [InlineData("DutBoard", "Timestamp")]
    public void The_hardware_makes_nothing_but_what_the_class_library_asks_for(string type, string method)
    {
        string[] library =
        [
            "I2cDevice.WriteRead", "I2cDevice.Write", "I2cTransferResult.get_Status", "SerialPort.get_BytesToRead", "SerialPort.Read", "SerialPort.Write",
            "GpioPin.Write", "PinValue.get_Low", "PinValue.get_High", "HighResTimer.GetCurrent",
        ];
        List<Finding> findings = Gate.CheckAllocations([NanoCompiler.Compile(Project("TinyAI.Boards.Hardware"))], type, method, library);
        // A struct that ends with the call.
        findings.RemoveAll(f => f.What.Contains("newobj System.Void System.SpanByte::.ctor", StringComparison.Ordinal));
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    private static NanoProject Renew(NanoProject project, string[] sources)
    {
        const string end = " />\n";
        string text = File.ReadAllText(project.Path), first = "    <Compile Include=";
        int from = text.IndexOf(first, StringComparison.Ordinal), to = text.LastIndexOf(first, StringComparison.Ordinal);
        string items = string.Concat(sources.Select(s => $"{first}\"{s}\"{end}"));
        File.WriteAllText(project.Path, text[..from] + items + text[(text.IndexOf(end, to, StringComparison.Ordinal) + end.Length)..]);
        return NanoProject.Read(project.Path);
    }

    private static NanoProject Project(string assembly) => NanoProject.All.Single(p => p.AssemblyName == assembly);
}
