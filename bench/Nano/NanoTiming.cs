using System.Resources;
using nanoFramework.Runtime.Native;
using TinyAI.NanoInterpreter;

namespace TinyAI.Bench.Nano;

/// <summary>Times a form on the interpreter.</summary>
internal static class NanoTiming
{
    private const int HeapBytes = 64 << 20;
    private const double LongEnough = 5e8;
    private const int Repeats = 5;
    private static readonly string[] s_libraries = ["mscorlib", "nanoFramework.Runtime.Native", "nanoFramework.ResourceManager"];

    /// <summary>
    /// Nanoseconds of one inference: processor time of many inferences, less that of a run with only one, which has the
    /// same start, load and set-up. The least of some repetitions counts: others on the machine can only add to it.
    /// </summary>
    /// <exception cref="NanoSdkException">The application could not be built or run.</exception>
    public static double Measure(NanoSdk sdk, NanoApplication application, double predictedNanoseconds)
    {
        int runs = Math.Clamp((int)(LongEnough / predictedNanoseconds), 3, 50000);
        return (Seconds(sdk, application, 1 + runs) - Seconds(sdk, application, 1)) * 1e9 / runs;
    }

    private static double Seconds(NanoSdk sdk, NanoApplication application, int runs)
    {
        string resources = Path.Combine(sdk.Folder, "Timing.resources");
        using (var writer = new ResourceWriter(resources))
        {
            writer.AddResource("blob", application.Blob);
            writer.Generate();
        }

        string constants = $"public static class Constants {{ public const int Runs = {runs}; }} public enum Res : short {{ blob = {ResourceUtility.IdOf("blob")} }}";
        string[] projects = [.. application.Projects.SelectMany(sdk.Build).Distinct()];
        string app = sdk.BuildApplication("Timing", [(TimingSource(), "Timing.cs"), (constants, "Constants.cs"), .. application.Sources], s_libraries, projects, resources);
        double least = double.PositiveInfinity;
        for (int i = 0; i < Repeats; i++)
        {
            NanoRun run = sdk.Run(HeapBytes, [.. s_libraries.Select(sdk.Pe), .. projects, app]);
            if (run.Exit != 0 || run.After("done").Length != 1) throw new NanoSdkException($"The interpreter did not finish: {run}");
            least = Math.Min(least, run.ProcessorSeconds);
        }

        return least;
    }

    private static string TimingSource()
    {
        using var reader = new StreamReader(typeof(NanoTiming).Assembly.GetManifestResourceStream("Timing.txt")!);
        return reader.ReadToEnd();
    }
}
