using System.Globalization;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.Boards.Tests.Support;

/// <summary>Recorded gestures (see the shared folder's data/README.md) as the counts that the board's sensor would have given.</summary>
internal static class Spells
{
    private const int Window = 119, Channels = 6;

    /// <summary>Counts per g at ±8 g and per degree per second at ±2000, as the driver sets the ranges.</summary>
    private static readonly double[] s_countsPerUnit = [4096, 4096, 4096, 16.4, 16.4, 16.4];

    /// <summary>One window each: label, counts row by row. Skips the test where the recordings are not there.</summary>
    public static List<(int Label, short[] Counts)> ReadOrSkip()
    {
        string folder = SharedFolder.Path is { } shared ? Path.Combine(shared, "data", "spells_imu6", "train") : "";
        if (!Directory.Exists(folder)) Assert.Skip("There are no recordings beside the repository; set TINYAI_SHARED to the folder that holds data/spells_imu6.");
        var all = new List<(int, short[])>();
        string[] files = [.. Directory.GetFiles(folder, "*.csv").Order(StringComparer.Ordinal)];
        for (int label = 0; label < files.Length; label++)
        {
            string[] rows = [.. File.ReadLines(files[label]).Skip(1).Where(l => l.Trim().Length > 0)];
            foreach (string[] window in rows.Chunk(Window).Where(c => c.Length == Window))
                all.Add((label, [.. window.SelectMany(Counts)]));
        }

        Assert.True(all.Count > 50);
        return all;
    }

    /// <summary>A stream in which the hand rests before and after each recording: its own first and last posture, not turning.</summary>
    public static short[] Stream(IEnumerable<short[]> windows, int rest)
    {
        var stream = new List<short>();
        foreach (short[] window in windows)
        {
            for (int i = 0; i < rest; i++) stream.AddRange([window[0], window[1], window[2], 0, 0, 0]);
            stream.AddRange(window);
            for (int i = 0; i < rest; i++) stream.AddRange([window[^6], window[^5], window[^4], 0, 0, 0]);
        }

        return [.. stream];
    }

    private static IEnumerable<short> Counts(string row) => row.Split(',').Select((cell, c) =>
        (short)Math.Clamp(Math.Round(double.Parse(cell, CultureInfo.InvariantCulture) * s_countsPerUnit[c % Channels], MidpointRounding.AwayFromZero), short.MinValue, short.MaxValue));
}
