using System.Globalization;
using TinyAI.Boards;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Power;

/// <summary>What one input gave.</summary>
/// <param name="Input">Its name.</param>
/// <param name="Iterations">Inferences between the timestamps.</param>
/// <param name="Microseconds">All of them together, by the device's clock; in energy mode by the clock here.</param>
/// <param name="Label">Class it belongs to, where known.</param>
/// <param name="Answer">Class that the device answered.</param>
/// <param name="AsHere">Whether the device's results are, character by character, those of the same code here.</param>
public sealed record PowerInputResult(string Input, int Iterations, double Microseconds, int? Label, int Answer, bool AsHere)
{
    /// <summary>Microseconds of one inference.</summary>
    public double LatencyMicroseconds => Microseconds / Iterations;

    /// <summary>Inferences a second.</summary>
    public double Throughput => 1e6 / LatencyMicroseconds;
}

/// <summary>
/// The benchmark's sequence on a device: five inputs, each at least ten seconds and ten inferences long; the median counts.
/// What has been measured stays in <see cref="Done"/> when the device falls silent half way.
/// </summary>
public sealed class PowerRun(DutClient device, byte[] pack, double leastSeconds)
{
    /// <summary>Inferences at least, by the rules.</summary>
    public const int LeastIterations = 10;

    /// <summary>Seconds at least, by the rules.</summary>
    public const double RuleSeconds = 10;

    private const int Warmups = 1;
    private const int Attempts = 5;
    private static readonly TimeSpan s_firstPatience = TimeSpan.FromMinutes(5);

    private readonly List<PowerInputResult> _done = [];
    private readonly Here _here = new(pack);

    /// <summary>Inputs that are measured.</summary>
    public IReadOnlyList<PowerInputResult> Done => _done;

    /// <summary>Measures one input after another.</summary>
    public void Run(IEnumerable<PowerInput> inputs, Action<PowerInputResult> said)
    {
        foreach (PowerInput input in inputs)
        {
            PowerInputResult result = Measure(input);
            _done.Add(result);
            said(result);
        }
    }

    /// <summary>The middle of some values, or the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private PowerInputResult Measure(PowerInput input)
    {
        device.Load(input.Bytes);
        // One from initial states, so that streaming models can be compared too.
        DutRun first = device.Infer(1, 0, s_firstPatience);
        bool asHere = first.Results == _here.Results(input.Bytes);
        int iterations = LeastIterations;
        DutRun run = device.Infer(iterations, Warmups, s_firstPatience);
        for (int attempt = 0; Seconds(run) < leastSeconds; attempt++)
        {
            if (attempt == Attempts) throw new DutException("The device's clock does not go on as it should: its runs never reach the time that is asked for.");
            // A little more than what the last run says, because the next may be faster.
            double each = Math.Max(Seconds(run) / iterations, 1e-7);
            iterations = (int)Math.Min(Math.Max(iterations, Math.Ceiling(leastSeconds * 1.05 / each)), 1_000_000_000);
            run = device.Infer(iterations, Warmups, TimeSpan.FromSeconds(60 + 5 * leastSeconds));
        }

        return new PowerInputResult(input.Name, iterations, Seconds(run) * 1e6, input.Label, ArgMax(run.Results), asHere);
    }

    private static double Seconds(DutRun run) => run.Microseconds is { } device ? device / 1e6 : run.HostSeconds;

    private static int ArgMax(string results)
    {
        double[] values = [.. results.Split(',').Select(v => double.TryParse(v, NumberStyles.Float, CultureInfo.InvariantCulture, out double d) ? d : throw new DutException($"The device's results are no numbers: {results}."))];
        return Array.IndexOf(values, values.Max());
    }

    /// <summary>The same model in the same code on this computer.</summary>
    private sealed class Here : IDutBoard, IByteLink
    {
        private readonly DutInference _inference;
        private readonly System.Text.StringBuilder _text = new();

        public Here(byte[] pack) => _inference = new DutInference(Model.Load(new ByteArraySource(pack)), this);

        public string Results(byte[] input)
        {
            for (int i = 0; i < input.Length; i++) _inference.Data[i] = (sbyte)input[i];
            _inference.Reset();
            _inference.Run();
            _text.Clear();
            var line = new TextLine(this);
            _inference.AddResults(line);
            line.End();
            return _text.ToString().TrimEnd();
        }

        public long Microseconds() => 0;

        public void Timestamp()
        {
        }

        public void Mark(int phase)
        {
        }

        public int Read(byte[] buffer, int count) => 0;

        public void Write(byte[] data, int count) => _text.Append(System.Text.Encoding.ASCII.GetString(data, 0, count));
    }
}
