using Microsoft.CodeAnalysis;

namespace TinyAI.DeviceGate;

/// <summary>
/// Compiles device sources against the project's own declarations of nanoFramework's class library, with the options of
/// a release build. The same input gives the same bytes.
/// </summary>
public static class NanoCompiler
{
    private static readonly Dictionary<string, byte[]> s_built = [];

    /// <summary>Folder of the declarations.</summary>
    private static string Declarations => Path.Combine(NanoProject.Repository, "tests", "DeviceGate.Tests", "NanoDeclarations");

    /// <summary>The compiled assembly of a project.</summary>
    public static byte[] Compile(NanoProject project)
    {
        lock (s_built)
        {
            if (s_built.TryGetValue(project.Path, out byte[]? image)) return image;
            var references = project.References.Where(r => r != "nanoFramework.UnitTestLauncher").Select(Library)
                .Concat(AllProjects(project).Select(p => Reference(Compile(p))));
            OutputKind kind = project.IsApplication ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
            image = NanoEmit.Emit(project.AssemblyName, project.Sources.Select(p => (File.ReadAllText(p), p)), [.. references], kind);
            return s_built[project.Path] = image;
        }
    }

    /// <summary>One piece of source text, for tests of the gate itself.</summary>
    public static byte[] CompileText(string source, params NanoProject[] projects) =>
        NanoEmit.Emit("Sample", [(source, "Sample.cs")], [Library("mscorlib"), .. projects.Select(p => Reference(Compile(p)))]);

    private static IEnumerable<NanoProject> AllProjects(NanoProject project) =>
        project.Projects.SelectMany(p => AllProjects(p).Append(p)).DistinctBy(p => p.AssemblyName);

    private static MetadataReference Reference(byte[] image) => MetadataReference.CreateFromImage(image);

    /// <summary>A library of nanoFramework, as declared here.</summary>
    private static MetadataReference Library(string name)
    {
        lock (s_built)
        {
            if (s_built.TryGetValue(name, out byte[]? image)) return Reference(image);
            string folder = Path.Combine(Declarations, name), file = Path.Combine(Declarations, name + ".cs");
            string[] sources = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.cs") : File.Exists(file) ? [file] : [];
            if (sources.Length == 0 && name is not ("nanoFramework.Runtime.Events" or "nanoFramework.System.Text"))
                throw new InvalidOperationException($"{name} is not declared in {Declarations}.");
            MetadataReference[] references = name switch
            {
                "mscorlib" => [],
                "System.IO.FileSystem" => [Library("mscorlib"), Library("System.IO.Streams")],
                _ => [Library("mscorlib")],
            };
            Array.Sort(sources, StringComparer.Ordinal);
            return Reference(s_built[name] = NanoEmit.Emit(name, sources.Select(p => (File.ReadAllText(p), p)), references));
        }
    }
}
