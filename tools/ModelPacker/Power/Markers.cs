namespace TinyAI.ModelPacker.Power;

/// <summary>Energy, time and peak of a stretch of the capture.</summary>
public struct Stretch
{
    /// <summary>Seconds.</summary>
    public double Seconds;

    /// <summary>Joules, with the baseline.</summary>
    public double Joules;

    /// <summary>Coulombs.</summary>
    public double Coulombs;

    /// <summary>Highest current, amperes.</summary>
    public double PeakAmperes;

    /// <summary>Seconds that were bridged because samples are missing.</summary>
    public double Bridged;

    /// <summary>Adds a step.</summary>
    public void Add(in Step step)
    {
        Seconds += step.Duration;
        Joules += step.Watts * step.Duration;
        Coulombs += step.Amperes * step.Duration;
        PeakAmperes = Math.Max(PeakAmperes, step.Amperes);
        Bridged += step.Bridged;
    }

    /// <summary>Both together.</summary>
    public static Stretch operator +(Stretch a, Stretch b) => new()
    {
        Seconds = a.Seconds + b.Seconds,
        Joules = a.Joules + b.Joules,
        Coulombs = a.Coulombs + b.Coulombs,
        PeakAmperes = Math.Max(a.PeakAmperes, b.PeakAmperes),
        Bridged = a.Bridged + b.Bridged,
    };
}

/// <summary>The phases that two marker pins tell apart, as codes: bit 0 is the first pin, bit 1 the second.</summary>
public static class Phase
{
    /// <summary>Both low.</summary>
    public const int Idle = 0;

    /// <summary>The first high: reading the sensor, normalising.</summary>
    public const int Pre = 1;

    /// <summary>The second high: voting, telling the result.</summary>
    public const int Post = 2;

    /// <summary>Both high: the network.</summary>
    public const int Inference = 3;

    /// <summary>Names, by code.</summary>
    public static readonly string[] Names = ["idle", "pre", "post", "inference"];
}

/// <summary>One turn of the application: what lies between two idle stretches, or a stretch between two time stamps.</summary>
public sealed class Cycle
{
    private readonly Stretch[] _phases = new Stretch[4];

    /// <summary>Begins a cycle.</summary>
    public Cycle(double start) => Start = End = start;

    /// <summary>Seconds from the beginning of the capture.</summary>
    public double Start { get; }

    /// <summary>Seconds from the beginning of the capture.</summary>
    public double End { get; private set; }

    /// <summary>A phase of it.</summary>
    public ref readonly Stretch Of(int phase) => ref _phases[phase];

    /// <summary>All of it.</summary>
    public Stretch Whole => _phases[0] + _phases[1] + _phases[2] + _phases[3];

    /// <summary>Adds a step that belongs to a phase.</summary>
    public void Add(int phase, in Step step)
    {
        _phases[phase].Add(step);
        End = step.Start + step.Duration;
    }
}

/// <summary>
/// Finds cycles in the marker pins: idle, pre-inference, inference, post-inference, idle. The pins change one at a time, so no sample
/// falls between two codes. A new "pre" ends a cycle too, for applications that never idle. A cycle counts only when
/// its beginning and its end are in the capture.
/// </summary>
internal sealed class Markers(int firstPin, int secondPin)
{
    private Cycle? _open;
    private int _last = -1;
    private bool _isWhole;

    /// <summary>Whether the capture begins inside a cycle.</summary>
    public bool BeginsInside { get; private set; }

    /// <summary>The cycle that has begun and not ended.</summary>
    public Cycle? Open => _open;

    /// <summary>Whether the second pin was ever high.</summary>
    public bool SecondMoved { get; private set; }

    /// <summary>Phase of the latest step.</summary>
    public int Now => Math.Max(_last, 0);

    /// <summary>Takes a step and gives the cycle that ended with its beginning, or null.</summary>
    public Cycle? Take(in Step step)
    {
        int phase = step.High >> firstPin & 1;
        if (secondPin >= 0) phase |= (step.High >> secondPin & 1) << 1;
        if (phase >= Phase.Post) SecondMoved = true;
        if (_last < 0 && phase != Phase.Idle) BeginsInside = true;
        Cycle? ended = null;
        bool begins = phase == Phase.Pre && (_last == Phase.Inference || _last == Phase.Post);
        if (_open is not null && (phase == Phase.Idle || begins))
        {
            if (_isWhole) ended = _open;
            _open = null;
        }

        if (_open is null && phase != Phase.Idle)
        {
            _open = new Cycle(step.Start);
            _isWhole = _last >= 0;
        }

        _open?.Add(phase, step);
        _last = phase;
        return ended;
    }
}

/// <summary>
/// Finds stretches between falling edges of the time-stamp pin, as the energy mode of the MLPerf Tiny protocol gives
/// them: the first edge begins a stretch, the second ends it.
/// </summary>
internal sealed class TimeStamps(int pin)
{
    private bool _wasHigh;
    private Cycle? _open;

    /// <summary>Edges seen.</summary>
    public long Edges { get; private set; }

    /// <summary>The stretch that has begun and not ended.</summary>
    public Cycle? Open => _open;

    /// <summary>Takes a step and gives the stretch that ended with its beginning, or null.</summary>
    public Cycle? Take(in Step step)
    {
        bool isHigh = (step.High >> pin & 1) != 0;
        Cycle? ended = null;
        if (_wasHigh && !isHigh)
        {
            Edges++;
            ended = _open;
            _open = ended is null ? new Cycle(step.Start) : null;
        }

        _wasHigh = isHigh;
        _open?.Add(Phase.Inference, step);
        return ended;
    }
}
