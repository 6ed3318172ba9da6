using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Recording;
using Xunit;

namespace TinyAI.GestureTrainer.Tests;

public sealed class CapturedRecordingsTests
{
    [Fact]
    public void The_trainer_reads_what_capture_writes_and_sees_the_very_counts()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tinyai");
        try
        {
            string[] channels = [.. SensorInput.Channels.Select(c => c.Name)];
            double[] perUnit = [.. SensorInput.Channels.Select(c => c.CountsPerUnit)];
            var hand = new WandSimulator(7);
            short[][][] windows = [.. Enumerable.Range(0, 2).Select(label => Enumerable.Range(0, 3).Select(_ => hand.Gesture(label)).ToArray())];
            for (int label = 0; label < windows.Length; label++)
            {
                var file = new WindowFile(Path.Combine(folder.FullName, WandSimulator.Labels[label] + ".csv"), channels, perUnit, Recordings.Window);
                foreach (short[] window in windows[label]) file.Append(window);
            }

            Recordings read = Recordings.Read(folder.FullName);
            Assert.Equal(WandSimulator.Labels.Take(2), read.Labels);
            Assert.Equal(6, read.All.Count);
            foreach (Recording recording in read.All)
            {
                short[] counts = windows[recording.Label][recording.Index];
                Assert.Equal(counts, recording.Values.Select((v, i) => (short)Math.Round(v * perUnit[i % perUnit.Length])));
                Assert.Equal(SensorInput.Quantise(counts), SensorInput.Quantise(recording.Values));
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
