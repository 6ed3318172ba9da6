using TinyAI.ModelPacker.Demo;

namespace TinyAI.GestureTrainer.Tests;

public class WandSimulatorTests
{
    [Fact]
    public void The_same_seed_gives_the_same_motion_and_another_seed_another()
    {
        Assert.Equal(new WandSimulator(1).Gesture(3), new WandSimulator(1).Gesture(3));
        Assert.NotEqual(new WandSimulator(1).Gesture(3), new WandSimulator(2).Gesture(3));
    }

    [Fact]
    public void A_still_hand_feels_one_g_and_no_rotation()
    {
        short[] still = new WandSimulator(4).Still();
        Assert.Equal(WandSimulator.Window * WandSimulator.Channels, still.Length);
        for (int t = 0; t < still.Length; t += WandSimulator.Channels)
        {
            double g = Math.Sqrt(Enumerable.Range(t, 3).Sum(i => Math.Pow(still[i] / 4096.0, 2)));
            Assert.InRange(g, 0.85, 1.15);
            Assert.All(Enumerable.Range(t + 3, 3), i => Assert.InRange(still[i] / 16.4, -10, 10));
        }
    }

    [Fact]
    public void A_stream_holds_its_gestures_between_pauses()
    {
        const int pause = 60;
        short[] stream = new WandSimulator(7).Stream([2, 0], pause);
        Assert.Equal((3 * pause + 2 * WandSimulator.Window) * WandSimulator.Channels, stream.Length);
        double moving = Turning(stream, pause, WandSimulator.Window);
        double resting = Turning(stream, 0, pause - 20);
        Assert.True(moving > 5 * resting, $"moving {moving}, resting {resting}");
    }

    [Fact]
    public void A_gesture_that_does_not_exist_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WandSimulator(1).Gesture(WandSimulator.Labels.Count));

    [Fact]
    public void The_table_is_what_the_fit_command_writes()
    {
        string table = File.ReadAllText(Path.Combine(Places.Root, "tools", "ModelPacker", "Demo", "WandMotion.cs"));
        Assert.Equal(SimulatorFit.Fit(Places.RecordingsOrSkip()), table.ReplaceLineEndings("\n"));
    }

    private static double Turning(short[] stream, int first, int count)
    {
        double sum = 0;
        for (int t = first; t < first + count; t++)
        {
            for (int c = 3; c < WandSimulator.Channels; c++)
                sum += Math.Abs((int)stream[t * WandSimulator.Channels + c]);
        }
        return sum / count;
    }
}
