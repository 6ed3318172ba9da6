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

            int blockBytes = p[BlockBytes], cellAt = sAt + 2 * batch * stateSize + batches * stateSize;
            int block = blockFrom;
            while (block < blockTo)
            {
                if ((block & 3) == 0 && block + 4 <= blockTo)
                {
                    // All gates of a unit at once: each value is read once for the four.
                    int h = (block >> 2) + outAt;
                    y[h] = RunUnit(p, x, xFrom, xTo, s, hFrom, hTo, w, wAt, cellAt + (block >> 1));
                    block += 4;
                    wAt += 4 * blockBytes;
                    continue;
                }
                int sum = Word(w, wAt), recurrent = Word(w, wAt + 4), k = wAt + BlockHeader;
                for (int i = xFrom; i < xTo; i++)
                    sum += x[i] * (sbyte)w[k++];
                for (int i = hFrom; i < hTo; i++)
                    recurrent += s[i] * (sbyte)w[k++];
                int gate = block & 3, value = Gate(p, gate, sum, recurrent);
                if (gate < 3)
                    p[Gates + gate] = value;
                else
                    y[outAt + (block >> 2)] = Update(p, s, cellAt + 2 * (block >> 2), value);
                block++;
                wAt += blockBytes;
            }

            if (blockTo == 4 * stateSize)
            {
                for (int i = hFrom; i < hTo; i++)
                    s[i] = y[outAt++];
            }
        }

        /// <summary>The four gates of a unit whose first block is at w[wAt], and its new h.</summary>
        private static sbyte RunUnit(
            int[] p, sbyte[] x, int xFrom, int xTo, sbyte[] s, int hFrom, int hTo, byte[] w, int wAt, int cellAt)
        {
            int step = p[BlockBytes], w1 = wAt + step, w2 = w1 + step, w3 = w2 + step;
            int sum0 = Word(w, wAt), sum1 = Word(w, w1), sum2 = Word(w, w2), sum3 = Word(w, w3);
            int i = xFrom, d0 = wAt + BlockHeader - i, d1 = d0 + step, d2 = d1 + step, d3 = d2 + step;
            int e0 = d0 + 1, e1 = d1 + 1, e2 = d2 + 1, e3 = d3 + 1;
            for (int end = xTo - 1; i < end; i += 2)
            {
                int a = x[i], b = x[i + 1];
                sum0 += a * (sbyte)w[i + d0] + b * (sbyte)w[i + e0];
                sum1 += a * (sbyte)w[i + d1] + b * (sbyte)w[i + e1];
                sum2 += a * (sbyte)w[i + d2] + b * (sbyte)w[i + e2];
                sum3 += a * (sbyte)w[i + d3] + b * (sbyte)w[i + e3];
            }
            if (i < xTo)
            {
                int a = x[i];
                sum0 += a * (sbyte)w[i + d0];
                sum1 += a * (sbyte)w[i + d1];
                sum2 += a * (sbyte)w[i + d2];
                sum3 += a * (sbyte)w[i + d3];
            }

            int state0 = Word(w, wAt + 4), state1 = Word(w, w1 + 4), state2 = Word(w, w2 + 4), state3 = Word(w, w3 + 4);
            i = hFrom;
            d0 += xTo - hFrom;
            d1 = d0 + step;
            d2 = d1 + step;
            d3 = d2 + step;
            e0 = d0 + 1;
            e1 = d1 + 1;
            e2 = d2 + 1;
            e3 = d3 + 1;
            for (int end = hTo - 1; i < end; i += 2)
            {
                int a = s[i], b = s[i + 1];
                state0 += a * (sbyte)w[i + d0] + b * (sbyte)w[i + e0];
                state1 += a * (sbyte)w[i + d1] + b * (sbyte)w[i + e1];
                state2 += a * (sbyte)w[i + d2] + b * (sbyte)w[i + e2];
                state3 += a * (sbyte)w[i + d3] + b * (sbyte)w[i + e3];
            }
            if (i < hTo)
            {
                int a = s[i];
                state0 += a * (sbyte)w[i + d0];
                state1 += a * (sbyte)w[i + d1];
                state2 += a * (sbyte)w[i + d2];
                state3 += a * (sbyte)w[i + d3];
            }
            p[Gates] = Gate(p, 0, sum0, state0);
            p[Gates + 1] = Gate(p, 1, sum1, state1);
            p[Gates + 2] = Gate(p, 2, sum2, state2);
            return Update(p, s, cellAt, Gate(p, 3, sum3, state3));
        }

        /// <summary>Value of a gate in Q0.15 from its two sums.</summary>
        private static int Gate(int[] p, int gate, int sum, int recurrent)
        {
            int scale = Scales + 4 * gate, shift = p[scale + 1];
            int left = shift > 0 ? shift : 0, right = left - shift;
            long v = ((long)(sum << left) * p[scale] + 0x40000000L) >> 31;
            if (right > 0)
                v = (v + (1L << (right - 1)) + (v >> 63)) >> right;
            int value = v < -32768 ? -32768 : v > 32767 ? 32767 : (int)v;
            shift = p[scale + 3];
            left = shift > 0 ? shift : 0;
            right = left - shift;
            v = ((long)(recurrent << left) * p[scale + 2] + 0x40000000L) >> 31;
            if (right > 0)
                v = (v + (1L << (right - 1)) + (v >> 63)) >> right;
            value += v < -32768 ? -32768 : v > 32767 ? 32767 : (int)v;
            value = 3 * (value < -32768 ? -32768 : value > 32767 ? 32767 : value);
            return gate == 2 ? SigmoidTable.Tanh(value) : SigmoidTable.Logistic(value);
        }

        private static int Word(byte[] w, int at)
        {
            return w[at] | (w[at + 1] << 8) | (w[at + 2] << 16) | (w[at + 3] << 24);
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
