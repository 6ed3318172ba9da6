using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Power;

/// <summary>
/// Turns samples into steps on one clock that begins at 0 and only goes forward. A sample holds until the next one. Lost
/// samples and gaps are bridged with the last value and counted; where the clock jumps back, or forward by more than a
/// second and a thousand samples, the time that really went by is unknown, so one period is taken.
/// </summary>
internal sealed class Timeline
{
    private const int PieceSamples = 1 << 14;
    private const double GapPeriods = 1.5;
    private const double MostGapSeconds = 1;
    private const int MostGapPeriods = 1000;
    private readonly ICapture _capture;
    private readonly double? _volts;
    private readonly Sample[] _piece = new Sample[PieceSamples];
    private int _count;
    private int _next;
    private bool _hasLast;
    private Sample _last;
    private ushort _pins;
    private double _watts;
    private double _amperes;
    private double _lastVolts;
    private double _now;
    private bool _hasValue;

    /// <summary>Reads the first piece, from which the period is taken where the file does not tell it.</summary>
    /// <exception cref="ModelFormatException">There are no samples, no voltage, or the clock is too coarse.</exception>
    public Timeline(ICapture capture, double? volts)
    {
        (_capture, _volts) = (capture, volts);
        if (volts is null && !capture.HasVoltage) throw new ModelFormatException("The capture holds no voltage: give the supply's with --voltage, for example --voltage 3.3.");
        _count = capture.Read(_piece);
        if (_count == 0) throw new ModelFormatException("The capture holds no samples: export it again.");
        Period = capture.Period ?? PeriodOf(_piece.AsSpan(0, _count));
    }

    /// <summary>Seconds from sample to sample.</summary>
    public double Period { get; }

    /// <summary>Samples read.</summary>
    public long Samples { get; private set; }

    /// <summary>Samples without a value.</summary>
    public long Lost { get; private set; }

    /// <summary>Places where samples are missing.</summary>
    public long Gaps { get; private set; }

    /// <summary>Longest such place, in seconds.</summary>
    public double LongestGap { get; private set; }

    /// <summary>Places where the clock jumps.</summary>
    public long Jumps { get; private set; }

    /// <summary>Where the clock jumps first, in seconds from the beginning.</summary>
    public double FirstJump { get; private set; }

    /// <summary>Seconds so far.</summary>
    public double Now => _now;

    /// <summary>The next step, or false at the end. Samples before the first value have no step.</summary>
    public bool Next(out Step step)
    {
        while (true)
        {
            bool hasSample = NextSample(out Sample sample);
            if (!hasSample && !_hasLast)
            {
                step = default;
                return false;
            }

            if (!_hasLast)
            {
                (_last, _hasLast) = (sample, true);
                continue;
            }

            (double duration, double bridged) = hasSample ? Between(_last, sample) : (Period, 0);
            Take(_last, duration, ref bridged);
            step = new Step(_now, duration, _amperes, _watts, _pins, bridged);
            (_last, _hasLast) = (sample, hasSample);
            if (!_hasValue) continue;
            _now += duration;
            return true;
        }
    }

    /// <summary>Keeps the last current, voltage and level wherever the sample tells none.</summary>
    private void Take(in Sample sample, double duration, ref double bridged)
    {
        _pins = (ushort)(_pins & ~sample.Known | sample.High & sample.Known);
        double volts = _volts ?? sample.Volts;
        if (!double.IsFinite(sample.Amperes) || !double.IsFinite(volts))
        {
            Lost++;
            bridged = duration;
            return;
        }

        (_amperes, _lastVolts, _hasValue) = (sample.Amperes, volts, true);
        _watts = _amperes * _lastVolts;
    }

    private (double Duration, double Bridged) Between(in Sample from, in Sample to)
    {
        if (double.IsNaN(from.Seconds)) return (Period, 0);
        double duration = to.Seconds - from.Seconds;
        if (duration <= 0 || duration > Math.Max(MostGapSeconds, MostGapPeriods * Period))
        {
            if (Jumps++ == 0) FirstJump = _now;
            return (Period, Period);
        }

        if (duration <= GapPeriods * Period) return (duration, 0);
        Gaps++;
        LongestGap = Math.Max(LongestGap, duration);
        return (duration, duration - Period);
    }

    private bool NextSample(out Sample sample)
    {
        if (_next == _count)
        {
            _count = _count == 0 ? 0 : _capture.Read(_piece);
            _next = 0;
        }

        if (_count == 0)
        {
            sample = default;
            return false;
        }

        sample = _piece[_next++];
        Samples++;
        return true;
    }

    /// <summary>The median distance, which gaps and jumps do not move.</summary>
    private static double PeriodOf(ReadOnlySpan<Sample> samples)
    {
        if (samples.Length < 2) throw new ModelFormatException("The capture holds a single sample: its duration is not known.");
        var distances = new double[samples.Length - 1];
        for (int i = 0; i < distances.Length; i++) distances[i] = samples[i + 1].Seconds - samples[i].Seconds;
        Array.Sort(distances);
        double median = distances[distances.Length / 2];
        return median > 0
            ? median
            : throw new ModelFormatException("Most samples have the same time as the one before: export the time with more digits, or give the samples per second with --rate.");
    }
}
