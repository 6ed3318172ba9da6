using Spectre.Console;

namespace TinyAI.ModelPacker.Recording;

/// <summary>Shows a recording: a live plot on a terminal, a line per window where output goes to a file.</summary>
internal sealed class CaptureScreen(string label, int wanted, string[] channels, double[] countsPerUnit, LiveDisplayContext? live) : ICaptureWatcher
{
    private const int FramesPerSecond = 10;
    private readonly LivePlot _plot = new(channels);
    private readonly double[] _row = new double[channels.Length];
    private int _rowsPerFrame = 10;
    private int _rows;
    private int _written;
    private string _said = "";

    public void Begin(GestureLine.Head head)
    {
        _rowsPerFrame = Math.Max(1, head.RowsPerSecond / FramesPerSecond);
        if (live is null) Console.WriteLine($"{head.Model}: {head.Channels} channels at {head.RowsPerSecond} rows a second, windows of {head.WindowRows} rows");
    }

    public void Row(GestureLine.Row row, WindowRecorder recorder)
    {
        for (int c = 0; c < _row.Length; c++) _row[c] = row.Counts[c] / countsPerUnit[c];
        _plot.Add(_row);
        if (live is null || ++_rows % _rowsPerFrame != 0) return;
        string state = recorder.IsRecording ? $"recording, row {recorder.RecordedRows}" : "waiting for motion";
        live.UpdateTarget(_plot.Render($"{label}: {_written} of {wanted} windows, {state}{(_said.Length == 0 ? "" : $"; the board says {_said}")}"));
    }

    public void Other(GestureLine line)
    {
        if (line is GestureLine.Decision { Label: >= 0 } decision) _said = decision.Name;
        if (line is GestureLine.Fault fault) _said = fault.What;
    }

    public void Written(int windows)
    {
        _written = windows;
        if (live is null) Console.WriteLine($"{label}: window {windows} of {wanted}");
    }
}
