using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Power;

/// <summary>
/// Reads a capture once, in fixed memory: totals, baseline, cycles, stretches and the curve. A second, partial reading
/// draws the typical cycle in full detail.
/// </summary>
public sealed class PowerAnalysis
{
    /// <summary>A cycle with more of its time bridged than this does not count.</summary>
    private const double MostBridged = 0.01;
    private const int TraceColumns = 2048;
    private const int DetailColumns = 1024;
    private const int MostKept = 1 << 14;
    private const int MostShown = 256;
    private const int ProgressSteps = 1 << 16;

    private readonly PowerOptions _options;
    private readonly List<string> _notes = [];
    private readonly Histogram _idle = new();
    private readonly ThinnedList<Cycle> _cycles = new(MostKept);
    private readonly ThinnedList<Cycle> _stretches = new(MostKept);
    private readonly ThinnedList<Cycle> _shown = new(MostShown);
    private Stretch _total;
    private long _cyclesLeftOut;
    private long _stretchesLeftOut;

    private PowerAnalysis(PowerOptions options) => _options = options;

    /// <summary>Analyses what open gives, which is called a second time for the typical cycle.</summary>
    /// <exception cref="ModelFormatException">The capture cannot be used.</exception>
    public static PowerResult Run(Func<ICapture> open, PowerOptions options, Action<double>? progress = null) => new PowerAnalysis(options).Run(open, progress);

    private PowerResult Run(Func<ICapture> open, Action<double>? progress)
    {
        using ICapture capture = open();
        var timeline = new Timeline(capture, _options.Volts);
        (Markers? markers, TimeStamps? stamps) = Pins(capture);
        var trace = new Trace(TraceColumns, 0, timeline.Period);
        int untilProgress = ProgressSteps;
        while (timeline.Next(out Step step))
        {
            Take(step, markers, stamps);
            trace.Add(step.Start, step.Amperes);
            if (--untilProgress > 0) continue;
            untilProgress = ProgressSteps;
            progress?.Invoke(capture.Progress);
        }

        progress?.Invoke(1);
        if (_total.Seconds <= 0) throw new ModelFormatException("The capture holds no sample with a value: nothing was measured.");
        _notes.AddRange(capture.Notes);
        double volts = _total.Coulombs == 0 ? _options.Volts ?? 0 : _total.Joules / _total.Coulombs;
        double? baseline = _options.BaselineAmperes * volts ?? (_idle.Weight > 0 && (_cycles.Count > 0 || _stretches.Count > 0) ? _idle.Median() : null);
        NoteTimeline(timeline);
        NoteMarkers(markers, stamps, capture, baseline);
        Cycle? typical = Typical();
        CycleResult? cycles = _cycles.Count == 0 ? null : Cycles(markers!, baseline ?? 0);
        StretchResult? stretches = _stretches.Count == 0 ? null : Stretches(baseline ?? 0);
        return new PowerResult
        {
            Format = capture.Format,
            HasPins = capture.Pins.Count > 0,
            Samples = timeline.Samples,
            Seconds = _total.Seconds,
            SamplesPerSecond = 1 / timeline.Period,
            Volts = volts,
            AverageMilliamperes = _total.Coulombs / _total.Seconds * 1e3,
            PeakMilliamperes = _total.PeakAmperes * 1e3,
            GrossMillijoules = _total.Joules * 1e3,
            BaselineMilliwatts = baseline * 1e3,
            BaselineMilliamperes = baseline / volts * 1e3,
            Cycles = cycles,
            Stretches = stretches,
            Battery = Battery(cycles, stretches, volts, baseline),
            Notes = _notes,
            Pictures = new PowerPictures(trace, [.. _shown.Items], typical, typical is null ? null : Detail(open, typical)),
        };
    }

    private void Take(in Step step, Markers? markers, TimeStamps? stamps)
    {
        _total.Add(step);
        Keep(markers?.Take(step), _cycles, ref _cyclesLeftOut);
        Keep(stamps?.Take(step), _stretches, ref _stretchesLeftOut);
        bool isIdle = (markers?.Now ?? Phase.Idle) == Phase.Idle && stamps?.Open is null;
        if (isIdle) _idle.Add(step.Watts, step.Duration - step.Bridged);
    }

    private void Keep(Cycle? cycle, ThinnedList<Cycle> list, ref long leftOut)
    {
        if (cycle is null) return;
        _shown.Add(cycle);
        Stretch whole = cycle.Whole;
        if (whole.Bridged > MostBridged * whole.Seconds) leftOut++;
        else list.Add(cycle);
    }

    private (Markers?, TimeStamps?) Pins(ICapture capture)
    {
        int Index(string name)
        {
            for (int i = 0; i < capture.Pins.Count; i++)
            {
                if (capture.Pins[i].Equals(name, StringComparison.OrdinalIgnoreCase)) return i;
            }

            throw new ModelFormatException(capture.Pins.Count == 0
                ? $"There is no pin {name}: the capture holds no logic pins. Export them with the samples."
                : $"There is no pin {name}: the capture holds {string.Join(", ", capture.Pins)}.");
        }

        TimeStamps? stamps = _options.TimeStampPin is { } stamp ? new TimeStamps(Index(stamp)) : null;
        if (_options.MarkerPins is { } named) return (named.Length == 0 ? null : new Markers(Index(named[0]), named.Length > 1 ? Index(named[1]) : -1), stamps);
        int taken = _options.TimeStampPin is null ? -1 : Index(_options.TimeStampPin);
        int[] free = [.. Enumerable.Range(0, capture.Pins.Count).Where(i => i != taken)];
        return (free.Length == 0 ? null : new Markers(free[0], free.Length > 1 ? free[1] : -1), stamps);
    }

    private void NoteTimeline(Timeline timeline)
    {
        if (timeline.Lost > 0) _notes.Add($"{timeline.Lost:N0} of {timeline.Samples:N0} samples have no value; the value before was kept.");
        if (timeline.Gaps > 0) _notes.Add($"Samples are missing in {timeline.Gaps:N0} {(timeline.Gaps == 1 ? "place" : "places")}, for {timeline.LongestGap * 1e3:N3} ms at most; the value before was kept.");
        if (timeline.Jumps > 0) _notes.Add($"The clock jumps {timeline.Jumps:N0} {(timeline.Jumps == 1 ? "time" : "times")}, first after {timeline.FirstJump:N3} s; the time lost there is not known and not counted.");
    }

    private void NoteMarkers(Markers? markers, TimeStamps? stamps, ICapture capture, double? baseline)
    {
        if (capture.Pins.Count == 0) _notes.Add("The capture holds no logic pins, so inferences cannot be told apart: only totals are given. Wire the marker pins and export them.");
        if (markers is { BeginsInside: true }) _notes.Add("The capture begins inside a cycle, which does not count.");
        if (markers?.Open is { } open) _notes.Add($"The markers that open at {open.Start:N3} s never close: that cycle does not count.");
        if (stamps?.Open is { } stretch) _notes.Add($"The time stamp at {stretch.Start:N3} s has no second one: what follows does not count.");
        if (_cyclesLeftOut > 0) _notes.Add($"{_cyclesLeftOut:N0} cycles do not count, because more than {MostBridged:P0} of their samples are missing.");
        if (_stretchesLeftOut > 0) _notes.Add($"{_stretchesLeftOut:N0} stretches between time stamps do not count, because more than {MostBridged:P0} of their samples are missing.");
        if (_cycles.Count > 0 && markers!.SecondMoved && _cycles.Items.All(c => c.Of(Phase.Inference).Seconds == 0))
            _notes.Add("The two marker pins are never high together, which is how a board marks the network: inference shows as zero. Are these the right pins (--pins)?");
        if (_cycles.Count > 0 && !markers!.SecondMoved) _notes.Add("Only the first marker pin moves: while it is high counts as inference.");
        if (_cycles.Count + _stretches.Count > 0 && baseline is null) _notes.Add("The capture has no idle time, so nothing was subtracted: give the idle current with --baseline-ua.");
        if (_cycles.Count > MostKept || _stretches.Count > MostKept) _notes.Add($"Medians are taken over an even choice of the cycles, at most {MostKept:N0}.");
    }

    /// <summary>The cycle of median energy among those kept.</summary>
    private Cycle? Typical()
    {
        IReadOnlyList<Cycle> from = _cycles.Count > 0 ? _cycles.Items : _stretches.Items;
        return from.Count == 0 ? null : from.OrderBy(c => c.Whole.Joules).ElementAt((from.Count - 1) / 2);
    }

    private CycleResult Cycles(Markers markers, double baseline)
    {
        IReadOnlyList<Cycle> kept = _cycles.Items;
        int network = markers.SecondMoved ? Phase.Inference : Phase.Pre;
        double Net(Stretch s) => (s.Joules - baseline * s.Seconds) * 1e6;
        PhaseResult Named(string name, int phase)
        {
            double seconds = kept.Sum(c => c.Of(phase).Seconds);
            return new PhaseResult(
                name, Spread.Of(kept.Select(c => Net(c.Of(phase)))).Median, Spread.Of(kept.Select(c => c.Of(phase).Joules * 1e6)).Median,
                Spread.Of(kept.Select(c => c.Of(phase).Seconds * 1e3)).Median, seconds == 0 ? 0 : kept.Sum(c => c.Of(phase).Coulombs) / seconds * 1e3);
        }

        return new CycleResult(
            _cycles.Count, _cyclesLeftOut,
            Spread.Of(kept.Select(c => Net(c.Of(network)))), Spread.Of(kept.Select(c => c.Of(network).Seconds * 1e3)),
            Spread.Of(kept.Select(c => Net(c.Whole))), Spread.Of(kept.Select(c => c.Whole.Joules * 1e6)), Spread.Of(kept.Select(c => c.Whole.Seconds * 1e3)),
            kept.Sum(c => c.Whole.Coulombs) / kept.Sum(c => c.Whole.Seconds) * 1e3, kept.Max(c => c.Whole.PeakAmperes) * 1e3,
            markers.SecondMoved
                ? [Named("pre", Phase.Pre), Named("inference", Phase.Inference), Named("post", Phase.Post)]
                : [Named("inference", Phase.Pre)]);
    }

    private StretchResult Stretches(double baseline)
    {
        IReadOnlyList<Cycle> kept = _stretches.Items;
        double n = _options.InferencesPerStretch;
        return new StretchResult(
            _stretches.Count, _stretchesLeftOut, _options.InferencesPerStretch,
            Spread.Of(kept.Select(c => (c.Whole.Joules - baseline * c.Whole.Seconds) * 1e6 / n)), Spread.Of(kept.Select(c => c.Whole.Joules * 1e6 / n)),
            Spread.Of(kept.Select(c => c.Whole.Seconds * 1e3 / n)), Spread.Of(kept.Select(c => c.Whole.Seconds)));
    }

    private BatteryResult? Battery(CycleResult? cycles, StretchResult? stretches, double volts, double? baseline)
    {
        if ((_options.SleepAmperes ?? baseline / volts) is not { } sleep) return null;
        if (cycles is not null) return BatteryLife.Of(cycles.CycleGrossMicrojoules.Median * 1e-6, cycles.CycleMilliseconds.Median * 1e-3, volts, sleep, "one cycle", _options);
        return stretches is null
            ? null
            : BatteryLife.Of(stretches.InferenceGrossMicrojoules.Median * 1e-6, stretches.InferenceMilliseconds.Median * 1e-3, volts, sleep, "one inference between time stamps", _options);
    }

    /// <summary>Reads the capture again up to the end of the cycle, with a tenth of its time around it.</summary>
    private Trace Detail(Func<ICapture> open, Cycle cycle)
    {
        using ICapture capture = open();
        var timeline = new Timeline(capture, _options.Volts);
        double margin = (cycle.End - cycle.Start) / 10, start = Math.Max(0, cycle.Start - margin);
        var trace = new Trace(DetailColumns, start, timeline.Period);
        while (timeline.Next(out Step step) && step.Start < cycle.End + margin) trace.Add(step.Start, step.Amperes);
        return trace;
    }
}
