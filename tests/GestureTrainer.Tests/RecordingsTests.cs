namespace TinyAI.GestureTrainer.Tests;

public sealed class RecordingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recordings").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Files_become_labels_in_ordinal_order_and_rows_become_windows()
    {
        Write("b.csv", 2 * Recordings.Window);
        Write("a.csv", Recordings.Window);
        Recordings recordings = Recordings.Read(_folder);
        Assert.Equal(["a", "b"], recordings.Labels);
        Assert.Equal([(0, 0), (1, 0), (1, 1)], recordings.All.Select(r => (r.Label, r.Index)));
        Assert.Equal(Recordings.Window, recordings.All[2].Values[0]);
        Assert.Equal(0.5f, recordings.All[2].Values[5]);
    }

    [Fact]
    public void A_broken_window_is_refused() => Refused("a.csv has 120 rows, which is not a whole number of windows of 119 rows.", 120);

    [Fact]
    public void A_cell_that_is_no_number_is_refused_with_its_line() =>
        Refused("a.csv, line 121: 'x' is not a number.", Recordings.Window - 1 + Recordings.Window, "x,0,0,0,0,0", 120);

    [Fact]
    public void A_short_row_is_refused_with_its_line() =>
        Refused("a.csv, line 2: 2 values instead of 6.", 2 * Recordings.Window - 1, "1,2", 1);

    [Fact]
    public void A_missing_folder_is_refused()
    {
        RecordingsException e = Assert.Throws<RecordingsException>(() => Recordings.Read(Path.Combine(_folder, "none")));
        Assert.EndsWith("does not exist.", e.Message);
    }

    private void Refused(string message, int rows, string? extra = null, int at = 0)
    {
        Write("a.csv", rows, extra, at);
        Write("b.csv", Recordings.Window);
        Assert.Equal(message, Assert.Throws<RecordingsException>(() => Recordings.Read(_folder)).Message);
    }

    private void Write(string name, int rows, string? extra = null, int at = 0)
    {
        List<string> lines = [Recordings.Header, .. Enumerable.Range(0, rows).Select(i => $"{i},0,0,0,0,0.5")];
        if (extra is not null)
            lines.Insert(at, extra);
        File.WriteAllLines(Path.Combine(_folder, name), lines);
    }
}
