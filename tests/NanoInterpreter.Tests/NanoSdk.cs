using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using TinyAI.DeviceGate;

namespace TinyAI.NanoInterpreter.Tests;

/// <summary>
/// A nanoFramework interpreter for this machine, in the folder that the environment variable NANO_SDK names: class
/// library in lib/*.dll and lib/*.pe, metadata processor in mdp/, interpreter in nanoclr. Nothing of it is part of this
/// repository, and what is built with it goes to a temporary folder.
/// </summary>
internal sealed partial class NanoSdk : IDisposable
{
    private const string Processor = "nanoFramework.Tools.MetadataProcessor.dll";
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(5);

    private readonly string _sdk;
    private readonly Dictionary<string, string> _built = [];

    private NanoSdk(string sdk)
    {
        _sdk = sdk;
        Folder = Directory.CreateTempSubdirectory("tinyai-nano-").FullName;
    }

    /// <summary>Where assemblies are built.</summary>
    public string Folder { get; }

    /// <summary>The interpreter; a test that asks for it is skipped where there is none.</summary>
    public static NanoSdk GetOrSkip()
    {
        string? sdk = Environment.GetEnvironmentVariable("NANO_SDK");
        if (string.IsNullOrEmpty(sdk)) Assert.Skip("NANO_SDK is not set: it names a folder with lib/, mdp/ and nanoclr of nanoFramework v1.");
        Assert.True(File.Exists(Path.Combine(sdk!, "nanoclr")), $"NANO_SDK is {sdk}, but there is no nanoclr in it.");
        return new NanoSdk(sdk!);
    }

    /// <summary>Compiles and converts a device project and those it refers to; returns all .pe files in load order.</summary>
    public string[] Build(NanoProject project)
    {
        string[] below = [.. project.Projects.SelectMany(Build).Distinct()];
        if (!_built.ContainsKey(project.AssemblyName))
        {
            IEnumerable<string> libraries = project.References.Where(r => r != "nanoFramework.UnitTestLauncher").Select(Library);
            byte[] image = NanoEmit.Emit(
                project.AssemblyName, project.Sources.Select(p => (File.ReadAllText(p), p)),
                libraries.Concat(below.Select(p => Path.ChangeExtension(p, "dll"))).Select(p => (MetadataReference)MetadataReference.CreateFromFile(p)));
            Convert(project.AssemblyName, "dll", image);
        }

        return [.. below, _built[project.AssemblyName]];
    }

    /// <summary>Compiles an application with one .resources file in it; returns its .pe file.</summary>
    public string BuildApplication(string name, IEnumerable<(string Text, string Path)> sources, string[] libraries, string[] projects, string resources)
    {
        var references = libraries.Select(Library).Concat(projects.Select(p => Path.ChangeExtension(p, "dll")));
        byte[] image = NanoEmit.Emit(
            name, sources, references.Select(p => (MetadataReference)MetadataReference.CreateFromFile(p)), OutputKind.ConsoleApplication,
            [new ResourceDescription(Path.GetFileName(resources), () => File.OpenRead(resources), isPublic: true)]);
        return Convert(name, "exe", image);
    }

    /// <summary>Full path of a library's .pe file.</summary>
    public string Pe(string library) => Path.ChangeExtension(Library(library), "pe");

    /// <summary>Runs .pe files on a heap of this many bytes.</summary>
    public NanoRun Run(int heapBytes, params string[] pes)
    {
        (int exit, string output, string errors) = Start(Path.Combine(_sdk, "nanoclr"), pes, ("TINYAI_HEAP_BYTES", heapBytes.ToString()));
        return new NanoRun(exit, [.. output.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd())], errors);
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Library(string name) => Path.Combine(_sdk, "lib", name + ".dll");

    private string Convert(string name, string extension, byte[] image)
    {
        string assembly = Path.Combine(Folder, $"{name}.{extension}"), pe = Path.Combine(Folder, name + ".pe");
        File.WriteAllBytes(assembly, image);
        List<string> arguments = [Path.Combine(_sdk, "mdp", Processor)];
        IEnumerable<string> hints = Directory.GetFiles(Path.Combine(_sdk, "lib"), "*.dll").Concat(_built.Keys.Select(k => Path.Combine(Folder, k + ".dll")));
        foreach (string hint in hints) arguments.AddRange(["-loadHints", Path.GetFileNameWithoutExtension(hint), hint]);
        arguments.AddRange(["-parse", assembly, "-compile", pe, "false"]);
        (int exit, string output, string errors) = Start("dotnet", arguments);
        Assert.True(exit == 0 && errors.Trim().Length == 0 && File.Exists(pe), $"The metadata processor refused {name}: {errors}{output}");
        return _built[name] = pe;
    }

    private static (int Exit, string Output, string Errors) Start(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} did not end within {s_patience}.");
        }

        return (process.ExitCode, output.Result, errors.Result);
    }
}

/// <summary>What a run of the interpreter left.</summary>
internal sealed partial record NanoRun(int Exit, string[] Lines, string Errors)
{
    /// <summary>RAM of each loaded assembly, as the interpreter reports it.</summary>
    public Dictionary<string, int> AssemblyRam =>
        Lines.Select(l => AssemblyLine().Match(l)).Where(m => m.Success).ToDictionary(m => m.Groups[1].Value, m => int.Parse(m.Groups[2].Value));

    /// <summary>Lines that begin with this word, without it.</summary>
    public string[] After(string word) => [.. Lines.Where(l => l.StartsWith(word + " ", StringComparison.Ordinal)).Select(l => l[(word.Length + 1)..])];

    /// <summary>The end of the output and the errors, for messages.</summary>
    public override string ToString() => string.Join('\n', Lines.TakeLast(12)) + Errors;

    [GeneratedRegex(@"Assembly: (\S+) \(\S+\)\s+\((\d+) RAM")]
    private static partial Regex AssemblyLine();
}
