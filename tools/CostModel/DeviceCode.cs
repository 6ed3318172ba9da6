using System.Reflection;
using System.Runtime.Loader;

namespace TinyAI.CostModel;

/// <summary>
/// Device assemblies, loaded as instrumented copies beside the real ones: whatever runs in them is counted. The desktop
/// build (Release IL of the same compiler from the same files) stands for the device's; nanoFramework's own project
/// system compiles with the same optimisation, so the IL differs at most in what a newer language version lowers
/// differently. Class library methods are outside and count as one call each. One thread at a time.
/// </summary>
public sealed class DeviceCode : IDisposable
{
    private readonly Context _context;
    private readonly InstrumentedAssembly[] _instrumented;
    private readonly Assembly[] _assemblies;
    private readonly long[][] _counters;

    private DeviceCode(InstrumentedAssembly[] instrumented)
    {
        _instrumented = instrumented;
        _context = new Context(instrumented);
        _assemblies = [.. instrumented.Select(a => _context.LoadFromAssemblyName(new AssemblyName(a.Name)))];
        _counters = [.. instrumented.Select(a => new long[a.Blocks.Length])];
        for (int i = 0; i < _assemblies.Length; i++)
            _assemblies[i].GetType(Instrumenter.CounterType)!.GetField(Instrumenter.CounterField)!.SetValue(null, _counters[i]);
    }

    /// <summary>Bytes of IL in all methods.</summary>
    public int CodeBytes => _instrumented.Sum(a => a.CodeBytes);

    /// <summary>Loads assemblies from files, dependencies included where they are listed.</summary>
    public static DeviceCode Load(params string[] paths) =>
        Load(paths.Select(File.ReadAllBytes), paths.Select(p => Path.GetDirectoryName(Path.GetFullPath(p))!).Distinct());

    /// <summary>Loads assemblies from memory, such as generated code fresh from the compiler.</summary>
    public static DeviceCode Load(IEnumerable<byte[]> images, IEnumerable<string> searchFolders)
    {
        string[] folders = [.. searchFolders, AppContext.BaseDirectory];
        return new DeviceCode([.. images.Select(image => Instrumenter.Run(image, folders))]);
    }

    /// <summary>A type of the instrumented copies by its full name.</summary>
    public Type Type(string fullName) =>
        _assemblies.Select(a => a.GetType(fullName)).FirstOrDefault(t => t is not null) ?? throw new ArgumentException($"The device code has no type {fullName}.");

    /// <summary>Runs something and returns what it executed.</summary>
    public Execution Count(Action action)
    {
        long[][] before = [.. _counters.Select(c => (long[])c.Clone())];
        action();
        var counts = new long[_counters.Length][];
        for (int a = 0; a < counts.Length; a++)
        {
            counts[a] = new long[_counters[a].Length];
            for (int b = 0; b < counts[a].Length; b++) counts[a][b] = _counters[a][b] - before[a][b];
        }

        return new Execution(_instrumented, counts);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Unload();

    private sealed class Context(InstrumentedAssembly[] assemblies) : AssemblyLoadContext("instrumented", isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName name) =>
            assemblies.FirstOrDefault(a => a.Name == name.Name) is { } found ? LoadFromStream(new MemoryStream(found.Image)) : null;
    }
}
