using TinyAI.DeviceGate.Rules;

namespace TinyAI.DeviceGate.Tests;

/// <summary>The device sources keep every rule.</summary>
public class DeviceSourcesTests
{
    /// <summary>Calls in innermost loops that are meant: the method, and why.</summary>
    private static readonly Dictionary<string, string> s_meantCalls = new()
    {
        ["FixedPoint.NewtonReciprocal"] = "three steps for one quotient, not a loop over elements",
    };

    /// <summary>Calls out of the runtime while it runs: reading the pack is what a source is for.</summary>
    private static readonly string[] s_knownCalls = ["ResourceUtility.GetObject", "Stream.Seek", "Stream.Read"];

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
        Assert.Equal(onDisk, project.CompileItems.Order(StringComparer.Ordinal));
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
        findings.RemoveAll(f => f.Rule == Rule.CallInInnerLoop && s_meantCalls.ContainsKey(f.Where));
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    [Fact]
    public void Running_a_session_allocates_nothing_but_pieces_of_the_pack()
    {
        var images = NanoProject.All.Where(p => p.AssemblyName != "NFUnitTest").Select(NanoCompiler.Compile);
        List<Finding> findings = Gate.CheckAllocations(images, "Session", "Run", s_knownCalls);
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    private static NanoProject Project(string assembly) => NanoProject.All.Single(p => p.AssemblyName == assembly);
}
