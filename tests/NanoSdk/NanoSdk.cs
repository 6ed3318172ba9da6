using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using TinyAI.DeviceGate;

namespace TinyAI.NanoInterpreter;

/// <summary>
/// A nanoFramework interpreter for this machine, in the folder that the environment variable NANO_SDK names: class
/// library in lib/*.dll and lib/*.pe, metadata processor in mdp/, interpreter in nanoclr. Nothing of it is part of this
/// repository, and what is built with it goes to a temporary folder.
/// </summary>
public sealed partial class NanoSdk : IDisposable
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

    /// <summary>The interpreter, or null where NANO_SDK is not set.</summary>
    /// <exception cref="NanoSdkException">NANO_SDK names a folder without an interpreter.</exception>
    public static NanoSdk? Get()
    {
        string? sdk = Environment.GetEnvironmentVariable("NANO_SDK");
        if (string.IsNullOrEmpty(sdk)) return null;
        return File.Exists(Path.Combine(sdk, "nanoclr")) ? new NanoSdk(sdk) : throw new NanoSdkException($"NANO_SDK is {sdk}, but there is no nanoclr in it.");
    }

    /// <summary>Compiles and converts a device project and those it refers to; returns all .pe files in load order.</summary>
    public string[] Build(NanoProject project)
    {
        lock (_built) return BuildOne(project);
    }

    /// <summary>Compiles an application with one .resources file in it; returns its .pe file.</summary>
    public string BuildApplication(string name, IEnumerable<(string Text, string Path)> sources, string[] libraries, string[] projects, string resources)
    {
        var references = libraries.Select(Library).Concat(projects.Select(p => Path.ChangeExtension(p, "dll")));
        byte[] image = NanoEmit.Emit(
            name, sources, references.Select(p => (MetadataReference)MetadataReference.CreateFromFile(p)), OutputKind.ConsoleApplication,
            [new ResourceDescription(Path.GetFileName(resources), () => File.OpenRead(resources), isPublic: true)]);
        lock (_built) return Convert(name, "exe", image);
    }

    /// <summary>Full path of a library's .pe file.</summary>
    public string Pe(string library) => Path.ChangeExtension(Library(library), "pe");

    /// <summary>Runs .pe files on a heap of this many bytes.</summary>
    public NanoRun Run(int heapBytes, params string[] pes)
    {
        double before = ProcessorTime.OfEndedChildren();
        // Folder is the volume I: of applications that use files.
        (int exit, string output, string errors) = Start(
            Path.Combine(_sdk, "nanoclr"), pes, ("TINYAI_HEAP_BYTES", heapBytes.ToString()), ("TINYAI_FS_DIR", Folder));
        double seconds = ProcessorTime.OfEndedChildren() - before;
        return new NanoRun(exit, [.. output.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd())], errors, seconds);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Library(string name) => Path.Combine(_sdk, "lib", name + ".dll");

    private string Convert(string name, string extension, byte[] image)
    {
        string assembly = Path.Combine(Folder, $"{name}.{extension}"), pe = Path.Combine(Folder, name + ".pe");
        File.WriteAllBytes(assembly, image);
        List<string> arguments = [Path.Combine(_sdk, "mdp", Processor)];
        IEnumerable<string> hints = Directory.GetFiles(Path.Combine(_sdk, "lib"), "*.dll").Concat(_built.Keys.Select(k => Path.Combine(Folder, k + ".dll")).Where(File.Exists));
        foreach (string hint in hints) arguments.AddRange(["-loadHints", Path.GetFileNameWithoutExtension(hint), hint]);
        arguments.AddRange(["-parse", assembly, "-compile", pe, "false"]);
        (int exit, string output, string errors) = Start("dotnet", arguments);
        if (exit != 0 || errors.Trim().Length > 0 || !File.Exists(pe)) throw new NanoSdkException($"The metadata processor refused {name}: {errors}{output}");
        return _built[name] = pe;
    }

    private string[] BuildOne(NanoProject project)
    {
        string[] below = [.. project.Projects.SelectMany(BuildOne).Distinct()];
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

    private static (int Exit, string Output, string Errors) Start(string program, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            throw new NanoSdkException($"{program} did not end within {s_patience}.");
        }

        return (process.ExitCode, output.Result, errors.Result);
    }
}

/// <summary>The interpreter or its tools cannot be used, or refused what they were given.</summary>
public sealed class NanoSdkException(string message) : Exception(message);

/// <summary>What a run of the interpreter left.</summary>
/// <param name="Exit">Exit code, 0 where the program ran to its end.</param>
/// <param name="Lines">Standard output.</param>
/// <param name="Errors">Standard error.</param>
/// <param name="ProcessorSeconds">Processor time, which a busy machine lengthens less than the time of day.</param>
public sealed partial record NanoRun(int Exit, string[] Lines, string Errors, double ProcessorSeconds)
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
