using TinyAI.TinyRuntime;

namespace TinyAI.Boards
{
    /// <summary>
    /// Runs a decoder token by token: each token goes in with its position, both int32, the session keeps keys and values of all
    /// earlier ones in its int8 cache, and the scores of the next token come out. Memory does not grow with the text.
    /// </summary>
    public class TextDecoder
    {
        private readonly Session _session;
        private readonly sbyte[] _scores;
        private readonly byte[] _word = new byte[4];
        private int _position;

        /// <summary>
        /// A decoder in a session of its own for texts of length tokens, which is what the model's cache must hold. Throws
        /// <see cref="PackException"/> where the model is none.
        /// </summary>
        public TextDecoder(Model model, int length)
        {
            int states = model.Word(PackFormat.StateCountAt);
            if (model.InputCount != 2 || model.OutputCount != 1 || states == 0 || !IsWord(model.Input(0)) || !IsWord(model.Input(1)))
                throw new PackException("The model is no decoder with a cache, which takes a token and its position, an int32 each, and gives scores.");
            TensorInfo scores = model.Output(0);
            if (scores.Type != PackFormat.TypeInt8)
                throw new PackException("The scores of the model are not int8.");
            ScaleBits = scores.ScaleBits;
            Length = length;
            _scores = new sbyte[scores.Size];
            _session = model.CreateSession();
        }

        /// <summary>Positions that the cache holds: the longest text.</summary>
        public int Length { get; private set; }

        /// <summary>Number of tokens there are.</summary>
        public int Tokens
        {
            get { return _scores.Length; }
        }

        /// <summary>Scale of the scores as the bits of an IEEE single.</summary>
        public int ScaleBits { get; private set; }

        /// <summary>Tokens taken since the beginning.</summary>
        public int Position
        {
            get { return _position; }
        }

        /// <summary>Begins a new text.</summary>
        public void Reset()
        {
            _session.Reset();
            _position = 0;
        }

        /// <summary>Takes a token and gives the scores of the next one, an array that the next call overwrites.</summary>
        public sbyte[] Take(int token)
        {
            if (_position >= Length)
                throw new PackException("The text is " + Length + " tokens long, which is all that the cache holds: begin a new one.");
            if (token < 0 || token >= Tokens)
                throw new PackException("There is no token " + token + ": the model knows " + Tokens + ".");
            WriteWord(0, token);
            WriteWord(1, _position);
            _session.Run();
            _session.Read(0, _scores, 0);
            _position++;
            return _scores;
        }

        private void WriteWord(int input, int value)
        {
            for (int i = 0; i < 4; i++)
                _word[i] = (byte)(value >> (8 * i));
            _session.WriteBytes(input, _word, 0);
        }

        private static bool IsWord(TensorInfo tensor)
        {
            return tensor.Type == PackFormat.TypeInt32 && tensor.Size == 4;
        }
    }
}
