using TinyAI.Boards;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Recording;

/// <summary>What a window of a recording brought about.</summary>
/// <param name="Recording">Index of the recording in its file.</param>
/// <param name="FirstRow">First row of the window in the recording.</param>
/// <param name="LastRow">Last row of the window.</param>
/// <param name="Label">Name of the class that the window was taken for, or null where the answer was too uncertain.</param>
/// <param name="Confidence">The best output, in thousandths.</param>
/// <param name="Result">classified, decided or undecided.</param>
/// <param name="Decision">Name of the class that was decided, or null.</param>
/// <param name="Votes">Votes for it.</param>
public sealed record ReplayedWindow(int Recording, int FirstRow, int LastRow, string? Label, int Confidence, string Result, string? Decision, int Votes);

/// <summary>Sends recorded rows through the class that boards run: window, gate, normalisation, session, vote.</summary>
public sealed class Replay(Model model, GestureSettings settings)
{
    /// <summary>Every window of the recordings, in their order. Each recording begins anew, as after a gap in the rows.</summary>
    /// <exception cref="ModelFormatException">The model takes no raw counts.</exception>
    public IEnumerable<ReplayedWindow> Run(IEnumerable<short[]> recordings)
    {
        var pipeline = new GesturePipeline(model, settings);
        int index = 0;
        foreach (short[] recording in recordings)
        {
            int begin = pipeline.RowCount;
            pipeline.Restart();
            for (int at = 0; at + pipeline.Channels <= recording.Length; at += pipeline.Channels)
            {
                int result = pipeline.Add(recording, at);
                if (result < GesturePipeline.Classified) continue;
                int last = pipeline.RowCount - 1 - begin;
                bool decided = result == GesturePipeline.Decided;
                yield return new ReplayedWindow(
                    index, last - pipeline.WindowRows + 1, last, Name(pipeline.WindowLabel), pipeline.WindowConfidence,
                    decided ? "decided" : result == GesturePipeline.Undecided ? "undecided" : "classified", decided ? Name(pipeline.Label) : null, decided ? pipeline.LabelVotes : 0);
            }

            index++;
        }
    }

    private string? Name(int label) => label < 0 ? null : label < model.LabelCount ? model.Label(label) : label.ToString();
}
