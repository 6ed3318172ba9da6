using TinyAI.TinyRuntime;

namespace TinyAI.Boards
{
    /// <summary>
    /// What a board running Gesture says in stream mode, a line each (docs/device-protocol.md):
    /// <code>
    /// m-stream-[1,RATE,CHANNELS,WINDOW,MODEL]   the head: version, rows a second, values a row, rows a window, name
    /// s-ROW,C0,C1,…                             one row of raw counts; ROW counts up by one
    /// w-ROW,LABEL,PERMILLE                      a window that ended with row ROW was classified
    /// d-ROW,LABEL,VOTES,NAME                    a decision; LABEL is -1 and NAME empty where the votes disagree
    /// e-[…]                                     a fault; rows between the last s- line and the next are lost
    /// </code>
    /// </summary>
    public class StreamLines
    {
        /// <summary>Version of these lines.</summary>
        public const int Version = 1;

        private readonly TextLine _line;

        /// <summary>Lines to this link.</summary>
        public StreamLines(IByteLink link)
        {
            _line = new TextLine(link);
        }

        /// <summary>The head of a stream.</summary>
        public void Head(GesturePipeline pipeline, Model model, int rowsPerSecond)
        {
            _line.Add("m-stream-[").Add(Version).Add(',').Add(rowsPerSecond).Add(',').Add(pipeline.Channels).Add(',');
            _line.Add(pipeline.WindowRows).Add(',').Add(model.Name).Add(']').End();
        }

        /// <summary>One row of raw counts, from rowAt of row.</summary>
        public void Row(int number, short[] row, int rowAt, int channels)
        {
            _line.Add('s').Add('-').Add(number);
            for (int i = 0; i < channels; i++)
                _line.Add(',').Add(row[rowAt + i]);
            _line.End();
        }

        /// <summary>What the last row brought about, see <see cref="GesturePipeline.Add"/>; nothing where that was nothing.</summary>
        public void Result(GesturePipeline pipeline, Model model, int result)
        {
            if (result < GesturePipeline.Classified)
                return;
            int row = pipeline.RowCount - 1;
            _line.Add('w').Add('-').Add(row).Add(',').Add(pipeline.WindowLabel).Add(',').Add(pipeline.WindowConfidence).End();
            if (result == GesturePipeline.Classified)
                return;
            int label = result == GesturePipeline.Decided ? pipeline.Label : MajorityVote.Undecided;
            _line.Add('d').Add('-').Add(row).Add(',').Add(label).Add(',').Add(label < 0 ? 0 : pipeline.LabelVotes).Add(',');
            if (label >= 0 && label < model.LabelCount)
                _line.Add(model.Label(label));
            _line.End();
        }

        /// <summary>A fault, as one sentence without its full stop.</summary>
        public void Fault(string what)
        {
            _line.Add("e-[").Add(what).Add(']').End();
        }
    }
}
