using System.Resources;
using nanoFramework.Runtime.Native;
using TinyAI.NanoInterpreter;

namespace TinyAI.Bench.Nano;

/// <summary>Times a form on the interpreter.</summary>
internal static class NanoTiming
{
    private const int HeapBytes = 64 << 20;
    private const double BatchNanoseconds = 4e6, AllNanoseconds = 1.5e9;
    private static readonly string[] s_libraries = ["mscorlib", "nanoFramework.Runtime.Native", "nanoFramework.ResourceManager"];

    /// <summary>
    /// Nanoseconds of one inference: the fastest of many batches that are short where the model allows it, so that some
    /// batch goes undisturbed on a machine that does other things too.
    /// </summary>
    /// <exception cref="NanoSdkException">The application could not be built or run.</exception>
    public static double Measure(NanoSdk sdk, NanoApplication application, double predictedNanoseconds)
    {
        int runs = Math.Clamp((int)(BatchNanoseconds / predictedNanoseconds), 1, 10000);
        int batches = Math.Clamp((int)(AllNanoseconds / (runs * predictedNanoseconds)), 5, 300);
        string resources = Path.Combine(sdk.Folder, "Timing.resources");
        using (var writer = new ResourceWriter(resources))
        {
            writer.AddResource("blob", application.Blob);
            writer.Generate();
        }

        string constants = $"public enum Res : short {{ blob = {ResourceUtility.IdOf("blob")} }} "
            + $"public static class Res_ {{ public const int Runs = {runs}; public const int Batches = {batches}; }}";
        string[] projects = [.. application.Projects.SelectMany(sdk.Build).Distinct()];
        string app = sdk.BuildApplication("Timing", [(TimingSource(), "Timing.cs"), (constants, "Constants.cs"), .. application.Sources], s_libraries, projects, resources);
        NanoRun run = sdk.Run(HeapBytes, [.. s_libraries.Select(sdk.Pe), .. projects, app]);
        long[] ticks = [.. run.After("ticks").Select(long.Parse)];
        if (run.Exit != 0 || ticks.Length != batches) throw new NanoSdkException($"The interpreter did not finish: {run}");
        return ticks.Min() * 100.0 / runs;
    }

    private static string TimingSource()
    {
        using var reader = new StreamReader(typeof(NanoTiming).Assembly.GetManifestResourceStream("Timing.txt")!);
        return reader.ReadToEnd();
    }
}
