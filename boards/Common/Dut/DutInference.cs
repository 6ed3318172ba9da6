using TinyAI.TinyRuntime;

namespace TinyAI.Boards
{
    /// <summary>
    /// The model of a device under test with an input that stays loaded: activations overwrite a session's inputs, so
    /// each inference writes them again, which is its first phase.
    /// </summary>
    public class DutInference
    {
        private readonly Model _model;
        private readonly Session _session;
        private readonly IDutBoard _board;
        private readonly sbyte[] _data;
        private readonly int[] _inputAt;
        private readonly TensorInfo[] _outputs;

        /// <summary>Makes a session of its own and room for the inputs.</summary>
        public DutInference(Model model, IDutBoard board)
        {
            _model = model;
            _board = board;
            _session = model.CreateSession();
            _inputAt = new int[model.InputCount];
            int bytes = 0;
            for (int i = 0; i < _inputAt.Length; i++)
            {
                _inputAt[i] = bytes;
                bytes += model.Input(i).Size;
            }
            _data = new sbyte[bytes];
            _outputs = new TensorInfo[model.OutputCount];
            for (int i = 0; i < _outputs.Length; i++)
                _outputs[i] = model.Output(i);
        }

        /// <summary>The model.</summary>
        public Model Model
        {
            get { return _model; }
        }

        /// <summary>
        /// The inputs one after another as the session takes them: int8 or uint8 an element, wider ones little-endian.
        /// </summary>
        public sbyte[] Data
        {
            get { return _data; }
        }

        /// <summary>Gives states their initial values.</summary>
        public void Reset()
        {
            _session.Reset();
        }

        /// <summary>One inference: writes the loaded input, runs, reads the answer.</summary>
        public void Run()
        {
            _board.Mark(DutPhase.Pre);
            for (int i = 0; i < _inputAt.Length; i++)
                _session.Write(i, _data, _inputAt[i]);
            _board.Mark(DutPhase.Inference);
            _session.Run();
            _board.Mark(DutPhase.Post);
            int type = _outputs[0].Type;
            if (type == PackFormat.TypeInt8 || type == PackFormat.TypeUInt8)
                _session.ArgMax(0);
            _board.Mark(DutPhase.Idle);
        }

        /// <summary>
        /// Adds all outputs to a line as real numbers with six decimals, separated by commas: value less zero point
        /// times scale, or the plain integer where an output has no scale.
        /// </summary>
        public void AddResults(TextLine line)
        {
            bool first = true;
            for (int i = 0; i < _outputs.Length; i++)
            {
                TensorInfo output = _outputs[i];
                sbyte[] block = _session.Block(output.Block);
                int width = output.Type == PackFormat.TypeInt32 ? 4 : output.Type == PackFormat.TypeInt16 ? 2 : 1;
                for (int at = output.Offset; at < output.Offset + output.Size; at += width)
                {
                    if (!first)
                        line.Add(',');
                    first = false;
                    int value = Element(block, at, output.Type);
                    if (output.ScaleBits == 0)
                        line.Add(value);
                    else
                        line.AddFixed(Quantity.Micros(output.ScaleBits, value - output.ZeroPoint), TextLine.MicroDigits);
                }
            }
        }

        private static int Element(sbyte[] block, int at, int type)
        {
            switch (type)
            {
                case PackFormat.TypeUInt8:
                    return block[at] & 255;
                case PackFormat.TypeInt16:
                    return (block[at] & 255) | (block[at + 1] << 8);
                case PackFormat.TypeInt32:
                    return (block[at] & 255) | ((block[at + 1] & 255) << 8) | ((block[at + 2] & 255) << 16) | (block[at + 3] << 24);
                default:
                    return block[at];
            }
        }
    }
}
