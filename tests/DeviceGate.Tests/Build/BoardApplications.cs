using System.Security.Cryptography;
using System.Text;

namespace TinyAI.DeviceGate;

/// <summary>
/// The application projects of boards. They differ in nothing but the board's folder and the application's name, so they
/// are written from one template: a board is its Board.cs.
/// </summary>
public static class BoardApplications
{
    /// <summary>The applications; each is a folder of boards/Apps.</summary>
    public static readonly string[] Names = ["Gesture", "PowerTest", "SelfTest", "Probe"];

    // Package, assembly, version.
    private static readonly (string Package, string Assembly, string Version)[] s_packages =
    [
        ("nanoFramework.CoreLibrary", "mscorlib", "1.17.11"),
        ("nanoFramework.Hardware.Esp32", "nanoFramework.Hardware.Esp32", "1.6.42"),
        ("nanoFramework.ResourceManager", "nanoFramework.ResourceManager", "1.2.32"),
        ("nanoFramework.Runtime.Events", "nanoFramework.Runtime.Events", "1.11.39"),
        ("nanoFramework.Runtime.Native", "nanoFramework.Runtime.Native", "1.7.11"),
        ("nanoFramework.System.Device.Gpio", "System.Device.Gpio", "1.1.64"),
        ("nanoFramework.System.Device.I2c", "System.Device.I2c", "1.1.29"),
        ("nanoFramework.System.Device.Spi", "System.Device.Spi", "1.3.82"),
        ("nanoFramework.System.IO.FileSystem", "System.IO.FileSystem", "1.1.94"),
        ("nanoFramework.System.IO.Ports", "System.IO.Ports", "1.1.139"),
        ("nanoFramework.System.IO.Streams", "System.IO.Streams", "1.1.96"),
        ("nanoFramework.System.Text", "nanoFramework.System.Text", "1.3.42"),
    ];

    /// <summary>Folders of boards: those with a Board.cs.</summary>
    public static string[] Boards =>
    [
        .. Directory.GetDirectories(Path.Combine(NanoProject.Repository, "boards")).Where(d => File.Exists(Path.Combine(d, "Board.cs")))
            .Select(d => Path.GetFileName(d)).Order(StringComparer.Ordinal),
    ];

    /// <summary>Every file of every application project, by its path in the repository with slashes.</summary>
    public static IEnumerable<(string Path, string Content)> Files()
    {
        foreach (string board in Boards)
        {
            foreach (string app in Names)
            {
                string folder = $"boards/{board}/{app}";
                yield return ($"{folder}/{board}.{app}.nfproj", Project(board, app));
                yield return ($"{folder}/packages.config", Packages(app == "Gesture" && HasScreen(board)));
                yield return ($"{folder}/Properties/AssemblyInfo.cs", AssemblyInfo(app));
            }
        }
    }

    /// <summary>The GUID of a project: the same for the same name.</summary>
    public static string Guid(string name) => new Guid(MD5.HashData(Encoding.UTF8.GetBytes("TinyAI boards " + name))).ToString("B").ToUpperInvariant();

    private static string Project(string board, string app)
    {
        var compile = new StringBuilder();
        var sources = Directory.GetFiles(Path.Combine(NanoProject.Repository, "boards", "Apps", app), "*.cs").Select(f => ($@"..\..\Apps\{app}\{Path.GetFileName(f)}", Path.GetFileName(f)));
        if (app != "Probe") sources = sources.Append((@"..\..\Apps\ModelSource.cs", "ModelSource.cs"));
        bool hasScreen = app == "Gesture" && HasScreen(board);
        if (app == "Gesture") sources = sources.Append(hasScreen ? (@"..\Screen.cs", "Screen.cs") : (@"..\..\Apps\NoScreen.cs", "NoScreen.cs"));
        sources = sources.Append((@"..\Board.cs", "Board.cs"));
        foreach ((string path, string link) in sources.OrderBy(s => s.Item1, StringComparer.Ordinal))
            compile.Append($"    <Compile Include=\"{path}\">\n      <Link>{link}</Link>\n    </Compile>\n");
        compile.Append("    <Compile Include=\"Properties\\AssemblyInfo.cs\" />\n");
        string resources = app == "Probe" ? "" : "  <ItemGroup>\n    <EmbeddedResource Include=\"..\\..\\Apps\\Resources.resx\">\n      <Link>Resources.resx</Link>\n    </EmbeddedResource>\n  </ItemGroup>\n";
        string screen = hasScreen ? "\n    <ProjectReference Include=\"..\\..\\Screen\\TinyAI.Boards.Screen.nfproj\" />" : "";
        string references = string.Concat(PackagesOf(hasScreen).Select(p =>
            $"    <Reference Include=\"{p.Assembly}\">\n      <HintPath>..\\..\\..\\packages\\{p.Package}.{p.Version}\\lib\\{p.Assembly}.dll</HintPath>\n    </Reference>\n"));
        return $$"""
            <?xml version="1.0" encoding="utf-8"?>
            <!-- Written from a template, see docs/boards.md: TINYAI_UPDATE_DOCS=1 dotnet test tests/DeviceGate.Tests -->
            <Project ToolsVersion="Current" DefaultTargets="Build" xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
              <PropertyGroup Label="Globals">
                <NanoFrameworkProjectSystemPath>$(MSBuildExtensionsPath)\nanoFramework\v1.0\</NanoFrameworkProjectSystemPath>
              </PropertyGroup>
              <Import Project="$(NanoFrameworkProjectSystemPath)NFProjectSystem.Default.props" Condition="Exists('$(NanoFrameworkProjectSystemPath)NFProjectSystem.Default.props')" />
              <PropertyGroup>
                <Configuration Condition=" '$(Configuration)' == '' ">Debug</Configuration>
                <Platform Condition=" '$(Platform)' == '' ">AnyCPU</Platform>
                <ProjectTypeGuids>{11A8DD76-328B-46DF-9F39-F559912D0360};{FAE04EC0-301F-11D3-BF4B-00C04F79EFBC}</ProjectTypeGuids>
                <ProjectGuid>{{Guid(board + "." + app)}}</ProjectGuid>
                <OutputType>Exe</OutputType>
                <AppDesignerFolder>Properties</AppDesignerFolder>
                <FileAlignment>512</FileAlignment>
                <RootNamespace>TinyAI.Apps</RootNamespace>
                <AssemblyName>TinyAI.{{app}}</AssemblyName>
                <TargetFrameworkVersion>v1.0</TargetFrameworkVersion>
                <!-- An attribute type that newer compilers add shifts the method indexes of the converted assembly. -->
                <Features>noRefSafetyRulesAttribute</Features>
              </PropertyGroup>
              <Import Project="$(NanoFrameworkProjectSystemPath)NFProjectSystem.props" Condition="Exists('$(NanoFrameworkProjectSystemPath)NFProjectSystem.props')" />
              <ItemGroup>
            {{compile.ToString().TrimEnd('\n')}}
              </ItemGroup>
              <ItemGroup>
                <None Include="packages.config" />
              </ItemGroup>
            {{resources}}  <ItemGroup>
                <ProjectReference Include="..\..\..\src\Kernels\TinyAI.Kernels.nfproj" />
                <ProjectReference Include="..\..\..\src\TinyRuntime\TinyAI.TinyRuntime.nfproj" />
                <ProjectReference Include="..\..\..\src\TinyRuntime.Files\TinyAI.TinyRuntime.Files.nfproj" />
                <ProjectReference Include="..\..\Common\TinyAI.Boards.nfproj" />
                <ProjectReference Include="..\..\Hardware\TinyAI.Boards.Hardware.nfproj" />{{screen}}
              </ItemGroup>
              <ItemGroup>
            {{references.TrimEnd('\n')}}
              </ItemGroup>
              <Import Project="$(NanoFrameworkProjectSystemPath)NFProjectSystem.CSharp.targets" Condition="Exists('$(NanoFrameworkProjectSystemPath)NFProjectSystem.CSharp.targets')" />
              <ProjectExtensions>
                <ProjectCapabilities>
                  <ProjectConfigurationsDeclaredAsItems />
                </ProjectCapabilities>
              </ProjectExtensions>
            </Project>

            """.ReplaceLineEndings("\n");
    }

    private static bool HasScreen(string board) => File.Exists(Path.Combine(NanoProject.Repository, "boards", board, "Screen.cs"));

    private static (string Package, string Assembly, string Version)[] PackagesOf(bool hasScreen) =>
        [.. s_packages.Where(p => hasScreen || p.Assembly != "System.Device.Spi")];

    private static string Packages(bool hasScreen) =>
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<packages>\n"
        + string.Concat(PackagesOf(hasScreen).Select(p => $"  <package id=\"{p.Package}\" version=\"{p.Version}\" targetFramework=\"netnano1.0\" />\n")) + "</packages>\n";

    private static string AssemblyInfo(string app) =>
        $"""
        using System.Reflection;

        [assembly: AssemblyTitle("TinyAI.{app}")]
        [assembly: AssemblyDescription("An application of boards/Apps.")]
        [assembly: AssemblyCompany("TinyAI")]
        [assembly: AssemblyProduct("TinyAI")]
        [assembly: AssemblyCopyright("Copyright (c) TinyAI contributors")]
        [assembly: AssemblyVersion("0.1.0.0")]
        [assembly: AssemblyFileVersion("0.1.0.0")]

        """.ReplaceLineEndings("\n");
}
