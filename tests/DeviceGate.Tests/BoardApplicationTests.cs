using System.Text;
using System.Xml.Linq;
using Mono.Cecil;
using TinyAI.DeviceGate.Rules;

namespace TinyAI.DeviceGate.Tests;

/// <summary>Every application of every board compiles against the declared packages, passes the gate and is in the solution.</summary>
public class BoardApplicationTests(ITestOutputHelper output)
{
    private static bool IsUpdate => Environment.GetEnvironmentVariable("TINYAI_UPDATE_DOCS") == "1";

    public static TheoryData<string> Applications => [.. BoardApplications.Boards.SelectMany(b => BoardApplications.Names.Select(a => $"{b}/{a}"))];

    [Fact]
    public void The_projects_of_boards_are_those_of_the_template()
    {
        Assert.True(BoardApplications.Boards.Length >= 5, "boards are missing: each is a folder of boards/ with a Board.cs");
        foreach ((string path, string content) in BoardApplications.Files())
        {
            string full = Path.Combine(NanoProject.Repository, path);
            if (IsUpdate)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(full)!);
                File.WriteAllText(full, content);
            }

            Assert.True(
                File.Exists(full) && File.ReadAllText(full).ReplaceLineEndings("\n") == content,
                $"{path} is not what the template gives; renew it with TINYAI_UPDATE_DOCS=1 dotnet test tests/DeviceGate.Tests");
        }
    }

    [Fact]
    public void The_solution_builds_and_deploys_every_application()
    {
        string path = Path.Combine(NanoProject.Repository, "TinyAI.sln");
        string solution = File.ReadAllText(path), whole = BoardSolution.WithApplications(solution);
        if (IsUpdate && whole != solution) File.WriteAllText(path, whole, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        Assert.True(IsUpdate || whole == solution, "TinyAI.sln lacks an application; renew it with TINYAI_UPDATE_DOCS=1 dotnet test tests/DeviceGate.Tests");
        foreach (string name in BoardApplications.Boards.SelectMany(b => BoardApplications.Names.Select(a => $"{b}.{a}")))
            Assert.Contains($"{BoardApplications.Guid(name)}.Release|Any CPU.Deploy.0 = Release|Any CPU", whole);
        Assert.DoesNotContain(".nfproj", File.ReadAllText(Path.Combine(NanoProject.Repository, "TinyAI.Host.slnf")));
    }

    [Theory]
    [MemberData(nameof(Applications))]
    public void An_application_compiles_and_can_be_loaded(string name)
    {
        NanoProject project = Read(name);
        byte[] image = NanoCompiler.Compile(project);
        List<Finding> findings = Gate.Check(image);
        Assert.True(findings.Count == 0, string.Join('\n', findings));
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(image));
        Assert.Equal("Main", module.EntryPoint?.Name);
        output.WriteLine($"{name}: {AssemblySizes.Of(image).Ram} bytes of RAM");
    }

    [Theory]
    [MemberData(nameof(Applications))]
    public void References_and_packages_agree(string name)
    {
        NanoProject project = Read(name);
        string text = File.ReadAllText(project.Path), packages = File.ReadAllText(Path.Combine(project.Folder, "packages.config"));
        foreach (XElement package in XDocument.Parse(packages).Root!.Elements())
            Assert.Contains($@"..\..\..\packages\{(string?)package.Attribute("id")}.{(string?)package.Attribute("version")}\lib\", text);
        // The versions are those with which the libraries below are built.
        foreach (NanoProject library in project.Projects)
        {
            foreach (string line in File.ReadLines(Path.Combine(library.Folder, "packages.config")).Where(l => l.Contains("<package ", StringComparison.Ordinal)))
                Assert.Contains(line.Trim(), packages);
        }
    }

    [Fact]
    public void No_other_project_lies_among_the_boards() =>
        Assert.Equal(
            BoardApplications.Files().Select(f => Path.GetFileName(f.Path)).Where(f => f.EndsWith(".nfproj", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            NanoProject.Applications.Select(p => Path.GetFileName(p.Path)).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_board_has_a_profile_and_uses_no_pin_twice()
    {
        foreach (string board in BoardApplications.Boards)
        {
            string source = File.ReadAllText(Path.Combine(NanoProject.Repository, "boards", board, "Board.cs"));
            string name = source.Split("Name = \"")[1].Split('"')[0];
            Assert.True(File.Exists(Path.Combine(NanoProject.Repository, "boards", "profiles", name + ".json")), $"{board} names the profile {name}, which does not exist");
            int[] pins = [.. System.Text.RegularExpressions.Regex.Matches(source, @"\w+ = (\d+)[,\s]").Select(m => int.Parse(m.Groups[1].Value))];
            Assert.True(pins.Length >= 7 && pins.Distinct().Count() == pins.Length, $"{board} uses a pin twice");
        }
    }

    private static NanoProject Read(string name)
    {
        string[] parts = name.Split('/');
        return NanoProject.Read($"boards/{parts[0]}/{parts[1]}/{parts[0]}.{parts[1]}.nfproj");
    }
}
