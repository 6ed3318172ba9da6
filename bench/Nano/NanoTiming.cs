using System.Resources;
using nanoFramework.Runtime.Native;
using TinyAI.NanoInterpreter;

namespace TinyAI.Bench.Nano;

/// <summary>
/// Times an application on the interpreter: processor time of many inferences, less that of a run with only one, which has
/// the same start, load and set-up. Of several rounds the least counts, as others on the machine can only add to it; what is to be
/// compared is timed in turns, round by round, so that a machine that slows down slows down all of it.
/// </summary>
internal sealed class NanoTiming
{
    /// <summary>Rounds that a figure is made of.</summary>
    public const int Rounds = 9;

    private const int HeapBytes = 64 << 20;
    private const double LongEnough = 5e8;
    private static readonly string[] s_libraries = ["mscorlib", "nanoFramework.Runtime.Native", "nanoFramework.ResourceManager"];
    private static int s_count;

    private readonly NanoSdk _sdk;
    private readonly string[] _projects;
    private readonly string _once, _many;
    private readonly int _runs;
    private double _leastOnce = double.PositiveInfinity, _leastMany = double.PositiveInfinity;

    /// <summary>Builds the application; the prediction says how many inferences are long enough to be timed.</summary>
    /// <exception cref="NanoSdkException">It could not be built.</exception>
    public NanoTiming(NanoSdk sdk, NanoApplication application, double predictedNanoseconds)
    {
        _sdk = sdk;
        _runs = Math.Clamp((int)(LongEnough / predictedNanoseconds), 3, 50000);
        _projects = [.. application.Projects.SelectMany(sdk.Build).Distinct()];
        (_once, _many) = (Build(application, 1), Build(application, 1 + _runs));
    }

    /// <summary>Nanoseconds of one inference.</summary>
    public double Nanoseconds => (_leastMany - _leastOnce) * 1e9 / _runs;

    /// <summary>Runs it once more.</summary>
    /// <exception cref="NanoSdkException">It did not finish.</exception>
    public void Round()
    {
        _leastOnce = Math.Min(_leastOnce, Seconds(_once));
        _leastMany = Math.Min(_leastMany, Seconds(_many));
    }

    /// <summary>Nanoseconds of one inference of an application, after all rounds.</summary>
    public static double Measure(NanoSdk sdk, NanoApplication application, double predictedNanoseconds)
    {
        var timing = new NanoTiming(sdk, application, predictedNanoseconds);
        for (int i = 0; i < Rounds; i++) timing.Round();
        return timing.Nanoseconds;
    }

    private string Build(NanoApplication application, int runs)
    {
        string resources = Path.Combine(_sdk.Folder, "Timing.resources");
        using (var writer = new ResourceWriter(resources))
        {
            writer.AddResource("blob", application.Blob);
            writer.Generate();
        }

        string constants = $"public static class Constants {{ public const int Runs = {runs}; }} public enum Res : short {{ blob = {ResourceUtility.IdOf("blob")} }}";
        return _sdk.BuildApplication($"Timing{++s_count}", [(Template.Read("Timing.txt"), "Timing.cs"), (constants, "Constants.cs"), .. application.Sources], s_libraries, _projects, resources);
    }

    private double Seconds(string app)
    {
        NanoRun run = _sdk.Run(HeapBytes, [.. s_libraries.Select(_sdk.Pe), .. _projects, app]);
        if (run.Exit != 0 || run.After("done").Length != 1) throw new NanoSdkException($"The interpreter did not finish: {run}");
        return run.ProcessorSeconds;
    }
}
