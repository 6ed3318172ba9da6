using TinyAI.TinyRuntime;

namespace TinyAI.Boards
{
    /// <summary>
    /// From rows of raw sensor counts to decisions: ring of rows, motion gate, windows with stride, integer normalisation,
    /// inference, majority vote and dwell. All memory is taken when it is made; a row or window takes none. The desktop's
    /// `replay` runs this very class.
    /// </summary>
    /// <example><code>
    /// switch (pipeline.Add(row, 0))
    /// {
    ///     case GesturePipeline.Decided: Console.WriteLine(model.Label(pipeline.Label)); break;
    /// }
    /// </code></example>
    public class GesturePipeline
    {
        // What one row brought about.

        /// <summary>Nothing.</summary>
        public const int None = 0;
        /// <summary>The device began to move at <see cref="MotionRow"/>.</summary>
        public const int Opened = 1;
        /// <summary>A window was classified: <see cref="WindowLabel"/>, <see cref="WindowConfidence"/>.</summary>
        public const int Classified = 2;
        /// <summary>A window was classified, and with it the vote is decided: <see cref="Label"/>.</summary>
        public const int Decided = 3;
        /// <summary>A window was classified, and the votes that are in do not agree.</summary>
        public const int Undecided = 4;

        private readonly GestureSettings _settings;
        private readonly Session _session;
        private readonly Normalisation _normalisation;
        private readonly SampleWindow _window;
        private readonly MotionGate _gate;
        private readonly MajorityVote _vote;
        private readonly sbyte[] _input;
        private readonly sbyte[] _output;
        private readonly int _inputAt;
        private readonly int _outputAt;
        private readonly int _outputMask;
        private readonly int _outputScale;
        private readonly int _outputZero;
        private int _row;
        private int _motionRow;
        private int _due = int.MaxValue;
        private int _quietUntil;
        private int _windowLabel = MajorityVote.Undecided;
        private int _windowConfidence;
        private int _label = MajorityVote.Undecided;
        private int _labelVotes;
        private int _windows;
        private int _decisions;

        /// <summary>
        /// Makes a pipeline with a session of its own. Throws <see cref="PackException"/> where the model is no
        /// classifier of windows of raw counts.
        /// </summary>
        public GesturePipeline(Model model, GestureSettings settings)
        {
            _settings = settings;
            if (model.InputCount != 1 || model.OutputCount != 1)
                throw new PackException("The model has " + model.InputCount + " inputs and " + model.OutputCount + " outputs; a gesture model has one of each.");
            TensorInfo input = model.Input(0), output = model.Output(0);
            if (input.Type != PackFormat.TypeInt8 || (output.Type != PackFormat.TypeInt8 && output.Type != PackFormat.TypeUInt8))
                throw new PackException("The model's input and output must be 8-bit for a gesture model.");
            _normalisation = new Normalisation(model);
            int channels = _normalisation.Channels;
            if (input.Size % channels != 0)
                throw new PackException("The input of " + input.Size + " values does not divide into rows of " + channels + " channels.");
            if (settings.GateThreshold > 0 && (settings.GateFirst < 0 || settings.GateCount < 1 || settings.GateFirst + settings.GateCount > channels))
                throw new PackException("The motion gate watches channels " + settings.GateFirst + ".." + (settings.GateFirst + settings.GateCount - 1) + "; a row has " + channels + ".");
            if (settings.Stride < 1)
                throw new PackException("The stride is " + settings.Stride + " rows; 1 is the least.");
            _session = model.CreateSession();
            _input = _session.Block(input.Block);
            _inputAt = input.Offset;
            _output = _session.Block(output.Block);
            _outputAt = output.Offset;
            _outputMask = output.Type == PackFormat.TypeUInt8 ? 255 : -1;
            _outputScale = output.ScaleBits;
            _outputZero = output.ZeroPoint;
            _window = new SampleWindow(input.Size / channels, channels);
            _gate = new MotionGate(settings.GateFirst, settings.GateCount, settings.GateThreshold);
            _vote = new MajorityVote(output.Size, settings.Votes, settings.Quorum);
            Restart();
        }

        /// <summary>Values of a row.</summary>
        public int Channels
        {
            get { return _window.Channels; }
        }

        /// <summary>Rows of a window.</summary>
        public int WindowRows
        {
            get { return _window.Rows; }
        }

        /// <summary>Rows taken so far; the last one is this less one.</summary>
        public int RowCount
        {
            get { return _row; }
        }

        /// <summary>Row at which the motion began that is being, or was last, decided.</summary>
        public int MotionRow
        {
            get { return _motionRow; }
        }

        /// <summary>Class of the last window, or -1 where its best output was too low.</summary>
        public int WindowLabel
        {
            get { return _windowLabel; }
        }

        /// <summary>Best output of the last window in thousandths.</summary>
        public int WindowConfidence
        {
            get { return _windowConfidence; }
        }

        /// <summary>Class that was decided last, or -1.</summary>
        public int Label
        {
            get { return _label; }
        }

        /// <summary>Votes that <see cref="Label"/> had when it was decided.</summary>
        public int LabelVotes
        {
            get { return _labelVotes; }
        }

        /// <summary>Windows classified so far: how often the network ran.</summary>
        public int WindowCount
        {
            get { return _windows; }
        }

        /// <summary>Decisions so far.</summary>
        public int DecisionCount
        {
            get { return _decisions; }
        }

        /// <summary>Whether a motion is being watched, so that rows are awaited.</summary>
        public bool IsBusy
        {
            get { return _due != int.MaxValue; }
        }

        /// <summary>Whether the device moved in the last rows.</summary>
        public bool IsMoving
        {
            get { return _gate.IsMoving; }
        }

        /// <summary>
        /// Takes one row of raw counts from rowAt of row and says what it brought about. Runs the network at most once.
        /// </summary>
        public int Add(short[] row, int rowAt)
        {
            _window.Add(row, rowAt);
            int at = _row++;
            if (_settings.GateThreshold > 0)
            {
                bool opens = _gate.Add(row, rowAt);
                if (_due == int.MaxValue)
                {
                    if (!opens)
                        return None;
                    if (at < _quietUntil)
                    {
                        // The motion that was just decided goes on: it is not another one.
                        _gate.Close();
                        return None;
                    }
                    Open(at);
                    return Opened;
                }
                if (_settings.Continuous && !_gate.IsMoving)
                {
                    Close(at);
                    return None;
                }
            }
            if (at < _due || !_window.IsFull)
                return None;
            _due = at + _settings.Stride;
            Classify();
            return _settings.Continuous ? Follow(at) : Conclude(at);
        }

        /// <summary>Forgets rows and votes: to be called after a gap in the rows. Counters go on.</summary>
        public void Restart()
        {
            _window.Clear();
            _gate.Reset();
            _vote.Clear();
            _label = MajorityVote.Undecided;
            _quietUntil = _row;
            _due = _settings.GateThreshold > 0 ? int.MaxValue : _row;
        }

        /// <summary>A motion began some rows ago: its first window is due when that many rows have come.</summary>
        private void Open(int at)
        {
            _motionRow = at - (MotionGate.Rows - 1);
            _due = _motionRow + _window.Rows - 1;
        }

        private void Close(int at)
        {
            _gate.Close();
            _vote.Clear();
            _label = MajorityVote.Undecided;
            _quietUntil = at + 1;
            _due = int.MaxValue;
        }

        private void Classify()
        {
            _window.Normalise(_normalisation, _input, _inputAt);
            _session.Run();
            _windows++;
            int label = _session.ArgMax(0);
            _windowConfidence = (int)(Quantity.Micros(_outputScale, (_output[_outputAt + label] & _outputMask) - _outputZero) / 1000);
            _windowLabel = _windowConfidence < _settings.LeastConfidence ? MajorityVote.Undecided : label;
            _vote.Add(_windowLabel);
        }

        /// <summary>One motion, one decision: when all votes are in, or the rest cannot change it.</summary>
        private int Conclude(int at)
        {
            int winner = _vote.Winner();
            if (winner < 0 && !_vote.IsComplete)
                return Classified;
            _label = winner;
            _labelVotes = _vote.VotesFor(winner);
            _quietUntil = at + 1 + _settings.Dwell;
            if (_settings.GateThreshold > 0)
            {
                _due = int.MaxValue;
                _gate.Close();
            }
            else
            {
                _due = _quietUntil;
            }
            if (winner >= 0)
                _decisions++;
            _vote.Clear();
            return winner >= 0 ? Decided : Undecided;
        }

        /// <summary>Windows follow each other: a decision is reported when it changes, and not sooner than the dwell.</summary>
        private int Follow(int at)
        {
            int winner = _vote.Winner();
            if (winner < 0)
                return _vote.IsComplete ? Undecided : Classified;
            if (winner == _label || at < _quietUntil)
                return Classified;
            _label = winner;
            _labelVotes = _vote.VotesFor(winner);
            _quietUntil = at + 1 + _settings.Dwell;
            _decisions++;
            return Decided;
        }
    }
}
