namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// A pack that has been checked and can be run. Loading reads the pack once from front to back (CRC-32, then every
    /// field that a session will rely on) and keeps only a few numbers: labels, tensor descriptions and weights stay
    /// where they are and are read when asked for.
    /// </summary>
    public class Model
    {
        /// <summary>Bytes of a text read at a time: no more than the smallest paging window.</summary>
        private const int TextPiece = 64;

        private readonly IPackSource _source;
        private readonly string _name;

        private Model(IPackSource source, string name)
        {
            _source = source;
            _name = name;
        }

        /// <summary>The name given to the model when it was packed.</summary>
        public string Name
        {
            get { return _name; }
        }

        /// <summary>Where the pack's bytes come from.</summary>
        public IPackSource Source
        {
            get { return _source; }
        }

        /// <summary>Number of input tensors.</summary>
        public int InputCount
        {
            get { return Word(PackFormat.InputCountAt); }
        }

        /// <summary>Number of output tensors.</summary>
        public int OutputCount
        {
            get { return Word(PackFormat.OutputCountAt); }
        }

        /// <summary>
        /// Managed heap in bytes that the model, a session and a paging source take together, by the packer's account
        /// of the 32-bit object model. Known before the session exists.
        /// </summary>
        public int SessionBytes
        {
            get { return Word(PackFormat.SessionBytesAt); }
        }

        /// <summary>Number of activation blocks that a session needs.</summary>
        public int BlockCount
        {
            get { return Word(PackFormat.BlockCountAt); }
        }

        /// <summary>Number of labels, 0 where the model has none.</summary>
        public int LabelCount
        {
            get { return Word(PackFormat.LabelCountAt); }
        }

        /// <summary>
        /// Checks a pack and makes it ready to run. Throws <see cref="PackException"/> naming the first field that is
        /// wrong. Reads every byte once; allocates one CRC table and the model.
        /// </summary>
        public static Model Load(IPackSource source)
        {
            return new Model(source, PackCheck.Run(source));
        }

        /// <summary>Bytes of activation block index.</summary>
        public int BlockBytes(int index)
        {
            if (index < 0 || index >= BlockCount)
                throw new PackException("There is no activation block " + index + ": the pack has " + BlockCount + ".");
            return Word(PackFormat.BlockSizesAt + 4 * index);
        }

        /// <summary>Description of input tensor index.</summary>
        public TensorInfo Input(int index)
        {
            if (index < 0 || index >= InputCount)
                throw new PackException("There is no input " + index + ": the model has " + InputCount + ".");
            return new TensorInfo(_source, Word(PackFormat.TensorsAt) + index * PackFormat.TensorBytes);
        }

        /// <summary>Description of output tensor index.</summary>
        public TensorInfo Output(int index)
        {
            if (index < 0 || index >= OutputCount)
                throw new PackException("There is no output " + index + ": the model has " + OutputCount + ".");
            return new TensorInfo(_source, Word(PackFormat.TensorsAt) + (InputCount + index) * PackFormat.TensorBytes);
        }

        /// <summary>Name of class index. Makes a new string at each call.</summary>
        public string Label(int index)
        {
            if (index < 0 || index >= LabelCount)
                throw new PackException("There is no label " + index + ": the model has " + LabelCount + ".");
            int at = Word(PackFormat.LabelsAt);
            for (int i = 0; i < index; i++)
                at += 4 + ((Word(at) + 3) & ~3);
            return Text(_source, at);
        }

        /// <summary>Creates a session on memory of its own, <see cref="SessionBytes"/> in all.</summary>
        public Session CreateSession()
        {
            sbyte[][] blocks = new sbyte[BlockCount][];
            for (int i = 0; i < blocks.Length; i++)
                blocks[i] = new sbyte[BlockBytes(i)];
            return new Session(this, blocks);
        }

        /// <summary>
        /// Creates a session on the caller's memory: <see cref="BlockCount"/> arrays, each at least
        /// <see cref="BlockBytes"/> long. The session owns them until it is no longer used.
        /// </summary>
        public Session CreateSession(sbyte[][] blocks)
        {
            if (blocks.Length != BlockCount)
                throw new PackException("The model needs " + BlockCount + " activation blocks, not " + blocks.Length + ".");
            for (int i = 0; i < blocks.Length; i++)
            {
                if (blocks[i].Length < BlockBytes(i))
                    throw new PackException("Activation block " + i + " needs " + BlockBytes(i) + " bytes, not " + blocks[i].Length + ".");
            }
            return new Session(this, blocks);
        }

        /// <summary>The word at byte offset at of the pack.</summary>
        public int Word(int at)
        {
            return ReadWord(_source, at);
        }

        internal static int ReadWord(IPackSource source, int at)
        {
            byte[] data = source.Fetch(at, 4);
            int i = source.Start;
            return data[i] | (data[i + 1] << 8) | (data[i + 2] << 16) | (data[i + 3] << 24);
        }

        /// <summary>A string stored as its length in bytes and then UTF-8.</summary>
        internal static string Text(IPackSource source, int at)
        {
            int length = ReadWord(source, at);
            if (length < 0 || length > 255)
                throw new PackException("The text at byte " + at + " claims " + length + " bytes; 255 are the limit.");
            byte[] text = new byte[length];
            for (int done = 0; done < length; done += TextPiece)
            {
                int count = length - done < TextPiece ? length - done : TextPiece;
                byte[] data = source.Fetch(at + 4 + done, count);
                int from = source.Start;
                for (int i = 0; i < count; i++)
                    text[done + i] = data[from + i];
            }
            return Utf8.Decode(text, 0, length);
        }
    }
}
