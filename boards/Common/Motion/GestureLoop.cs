using TinyAI.TinyRuntime;

namespace TinyAI.Boards
{
    /// <summary>
    /// The Gesture application without its hardware: rows from a sensor through the pipeline, decisions to a console, and
    /// to a link, while somebody there wants it, everything.
    /// </summary>
    public class GestureLoop
    {
        private readonly Model _model;
        private readonly GesturePipeline _pipeline;
        private readonly SensorFeed _feed;
        private readonly IByteLink _link;
        private readonly StreamCommands _commands;
        private readonly StreamLines _lines;
        private readonly TextLine _console;
        private readonly short[] _row = new short[MotionSensor.Channels];
        private readonly byte[] _incoming = new byte[CommandReader.Size];
        private readonly int _rowsPerSecond;
        private int _result;
        private int _saidFault;

        /// <summary>
        /// Makes a loop over a feed of this many rows a second. The link may be null where there is none. Throws
        /// <see cref="PackException"/> where the model takes no rows of a six-axis sensor.
        /// </summary>
        public GestureLoop(Model model, GestureSettings settings, SensorFeed feed, int rowsPerSecond, IByteLink link, IByteLink console, string vendor)
        {
            _model = model;
            _pipeline = new GesturePipeline(model, settings);
            if (_pipeline.Channels != MotionSensor.Channels)
                throw new PackException("The model takes rows of " + _pipeline.Channels + " values; the sensor gives " + MotionSensor.Channels + ".");
            _feed = feed;
            _rowsPerSecond = rowsPerSecond;
            _link = link;
            if (link != null)
            {
                _commands = new StreamCommands(link, vendor);
                _lines = new StreamLines(link);
            }
            _console = new TextLine(console);
        }

        /// <summary>The pipeline.</summary>
        public GesturePipeline Pipeline
        {
            get { return _pipeline; }
        }

        /// <summary>What the last row brought about, see <see cref="GesturePipeline.Add"/>.</summary>
        public int Result
        {
            get { return _result; }
        }

        /// <summary>Takes commands and at most one row. True where there was a row; otherwise wait a few milliseconds.</summary>
        public bool Step()
        {
            _result = GesturePipeline.None;
            Listen();
            if (!_feed.Next(_row, 0))
            {
                SayFault();
                return false;
            }
            if (_feed.TakeGap())
            {
                _pipeline.Restart();
                if (IsStreaming)
                    _lines.Fault("Rows before this one are lost");
            }
            _saidFault = SensorFault.None;
            int number = _pipeline.RowCount;
            _result = _pipeline.Add(_row, 0);
            if (IsStreaming)
            {
                _lines.Row(number, _row, 0, MotionSensor.Channels);
                _lines.Result(_pipeline, _model, _result);
            }
            if (_result == GesturePipeline.Decided)
                SayDecision();
            else if (_result == GesturePipeline.Undecided)
                _console.Add("row ").Add(number).Add(": a motion, but no gesture").End();
            return true;
        }

        private bool IsStreaming
        {
            get { return _commands != null && _commands.IsStreaming; }
        }

        private void Listen()
        {
            if (_link == null)
                return;
            int count = _link.Read(_incoming, _incoming.Length);
            if (count == 0)
                return;
            _commands.Receive(_incoming, count);
            if (_commands.TakeStarted())
                _lines.Head(_pipeline, _model, _rowsPerSecond);
        }

        private void SayDecision()
        {
            int label = _pipeline.Label;
            _console.Add("row ").Add(_pipeline.RowCount - 1).Add(": ");
            if (label < _model.LabelCount)
                _console.Add(_model.Label(label));
            else
                _console.Add("class ").Add(label);
            _console.Add(" (").Add(_pipeline.LabelVotes).Add(" votes, ").Add(_pipeline.WindowConfidence / 10).Add(" %)").End();
        }

        /// <summary>A fault is said once, not at every attempt.</summary>
        private void SayFault()
        {
            int fault = _feed.LastFault;
            if (fault == _saidFault || fault == SensorFault.None)
                return;
            _saidFault = fault;
            _console.Add("sensor: ").Add(SensorFault.Name(fault)).End();
            if (IsStreaming)
                _lines.Fault(SensorFault.Name(fault));
        }
    }
}
