namespace TinyAI.Boards
{
    /// <summary>The commands that the Gesture application takes: name, stream on, stream off; each ends with %.</summary>
    public class StreamCommands
    {
        private readonly CommandReader _command = new CommandReader();
        private readonly TextLine _line;
        private readonly string _vendor;
        private bool _streaming;
        private bool _started;

        /// <summary>Commands from a link, answered there.</summary>
        public StreamCommands(IByteLink link, string vendor)
        {
            _line = new TextLine(link);
            _vendor = vendor;
        }

        /// <summary>Whether rows are wanted.</summary>
        public bool IsStreaming
        {
            get { return _streaming; }
        }

        /// <summary>Whether the stream has been switched on since this was asked last: its head is due.</summary>
        public bool TakeStarted()
        {
            bool started = _started;
            _started = false;
            return started;
        }

        /// <summary>Takes count bytes as they come, and answers every command that they complete.</summary>
        public void Receive(byte[] data, int count)
        {
            for (int i = 0; i < count; i++)
            {
                int result = _command.Add(data[i]);
                if (result == CommandReader.Pending)
                    continue;
                if (result == CommandReader.Ready)
                    Answer();
                else
                    _line.Add("e-[A command is at most ").Add(CommandReader.Size).Add(" characters of ASCII text]").End();
                _command.Clear();
                _line.Add("m-ready").End();
            }
        }

        private void Answer()
        {
            _command.NextWord();
            if (_command.Is("name"))
            {
                _line.Add("m-name-gesture-[").Add(_vendor).Add(']').End();
                return;
            }
            if (_command.Is("stream") && _command.NextWord() && (_command.Is("on") || _command.Is("off")))
            {
                _streaming = _command.Is("on");
                _started = _streaming;
                return;
            }
            _line.Add("e-[Unknown command; these are known: name, stream on, stream off]").End();
        }
    }
}
