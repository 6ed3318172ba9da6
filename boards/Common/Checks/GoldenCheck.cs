using System;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards
{
    /// <summary>
    /// Runs the goldens in a pack layer by layer and names the first layer whose output is not, to the bit, what it was
    /// where the pack was made. The packer writes the goldens with this very class.
    /// </summary>
    public class GoldenCheck
    {
        /// <summary>All layers agree.</summary>
        public const int NoLayer = -1;

        /// <summary>Bytes read or summed at a time: no more than the smallest paging window.</summary>
        private const int Piece = 64;

        private readonly Model _model;
        private readonly Session _session;
        private readonly Crc32 _crc = new Crc32();
        private readonly byte[] _piece = new byte[Piece];
        private readonly int[] _crcs;
        private int _wrongLayer = NoLayer;
        private int _wrongCrc;

        /// <summary>Makes a session of its own.</summary>
        public GoldenCheck(Model model)
        {
            _model = model;
            _session = model.CreateSession();
            _crcs = new int[_session.LayerCount];
        }

        /// <summary>Number of goldens in the pack, 0 where it was packed without.</summary>
        public int Count
        {
            get { return _model.Word(PackFormat.GoldenCountAt); }
        }

        /// <summary>Number of layers.</summary>
        public int LayerCount
        {
            get { return _crcs.Length; }
        }

        /// <summary>The session, whose outputs are those of the last run.</summary>
        public Session Session
        {
            get { return _session; }
        }

        /// <summary>CRC-32 of each layer's output at the last run.</summary>
        public int[] Crcs
        {
            get { return _crcs; }
        }

        /// <summary>First layer of the last golden that differed, or <see cref="NoLayer"/>.</summary>
        public int WrongLayer
        {
            get { return _wrongLayer; }
        }

        /// <summary>What the pack says for that layer.</summary>
        public int ExpectedCrc
        {
            get { return _wrongCrc; }
        }

        /// <summary>Kind of a layer, one of PackFormat's Kind constants.</summary>
        public int KindOf(int layer)
        {
            return _model.Word(RecordOf(layer) + 4 * PackFormat.LayerKind);
        }

        /// <summary>Index of the operator in the original model that a layer comes from.</summary>
        public int OriginOf(int layer)
        {
            return _model.Word(RecordOf(layer) + 4 * PackFormat.LayerOrigin);
        }

        /// <summary>Runs golden index; false where a layer differs, which <see cref="WrongLayer"/> then names.</summary>
        public bool Run(int index)
        {
            if (index < 0 || index >= Count)
                throw new PackException("There is no golden " + index + ": the pack has " + Count + ".");
            Clear();
            int at = _model.Word(PackFormat.GoldensAt) + index * GoldenBytes();
            for (int i = 0; i < _model.InputCount; i++)
            {
                TensorInfo input = _model.Input(i);
                sbyte[] block = _session.Block(input.Block);
                for (int done = 0; done < input.Size; done += Piece)
                {
                    int count = input.Size - done < Piece ? input.Size - done : Piece;
                    byte[] data = _model.Source.Fetch(at + done, count);
                    int from = _model.Source.Start;
                    for (int k = 0; k < count; k++)
                        block[input.Offset + done + k] = (sbyte)data[from + k];
                }
                at += input.Size;
            }
            Trace();
            at = (at + 3) & ~3;
            _wrongLayer = NoLayer;
            for (int i = 0; i < _crcs.Length; i++)
            {
                int expected = _model.Word(at + 4 * i);
                if (expected == _crcs[i])
                    continue;
                _wrongLayer = i;
                _wrongCrc = expected;
                return false;
            }
            return true;
        }

        /// <summary>Makes all activation memory zero and gives states their initial values, so that nothing old is summed.</summary>
        public void Clear()
        {
            for (int i = 0; i < _model.BlockCount; i++)
            {
                sbyte[] block = _session.Block(i);
                Array.Clear(block, 0, block.Length);
            }
            _session.Reset();
        }

        /// <summary>
        /// Runs all layers on the inputs that have been written, and sums up each one's output. Layers that run row by row
        /// together have one sum: that of the last one's output.
        /// </summary>
        public void Trace()
        {
            int at = _model.Word(PackFormat.LayersAt);
            for (int i = 0; i < _crcs.Length;)
            {
                int last = i;
                if (_model.Word(at) == PackFormat.KindRowGroup)
                    last += _model.Word(at + 4 * (PackFormat.LayerHeaderWords + PackFormat.GroupMembers));
                int output = RecordOf(last) + 4 * PackFormat.LayerOutput;
                at = _session.RunLayer(at);
                int crc = Sum(_session.Block(_model.Word(output)), _model.Word(output + 4), _model.Word(output + 8));
                while (i <= last)
                    _crcs[i++] = crc;
            }
        }

        private int Sum(sbyte[] block, int at, int count)
        {
            int crc = 0;
            byte[] piece = _piece;
            for (int done = 0; done < count; done += Piece)
            {
                int length = count - done < Piece ? count - done : Piece;
                for (int i = 0; i < length; i++)
                    piece[i] = (byte)block[at + done + i];
                crc = _crc.Update(crc, piece, 0, length);
            }
            return crc;
        }

        private int GoldenBytes()
        {
            int bytes = 0;
            for (int i = 0; i < _model.InputCount; i++)
                bytes += _model.Input(i).Size;
            return ((bytes + 3) & ~3) + 4 * _crcs.Length;
        }

        private int RecordOf(int layer)
        {
            int at = _model.Word(PackFormat.LayersAt);
            for (int i = 0; i < layer; i++)
            {
                int bytes = (PackFormat.LayerHeaderWords + _model.Word(at + 4 * PackFormat.LayerParameterWords)) * 4;
                at += (bytes + PackFormat.Alignment - 1) & ~(PackFormat.Alignment - 1);
            }
            return at;
        }
    }
}
