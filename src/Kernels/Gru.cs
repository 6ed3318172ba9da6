namespace TinyAI.Kernels
{
    /// <summary>
    /// Gated recurrent unit over a sequence: int8 input [time, batch, InSize], int8 output with StateSize values per step.
    /// Sources: Cho et al. 2014, and ONNX's GRU for both places of the reset gate; the integer form is this project's own.
    /// <para>
    /// Per step and unit, u = logistic(Wu x + Ru h + bu) and r likewise, n = tanh(Wn x + Rn (r * h) + bn), or with the reset
    /// after the product n = tanh(Wn x + bn + r * (Rn h + cn)); h = u * h + (1 - u) * n. The products with W and R are exact
    /// sums of int8 products, requantised to 12 fraction bits and saturated together (beyond +-8 the functions are flat to
    /// 2^-11); gates are Q0.15 by <see cref="SigmoidTable"/>. The state that h = u * h + … remembers is Q0.15, so that slow units do not
    /// stall; the products see its int8 value, which is also the output. Error of one step against the real cell on the same
    /// int8 values and weights: below 2^-9 plus 2^-11 of what the reset gate is multiplied with, before the output is rounded.
    /// </para>
    /// <para>
    /// Weights come as one block per gate of a unit: first the reset gates of all units, then update gate and new value of
    /// unit 0, of unit 1 and so on. A block: int32 bias - inZero * sum(W), int32 recurrent bias - outZero * sum(R), multiplier
    /// and shift of each of both sums, the row of W, the row of R. State: for each batch StateSize int8 of h, then as many
    /// int16 of h in Q0.15 for each batch, little-endian, then StateSize int16 of the reset gates in work (or int8 of r * h).
    /// </para>
    /// </summary>
    public static class Gru
    {
        /// <summary>Bytes before the weights in a block.</summary>
        public const int BlockHeader = 24;

        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values of an input step.</summary>
        public const int InSize = 0;
        /// <summary>Units: values of the state and of an output step.</summary>
        public const int StateSize = 1;
        /// <summary>Sequences in the batch.</summary>
        public const int Batches = 2;
        /// <summary>1 where time runs from the last step to the first.</summary>
        public const int Reverse = 3;
        /// <summary>Times that each step is computed: 1.</summary>
        public const int Repeats = 4;
        /// <summary>Zero point of h and of the output, -128..127.</summary>
        public const int OutZeroPoint = 5;
        /// <summary>Multiplier, then shift, of Q0.15 to the output.</summary>
        public const int OutScale = 6;
        /// <summary>1 where the reset gate is applied after the product with R.</summary>
        public const int ResetAfter = 8;
        /// <summary>Bytes from one block to the next.</summary>
        public const int BlockBytes = 9;
        /// <summary>A word of the kernel's own: the update gate of the unit in progress, so that a page may end behind it.</summary>
        public const int Update = 10;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 11;

        /// <summary>
        /// Computes gate blocks blockFrom..blockTo-1 of one row: a step of a sequence. x holds the whole input at xAt, y the
        /// whole output at yAt, s the state at sAt, w the block of blockFrom at wAt. The blocks of a row must be run in
        /// ascending order, and rows of a sequence in the order of time. x and y must not overlap.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, sbyte[] s, int sAt, byte[] w, int wAt,
            int blockFrom, int blockTo, int row)
        {
            int inSize = p[InSize], size = p[StateSize], batches = p[Batches], batch = row % batches;
            int xFrom = xAt + row * inSize, hFrom = sAt + batch * size, wide = sAt + batches * size + 2 * batch * size;
            int work = sAt + 3 * batches * size, outAt = yAt + row * size;
            bool after = p[ResetAfter] != 0;
            for (int block = blockFrom; block < blockTo; block++)
            {
                int unit = block < size ? block : (block - size) >> 1;
                bool isNew = block >= size && ((block - size) & 1) != 0;
                int sum = w[wAt] | (w[wAt + 1] << 8) | (w[wAt + 2] << 16) | (w[wAt + 3] << 24);
                int recurrent = w[wAt + 4] | (w[wAt + 5] << 8) | (w[wAt + 6] << 16) | (w[wAt + 7] << 24);
                int k = wAt + BlockHeader, from = isNew && !after ? work : hFrom;
                for (int i = xFrom, to = xFrom + inSize; i < to; i++)
                    sum += x[i] * (sbyte)w[k++];
                for (int i = from, to = from + size; i < to; i++)
                    recurrent += s[i] * (sbyte)w[k++];
                sum = Scaled(sum, w, wAt + 8);
                recurrent = Scaled(recurrent, w, wAt + 16);
                wAt += p[BlockBytes];

                if (!isNew)
                {
                    int gate = SigmoidTable.Logistic(3 * Clamp(sum + recurrent));
                    if (block >= size)
                        p[Update] = gate;
                    else if (after)
                        Store(s, work + 2 * unit, gate);
                    else
                        s[work + unit] = Output(p, (gate * Load(s, wide + 2 * unit) + (1 << 14)) >> 15);
                    continue;
                }
                if (after)
                    recurrent = (int)(((long)Load(s, work + 2 * unit) * recurrent + (1 << 14)) >> 15);
                int added = SigmoidTable.Tanh(3 * Clamp(sum + recurrent)), update = p[Update];
                int h = (update * Load(s, wide + 2 * unit) + (32768 - update) * added + (1 << 14)) >> 15;
                Store(s, wide + 2 * unit, h);
                y[outAt + unit] = Output(p, h);
            }

            if (blockTo == 3 * size)
            {
                for (int i = hFrom, to = hFrom + size; i < to; i++)
                    s[i] = y[outAt++];
            }
        }

        /// <summary>A sum with 12 fraction bits, at most +-2^29, by the multiplier and shift at w[at].</summary>
        internal static int Scaled(int sum, byte[] w, int at)
        {
            int multiplier = w[at] | (w[at + 1] << 8) | (w[at + 2] << 16) | (w[at + 3] << 24);
            int shift = w[at + 4] | (w[at + 5] << 8) | (w[at + 6] << 16) | (w[at + 7] << 24);
            int value = FixedPoint.Requantise(sum, multiplier, shift);
            return value < -(1 << 29) ? -(1 << 29) : value > 1 << 29 ? 1 << 29 : value;
        }

        /// <summary>A value limited to 16 bits.</summary>
        internal static int Clamp(int value)
        {
            return value < -32768 ? -32768 : value > 32767 ? 32767 : value;
        }

        private static sbyte Output(int[] p, int h)
        {
            int q = FixedPoint.Requantise(h, p[OutScale], p[OutScale + 1]) + p[OutZeroPoint];
            return (sbyte)(q < -128 ? -128 : q > 127 ? 127 : q);
        }

        private static int Load(sbyte[] s, int at)
        {
            return (s[at] & 0xFF) | (s[at + 1] << 8);
        }

        private static void Store(sbyte[] s, int at, int value)
        {
            s[at] = (sbyte)value;
            s[at + 1] = (sbyte)(value >> 8);
        }
    }
}
