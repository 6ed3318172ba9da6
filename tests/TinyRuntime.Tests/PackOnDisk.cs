using System.Resources;
using nanoFramework.Runtime.Native;

namespace TinyAI.TinyRuntime.Tests;

/// <summary>A pack as a file and as an entry of a .resources file, in a temporary folder that goes when disposed.</summary>
internal sealed class PackOnDisk : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tinyai-").FullName;
    private ResourceManager? _resources;

    public PackOnDisk(byte[] pack)
    {
        Path = System.IO.Path.Combine(_folder, "model.tinyai");
        File.WriteAllBytes(Path, pack);
        using var writer = new ResourceWriter(System.IO.Path.Combine(_folder, "App.resources"));
        writer.AddResource(nameof(Id.model), pack);
        writer.Generate();
    }

    /// <summary>Ids as a nanoFramework application declares them; -2404 is the hash of "model".</summary>
    public enum Id : short
    {
        model = -2404,
        absent = 1,
    }

    public string Path { get; }

    public ResourceManager Resources => _resources ??= ResourceManager.CreateFileBasedResourceManager("App", _folder, null);

    /// <summary>The three sources, in the order array, resource, file.</summary>
    public IPackSource[] Sources(byte[] pack) => [new ByteArraySource(pack), new ResourceSource(Resources, Id.model), new FileSource(Path)];

    public void Dispose()
    {
        _resources?.ReleaseAllResources();
        Directory.Delete(_folder, recursive: true);
    }
}
