using TinyAI.Boards.Tests.Support;
using TinyAI.ModelPacker.Demo;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards.Tests.Motion;

/// <summary>Ring, gate and vote, each against a form that keeps everything and thinks anew at each row.</summary>
public class MotionPartsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 3)]
    [InlineData(119, 6)]
    public void The_ring_holds_the_last_rows_oldest_first(int rows, int channels)
    {
        var ring = new SampleWindow(rows, channels);
        var all = new List<short>();
        var random = new Random(rows);
        for (int i = 0; i < 3 * rows + 2; i++)
        {
            Assert.Equal(i >= rows, ring.IsFull);
            short[] row = [.. Enumerable.Range(0, channels + 2).Select(_ => (short)random.Next(-32768, 32768))];
            ring.Add(row, 1);
            all.AddRange(row[1..^1]);
            if (i + 1 < rows) continue;
            var window = new short[rows * channels + 1];
            ring.CopyTo(window, 1);
            Assert.Equal(all[^(rows * channels)..], window[1..]);
        }

        ring.Clear();
        Assert.False(ring.IsFull);
    }

    [Fact]
    public void The_ring_normalises_what_it_would_have_copied()
    {
        var normalisation = new Normalisation(GestureModel.Load());
        short[] motion = new WandSimulator(3).Gesture(2);
        var ring = new SampleWindow(WandSimulator.Window, WandSimulator.Channels);
        for (int row = 0; row < 50; row++) ring.Add(motion, 0);
        for (int row = 0; row < WandSimulator.Window; row++) ring.Add(motion, row * WandSimulator.Channels);
        sbyte[] expected = new sbyte[motion.Length], actual = new sbyte[motion.Length + 3];
        normalisation.Apply(motion, 0, expected, 0, motion.Length);
        ring.Normalise(normalisation, actual, 3);
        Assert.Equal(expected, actual[3..]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_gate_opens_where_one_that_looks_ahead_does(int seed)
    {
        var random = new Random(seed);
        var stream = new List<short>(new WandSimulator(seed).Stream([0, 3, 1, 4, 2]));
        for (int i = 0; i < 3000; i++)
        {
            // Bursts of motion of all lengths around the threshold.
            bool moves = random.Next(3) != 0 && i / 40 % 2 == 0;
            short turn = (short)(moves ? random.Next(200, 500) * (random.Next(2) * 2 - 1) : random.Next(-40, 40));
            stream.AddRange([0, 0, 4096, turn, turn, turn]);
        }

        short[] counts = [.. stream];
        int rows = counts.Length / 6;
        var ahead = new ModelPacker.Demo.MotionGate(6);
        var gate = new MotionGate(3, 3, MotionGate.DefaultThreshold);
        int opened = 0;
        for (int row = 0; row < rows; row++)
        {
            bool opens = gate.Add(counts, row * 6);
            if (row < MotionGate.Rows - 1) continue;
            bool expected = ahead.Opens(counts, row - (MotionGate.Rows - 1));
            Assert.True(expected == opens, $"row {row}");
            if (!opens) continue;
            opened++;
            ahead.Close();
            gate.Close();
        }

        Assert.InRange(opened, 10, 200);
    }

    [Fact]
    public void The_vote_counts_the_last_answers()
    {
        var random = new Random(5);
        for (int round = 0; round < 50; round++)
        {
            int classes = random.Next(1, 6), votes = random.Next(1, 8), quorum = random.Next(1, votes + 1);
            var vote = new MajorityVote(classes, votes, quorum);
            var all = new List<int>();
            for (int i = 0; i < 40; i++)
            {
                int answer = random.Next(-1, classes);
                vote.Add(answer);
                all.Add(answer);
                int[] last = [.. all.TakeLast(votes)];
                int[] counts = [.. Enumerable.Range(0, classes).Select(c => last.Count(a => a == c))];
                int most = counts.Max();
                Assert.Equal(most >= quorum ? Array.IndexOf(counts, most) : MajorityVote.Undecided, vote.Winner());
                Assert.Equal(all.Count >= votes, vote.IsComplete);
                Assert.Equal(answer < 0 ? 0 : counts[answer], vote.VotesFor(answer));
            }
        }
    }

    [Theory]
    [InlineData(1f / 256, 255)]
    [InlineData(1f / 256, 1)]
    [InlineData(0.0078125f, -128)]
    [InlineData(3.14159f, 77)]
    [InlineData(1e-9f, 30000)]
    [InlineData(1e-30f, 127)]
    [InlineData(1234.5f, -32768)]
    public void A_quantity_is_the_real_number_in_millionths(float scale, int value)
    {
        double expected = Math.Floor((double)scale * value * 1e6 + 0.5);
        Assert.Equal(expected, Quantity.Micros(BitConverter.SingleToInt32Bits(scale), value), 0.0);
    }

    [Fact]
    public void A_scale_that_is_none_gives_nothing()
    {
        foreach (float scale in new[] { 0f, -1f, float.NaN, float.PositiveInfinity, float.Epsilon, 1e30f })
            Assert.Equal(0, Quantity.Micros(BitConverter.SingleToInt32Bits(scale), 100));
    }
}
