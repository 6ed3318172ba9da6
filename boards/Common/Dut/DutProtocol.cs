using TinyAI.TinyRuntime;

namespace TinyAI.Boards
{
    /// <summary>
    /// The device's side of the protocol with which the runners of the MLPerf Tiny benchmark drive a board: ASCII
    /// commands that end with %, each answered by lines of which the last is m-ready. docs/device-protocol.md lists
    /// them. Nothing that comes in can stop it: what it cannot use it answers with e-[…], and keeps what was loaded.
    /// </summary>
    public class DutProtocol
    {
        /// <summary>Version of the protocol, as profile names it.</summary>
        public const string Firmware = "MLPerf Tiny Firmware V0.1.0";

        /// <summary>Warm-up inferences where infer does not say.</summary>
        public const int DefaultWarmups = 10;

        private const int BytesPerPrintedLine = 8;

        private readonly DutInference _inference;
        private readonly IDutBoard _board;
        private readonly bool _energy;
        private readonly string _vendor;
        private readonly CommandReader _command = new CommandReader();
        private readonly TextLine _line;
        private readonly sbyte[] _data;
        private int _loaded;
        private bool _loading;

        /// <summary>
        /// Speaks for a model over a link. With energy, timestamps are edges on a pin and nothing is printed for them.
        /// </summary>
        public DutProtocol(DutInference inference, IByteLink link, IDutBoard board, bool energy, string vendor)
        {
            _inference = inference;
            _board = board;
            _energy = energy;
            _vendor = vendor;
            _line = new TextLine(link);
            _data = inference.Data;
        }

        /// <summary>Says that the device is there and listens.</summary>
        public void Start()
        {
            _line.Add(_energy ? "m-timestamp-mode-energy" : "m-timestamp-mode-performance").End();
            _line.Add("m-init-done").End();
            Ready();
        }

        /// <summary>
        /// Forgets half a command and an input of which only a part has come: the other side has gone. An input that is
        /// complete stays.
        /// </summary>
        public void Disconnect()
        {
            _command.Clear();
            if (_loading)
                Forget();
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
                else if (result == CommandReader.TooLong)
                    _line.Add("e-[A command has at most ").Add(CommandReader.Size).Add(" characters]").End();
                else
                    _line.Add("e-[A command is ASCII text]").End();
                _command.Clear();
                Ready();
            }
        }

        private void Ready()
        {
            _line.Add("m-ready").End();
        }

        private void Answer()
        {
            if (!_command.NextWord())
                _line.Add("e-[The command is empty]").End();
            else if (_command.Is("name"))
                _line.Add("m-name-dut-[").Add(_vendor).Add(']').End();
            else if (_command.Is("timestamp"))
                Timestamp();
            else if (_command.Is("profile"))
                Profile();
            else if (_command.Is("help"))
                Help();
            else if (_command.Is("db"))
                Buffer();
            else if (_command.Is("infer"))
                Infer();
            else if (_command.Is("results"))
                Results();
            else
                _line.Add("e-[Unknown command: ").AddBytes(_command.Text, _command.WordAt, _command.WordLength).Add(']').End();
        }

        private void Timestamp()
        {
            if (_energy)
                _board.Timestamp();
            else
                _line.Add("m-lap-us-").Add(_board.Microseconds()).End();
        }

        private void Profile()
        {
            _line.Add("m-profile-[").Add(Firmware).Add(']').End();
            _line.Add("m-model-[").Add(_inference.Model.Name).Add(']').End();
        }

        private void Help()
        {
            _line.Add(Firmware).End();
            _line.Add("help           this text").End();
            _line.Add("name           who answers").End();
            _line.Add("timestamp      the time in microseconds, or a falling edge on the timestamp pin").End();
            _line.Add("profile        version and model").End();
            _line.Add("db load N      begins to load an input of N bytes").End();
            _line.Add("db HH..        the next bytes of it, in hexadecimal").End();
            _line.Add("db print       the loaded input").End();
            _line.Add("infer N [W]    N inferences after W, by default ").Add(DefaultWarmups).Add(", for warming up").End();
            _line.Add("results        the outputs of the last one").End();
        }

        private void Results()
        {
            _line.Add("m-results-[");
            _inference.AddResults(_line);
            _line.Add(']').End();
        }

        private void Buffer()
        {
            if (!_command.NextWord())
                _line.Add("e-[Command db needs load, print or hexadecimal digits]").End();
            else if (_command.Is("load"))
                Load();
            else if (_command.Is("print"))
                Print();
            else
                Fill();
        }

        private void Load()
        {
            if (!_command.NextWord())
            {
                _line.Add("e-[Command db load needs the number of bytes]").End();
                return;
            }
            if (_command.Number() != _data.Length)
            {
                _line.Add("e-[The model takes ").Add(_data.Length).Add(" bytes, not ");
                _line.AddBytes(_command.Text, _command.WordAt, _command.WordLength).Add(']').End();
                return;
            }
            Forget();
            _loading = true;
            _line.Add("m-[Expecting ").Add(_data.Length).Add(" bytes]").End();
        }

        /// <summary>Takes hexadecimal digits. All of a command's are checked before any is stored.</summary>
        private void Fill()
        {
            int at = _command.WordAt, end = at + _command.WordLength;
            if (!_loading)
            {
                _line.Add("e-[No input is being loaded: send db load ").Add(_data.Length).Add(" first]").End();
                return;
            }
            if ((_command.WordLength & 1) != 0)
            {
                _line.Add("e-[The number of hexadecimal digits is odd]").End();
                return;
            }
            for (int i = at; i < end; i += 2)
            {
                if (_command.HexByte(i) < 0)
                {
                    _line.Add("e-[Not hexadecimal: ").AddBytes(_command.Text, i, 2).Add(']').End();
                    return;
                }
            }
            // As in the benchmark's own firmware, digits after the last byte are disregarded.
            for (int i = at; i < end && _loaded < _data.Length; i += 2)
                _data[_loaded++] = (sbyte)_command.HexByte(i);
            if (_loaded < _data.Length)
                return;
            _loading = false;
            _line.Add("m-load-done").End();
        }

        private void Print()
        {
            int length = _loading ? _loaded : _data.Length;
            for (int i = 0; i < length; i++)
            {
                int place = i % BytesPerPrintedLine;
                _line.Add(place == 0 ? "m-buffer-" : "-").AddHex(_data[i]);
                if (place == BytesPerPrintedLine - 1 || i + 1 == length)
                    _line.End();
            }
        }

        private void Infer()
        {
            int inferences = 1, warmups = DefaultWarmups;
            if (_command.NextWord())
            {
                inferences = _command.Number();
                if (_command.NextWord())
                    warmups = _command.Number();
            }
            if (inferences < 1)
            {
                _line.Add("e-[The number of inferences is from 1 to 1000000000]").End();
                return;
            }
            if (warmups < 0)
            {
                _line.Add("e-[The number of warm-ups is from 0 to 1000000000]").End();
                return;
            }
            if (_loading)
            {
                _line.Add("e-[The input is half loaded: ").Add(_loaded).Add(" of ").Add(_data.Length).Add(" bytes]").End();
                return;
            }
            try
            {
                Run(inferences, warmups);
            }
            catch (PackException e)
            {
                _board.Mark(DutPhase.Idle);
                _line.Add("e-[").Add(e.Message).Add(']').End();
            }
        }

        private void Run(int inferences, int warmups)
        {
            _inference.Reset();
            _line.Add("m-warmup-start-").Add(warmups).End();
            for (int i = 0; i < warmups; i++)
                _inference.Run();
            _line.Add("m-warmup-done").End();
            _line.Add("m-infer-start-").Add(inferences).End();
            Timestamp();
            for (int i = 0; i < inferences; i++)
                _inference.Run();
            Timestamp();
            _line.Add("m-infer-done").End();
            Results();
        }

        private void Forget()
        {
            _loading = false;
            _loaded = 0;
            for (int i = 0; i < _data.Length; i++)
                _data[i] = 0;
        }
    }
}
