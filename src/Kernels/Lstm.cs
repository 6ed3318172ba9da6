namespace TinyAI.Kernels
{
    /// <summary>
    /// Long short-term memory over a sequence: int8 input [batch, time, InSize] (or time first), int8 output with
    /// StateSize values per step. Source: TFLite Micro lstm_eval.h, 8-bit activations and weights, 16-bit cell.
    /// <para>
    /// Per step and unit, gates forget, input, cell and output are
    /// clamp16(clamp16(requantise(bias + W (x - inZero))) + clamp16(requantise(R (h - hZero)))) in Q3.12, then logistic
    /// (the cell gate: tanh) in Q0.15. cell = clamp16(clamp16(f * cell) + clamp16(i * g)), clipped to +-CellClip where
    /// that is not 0; h = clamp8(tanh(cell) * o + hZero), each product requantised. h is the output of the step.
    /// </para>
    /// <para>
    /// Weights come as one block per gate of a unit, in the order forget, input, cell, output of unit 0, then of unit 1:
    /// int32 bias - inZero * sum(W), int32 -hZero * sum(R), the row of W, the row of R. State: batch * StateSize int8
    /// of h, then as many int16 of the cell, little-endian. The new h of a step is kept in the output until all units
    /// are done, because they all read the old one.
    /// </para>
    /// </summary>
    public static class Lstm
    {
        /// <summary>Bytes before the weights in a block.</summary>
        public const int BlockHeader = 8;

        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values of an input step.</summary>
        public const int InSize = 0;
        /// <summary>Units: values of the state and of an output step.</summary>
        public const int StateSize = 1;
        /// <summary>Time steps.</summary>
        public const int Steps = 2;
        /// <summary>Sequences in the batch.</summary>
        public const int Batches = 3;
        /// <summary>
        /// 1 where the tensors are [time, batch, values], 2 where time runs from the last step to the first besides, 0 where they
        /// are [batch, time, values].
        /// </summary>
        public const int TimeMajor = 4;
        /// <summary>Zero point of h and of the output, -128..127.</summary>
        public const int OutZeroPoint = 5;
        /// <summary>Four words per gate: multiplier and shift of the input's sum, multiplier and shift of the state's sum.</summary>
        public const int Scales = 6;
        /// <summary>Multiplier, then shift, of forget gate times cell.</summary>
        public const int ForgetScale = 22;
        /// <summary>Multiplier, then shift, of input gate times cell gate.</summary>
        public const int InputScale = 24;
        /// <summary>Multiplier, then shift, of tanh(cell) times output gate.</summary>
        public const int OutScale = 26;
        /// <summary>Largest magnitude of the cell, 0 where it is not clipped.</summary>
        public const int CellClip = 28;
        /// <summary>Factor that turns the cell into the argument of <see cref="SigmoidTable.Tanh"/>.</summary>
        public const int TanhMultiplier = 29;
        /// <summary>Rounded right shift after that factor.</summary>
        public const int TanhShift = 30;
        /// <summary>Bytes from one block to the next.</summary>
        public const int BlockBytes = 31;
        /// <summary>Three words of the kernel's own: the gates of the unit in progress, so that a page may end between them.</summary>
        public const int Gates = 32;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 35;

        /// <summary>
        /// Computes gate blocks blockFrom..blockTo-1 of one row: a step of a sequence, in the order in which they lie in
        /// memory. x holds the whole input at xAt, y the whole output at yAt, s the state at sAt, w the block of
        /// blockFrom at wAt. The blocks of a row must be run in ascending order, and rows of a sequence too.
        /// x and y must not overlap.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, sbyte[] s, int sAt, byte[] w, int wAt,
            int blockFrom, int blockTo, int row)
        {
            int inSize = p[InSize], stateSize = p[StateSize], batches = p[Batches];
            int batch = p[TimeMajor] != 0 ? row % batches : row / p[Steps];
            int xFrom = xAt + row * inSize, xTo = xFrom + inSize;
            int hFrom = sAt + batch * stateSize, hTo = hFrom + stateSize;
            int outAt = yAt + row * stateSize;

            for (int block = blockFrom; block < blockTo; block++)
            {
                int sum = w[wAt] | (w[wAt + 1] << 8) | (w[wAt + 2] << 16) | (w[wAt + 3] << 24);
                int recurrent = w[wAt + 4] | (w[wAt + 5] << 8) | (w[wAt + 6] << 16) | (w[wAt + 7] << 24);
                int k = wAt + BlockHeader;
                for (int i = xFrom; i < xTo; i++)
                    sum += x[i] * (sbyte)w[k++];
                for (int i = hFrom; i < hTo; i++)
                    recurrent += s[i] * (sbyte)w[k++];
                wAt += p[BlockBytes];

                int gate = block & 3, scale = Scales + 4 * gate;
                int value = Clamp(
                    Clamp(FixedPoint.Requantise(sum, p[scale], p[scale + 1]))
                    + Clamp(FixedPoint.Requantise(recurrent, p[scale + 2], p[scale + 3])));
                value = gate == 2 ? SigmoidTable.Tanh(3 * value) : SigmoidTable.Logistic(3 * value);
                if (gate < 3)
                    p[Gates + gate] = value;
                else
                    y[outAt + (block >> 2)] = Update(p, s, sAt + batches * stateSize + 2 * (batch * stateSize + (block >> 2)), value);
            }

            if (blockTo == 4 * stateSize)
            {
                for (int i = hFrom; i < hTo; i++)
                    s[i] = y[outAt++];
            }
        }

        /// <summary>New cell of one unit, stored at s[at], and its new h.</summary>
        private static sbyte Update(int[] p, sbyte[] s, int at, int outputGate)
        {
            int cell = (s[at] & 0xFF) | (s[at + 1] << 8);
            cell = Clamp(
                Clamp(FixedPoint.Requantise(p[Gates] * cell, p[ForgetScale], p[ForgetScale + 1]))
                + Clamp(FixedPoint.Requantise(p[Gates + 1] * p[Gates + 2], p[InputScale], p[InputScale + 1])));
            int clip = p[CellClip];
            if (clip > 0)
                cell = cell > clip ? clip : cell < -clip ? -clip : cell;
            s[at] = (sbyte)cell;
            s[at + 1] = (sbyte)(cell >> 8);

            int right = p[TanhShift];
            int scaled = (cell * p[TanhMultiplier] + (right > 0 ? 1 << (right - 1) : 0)) >> right;
            int h = FixedPoint.Requantise(SigmoidTable.Tanh(scaled) * outputGate, p[OutScale], p[OutScale + 1]) + p[OutZeroPoint];
            return (sbyte)(h < -128 ? -128 : h > 127 ? 127 : h);
        }

        private static int Clamp(int value)
        {
            return value < -32768 ? -32768 : value > 32767 ? 32767 : value;
        }
    }
}
