using System.Xml.Linq;

namespace TinyAI.DeviceGate;

/// <summary>What an .nfproj says: the sources, the libraries and the other projects it refers to.</summary>
/// <param name="Path">Full path of the .nfproj.</param>
/// <param name="AssemblyName">Name of the assembly it builds.</param>
/// <param name="CompileItems">Its Compile items as written.</param>
/// <param name="References">Simple names of the referenced libraries.</param>
/// <param name="Projects">Projects it refers to.</param>
public sealed record NanoProject(string Path, string AssemblyName, string[] CompileItems, string[] References, NanoProject[] Projects)
{
    /// <summary>Folder of the .nfproj.</summary>
    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>Full paths of the sources.</summary>
    public IEnumerable<string> Sources => CompileItems.Select(i => System.IO.Path.Combine(Folder, i.Replace('\\', '/')));

    /// <summary>The root of the repository: the folder above the tests that holds the solution.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>All device projects, each after those it refers to.</summary>
    public static NanoProject[] All =>
    [
        Read("src/Kernels/TinyAI.Kernels.nfproj"), Read("src/TinyRuntime/TinyAI.TinyRuntime.nfproj"),
        Read("src/TinyRuntime.Files/TinyAI.TinyRuntime.Files.nfproj"), Read("boards/Common/TinyAI.Boards.nfproj"), Read("boards/Hardware/TinyAI.Boards.Hardware.nfproj"),
        Read("boards/Screen/TinyAI.Boards.Screen.nfproj"),
        Read("tests/Device.Tests/TinyAI.Device.Tests.nfproj"),
    ];

    /// <summary>All applications: each board folder has one of each kind.</summary>
    public static NanoProject[] Applications =>
    [
        .. Directory.GetFiles(System.IO.Path.Combine(Repository, "boards"), "*.nfproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(Read).Where(p => p.IsApplication),
    ];

    /// <summary>Whether it builds a program rather than a library.</summary>
    public bool IsApplication { get; init; }

    /// <summary>Reads a project, given by its path in the repository or in full.</summary>
    public static NanoProject Read(string path)
    {
        string full = System.IO.Path.GetFullPath(System.IO.Path.Combine(Repository, path));
        XDocument project = XDocument.Load(full);
        string[] Includes(string item) =>
            [.. project.Descendants().Where(e => e.Name.LocalName == item && e.Attribute("Include") is not null).Select(e => (string)e.Attribute("Include")!)];
        string folder = System.IO.Path.GetDirectoryName(full)!;
        return new NanoProject(
            full,
            project.Descendants().First(e => e.Name.LocalName == "AssemblyName").Value,
            Includes("Compile"),
            [.. Includes("Reference").Select(r => r.Split(',')[0].Trim())],
            [.. Includes("ProjectReference").Select(r => Read(System.IO.Path.Combine(folder, r.Replace('\\', '/'))))])
        {
            IsApplication = project.Descendants().Any(e => e.Name.LocalName == "OutputType" && e.Value == "Exe"),
        };
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "TinyAI.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("The tests must run from a build inside the repository: TinyAI.sln is not above them.");
    }
}
