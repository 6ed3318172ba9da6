using TinyAI.Boards.Tests.Support;
using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards.Tests.Motion;

/// <summary>The whole way from rows to decisions, on simulated and on recorded motion.</summary>
public class GesturePipelineTests(ITestOutputHelper output)
{
    private const int Channels = WandSimulator.Channels, Window = WandSimulator.Window;

    /// <summary>What a row brought about, with the pipeline's state at that time.</summary>
    private sealed record Event(int Row, int Kind, int MotionRow, int WindowLabel, int WindowConfidence, int Label, int Votes);

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Every_window_is_answered_as_classify_answers_it(int seed)
    {
        short[] stream = new WandSimulator(seed).Stream([0, 1, 2, 3, 4, 2, 0]);
        CompareWithClassify(stream, new GestureSettings { Votes = 5, Quorum = 5, Stride = 3 }, windowsAtLeast: 7);
    }

    [Fact]
    public void Recorded_windows_are_answered_as_classify_answers_them()
    {
        List<(int Label, short[] Counts)> recorded = Spells.ReadOrSkip();
        CompareWithClassify(Spells.Stream(recorded.Select(r => r.Counts), 150), new GestureSettings(), windowsAtLeast: 100);
    }

    [Fact]
    public void Recorded_gestures_are_found_and_most_recognised()
    {
        List<(int Label, short[] Counts)> recorded = Spells.ReadOrSkip();
        int found = 0, right = 0, undecided = 0;
        foreach ((int label, short[] counts) in recorded)
        {
            Event[] events = Run(Spells.Stream([counts], 150), new GestureSettings());
            Event? decision = events.FirstOrDefault(e => e.Kind is GesturePipeline.Decided or GesturePipeline.Undecided);
            if (events.Any(e => e.Kind == GesturePipeline.Opened)) found++;
            if (decision is { Kind: GesturePipeline.Decided } && decision.Label == label) right++;
            if (decision is { Kind: GesturePipeline.Undecided }) undecided++;
        }

        output.WriteLine($"{recorded.Count} recordings, which the model was trained with: {found} motions found, {right} recognised, {undecided} undecided");
        Assert.True(found >= recorded.Count * 9 / 10 && right >= found * 3 / 4, $"{found} of {recorded.Count} found, {right} right");
    }

    [Fact]
    public void Each_simulated_gesture_is_decided_once_and_rightly()
    {
        int[] drawn = [0, 1, 2, 3, 4, 4, 3, 2, 1, 0];
        Event[] events = Run(new WandSimulator(1).Stream(drawn), new GestureSettings());
        Assert.Equal(drawn, events.Where(e => e.Kind == GesturePipeline.Decided).Select(e => e.Label));
        Assert.All(events.Where(e => e.Kind == GesturePipeline.Decided), e => Assert.InRange(e.Votes, 2, 3));
    }

    [Fact]
    public void A_still_device_does_not_run_the_network()
    {
        var pipeline = new GesturePipeline(GestureModel.Load(), new GestureSettings());
        short[] still = new WandSimulator(2).Still(2000);
        for (int row = 0; row < 2000; row++) Assert.Equal(GesturePipeline.None, pipeline.Add(still, row * Channels));
        Assert.Equal(0, pipeline.WindowCount);
        Assert.Equal(2000, pipeline.RowCount);
    }

    [Fact]
    public void Without_a_gate_windows_follow_at_the_stride()
    {
        var settings = new GestureSettings { GateThreshold = 0, Continuous = true, Stride = 10, Votes = 3, Quorum = 2, Dwell = 0 };
        Event[] events = Run(new WandSimulator(4).Stream([1, 2]), settings);
        int[] rows = [.. events.Select(e => e.Row)];
        Assert.Equal(Enumerable.Range(0, rows.Length).Select(i => Window - 1 + 10 * i), rows);
        Assert.True(rows.Length > 30);
    }

    [Fact]
    public void Continuous_windows_report_a_change_only_and_not_within_the_dwell()
    {
        var settings = new GestureSettings { Continuous = true, Stride = 2, Votes = 3, Quorum = 2, Dwell = 60, GateThreshold = 0 };
        Event[] decided = [.. Run(new WandSimulator(4).Stream([1, 2, 3, 4, 0]), settings).Where(e => e.Kind == GesturePipeline.Decided)];
        Assert.True(decided.Length > 2);
        for (int i = 1; i < decided.Length; i++)
        {
            Assert.NotEqual(decided[i - 1].Label, decided[i].Label);
            Assert.True(decided[i].Row - decided[i - 1].Row > 60);
        }
    }

    [Fact]
    public void Continuous_windows_end_with_the_motion()
    {
        var settings = new GestureSettings { Continuous = true, Stride = 5 };
        short[] moving = [.. Enumerable.Repeat(new short[] { 0, 0, 4096, 2000, 0, 0 }, 300).SelectMany(r => r)];
        short[] stream = [.. new WandSimulator(5).Still(100), .. moving, .. new WandSimulator(5).Still(400)];
        Event[] events = Run(stream, settings);
        // Three of the five rows from 98 on move.
        Assert.Equal(98, Assert.Single(events, e => e.Kind == GesturePipeline.Opened).MotionRow);
        Assert.Equal(98 + Window - 1, events.First(e => e.Kind != GesturePipeline.Opened).Row);
        Assert.InRange(events[^1].Row, 395, 404);
    }

    [Fact]
    public void After_a_gap_no_window_mixes_rows_from_both_sides()
    {
        var pipeline = new GesturePipeline(GestureModel.Load(), new GestureSettings());
        short[] stream = new WandSimulator(6).Stream([2]);
        int rows = 0;
        while (!pipeline.IsBusy) pipeline.Add(stream, rows++ * Channels);
        for (int i = 0; i < 60; i++) pipeline.Add(stream, rows++ * Channels);
        pipeline.Restart();
        Assert.False(pipeline.IsBusy);
        short[] still = new WandSimulator(6).Still(300);
        for (int i = 0; i < 300; i++) pipeline.Add(still, i * Channels);
        Assert.Equal(0, pipeline.WindowCount);
        short[] next = new WandSimulator(6).Stream([3]);
        int decided = -1;
        for (int i = 0; i < next.Length / Channels; i++)
        {
            if (pipeline.Add(next, i * Channels) == GesturePipeline.Decided) decided = pipeline.Label;
        }

        Assert.Equal(3, decided);
    }

    [Fact]
    public void A_motion_that_goes_on_after_its_decision_is_not_another_one()
    {
        short[] moving = [.. Enumerable.Repeat(new short[] { 0, 0, 4096, 2000, 900, 0 }, 600).SelectMany(r => r)];
        Event[] events = Run([.. new WandSimulator(5).Still(60), .. moving], new GestureSettings());
        Assert.Single(events, e => e.Kind == GesturePipeline.Opened);
        Assert.Single(events, e => e.Kind is GesturePipeline.Decided or GesturePipeline.Undecided);
    }

    [Fact]
    public void Windows_below_the_least_confidence_vote_for_nothing()
    {
        Event[] events = Run(new WandSimulator(1).Stream([0, 1]), new GestureSettings { LeastConfidence = 1001 });
        Assert.DoesNotContain(events, e => e.Kind == GesturePipeline.Decided);
        Assert.Equal(2, events.Count(e => e.Kind == GesturePipeline.Undecided));
        Assert.All(events.Where(e => e.Kind != GesturePipeline.Opened), e => Assert.Equal(MajorityVote.Undecided, e.WindowLabel));
    }

    [Theory]
    [InlineData(0, 3, 3, "stride")]
    [InlineData(4, 4, 3, "channels 4..6; a row has 6")]
    [InlineData(4, -1, 3, "channels -1..1")]
    public void Settings_that_do_not_fit_the_model_are_refused(int stride, int first, int count, string reason)
    {
        var settings = new GestureSettings { Stride = stride, GateFirst = first, GateCount = count };
        Assert.Contains(reason, Assert.Throws<PackException>(() => new GesturePipeline(GestureModel.Load(), settings)).Message);
    }

    private static Event[] Run(short[] stream, GestureSettings settings)
    {
        var pipeline = new GesturePipeline(GestureModel.Load(), settings);
        var events = new List<Event>();
        for (int row = 0; row < stream.Length / Channels; row++)
        {
            int kind = pipeline.Add(stream, row * Channels);
            if (kind != GesturePipeline.None)
                events.Add(new Event(row, kind, pipeline.MotionRow, pipeline.WindowLabel, pipeline.WindowConfidence, pipeline.Label, pipeline.LabelVotes));
        }

        return [.. events];
    }

    private static void CompareWithClassify(short[] stream, GestureSettings settings, int windowsAtLeast)
    {
        var classifier = new WindowClassifier(GestureModel.Pack);
        int windows = 0;
        foreach (Event e in Run(stream, settings).Where(e => e.Kind != GesturePipeline.Opened))
        {
            int from = e.Row - (Window - 1);
            Decision expected = classifier.Classify(stream[(from * Channels)..((e.Row + 1) * Channels)]);
            Assert.Equal(expected.Index, e.WindowLabel);
            Assert.Equal(expected.Confidence * 1000, e.WindowConfidence, 1.0);
            Assert.True(from >= e.MotionRow && (from - e.MotionRow) % settings.Stride == 0);
            windows++;
        }

        Assert.True(windows >= windowsAtLeast, $"{windows} windows");
    }
}
