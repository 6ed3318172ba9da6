namespace TinyAI.Kernels
{
    /// <summary>
    /// Liquid (continuous-time) recurrent cell over a sequence: int8 input [time, batch, InSize], int8 output with StateSize
    /// values per step. Source: the ordinary differential equation of Hasani et al. 2021 and Lechner et al. 2020
    /// (neural circuit policies), h' = -h / tau + tanh(W x + R h + b), in Euler steps; absent synapses are zero weights. The
    /// integer form is this project's own.
    /// <para>
    /// Per step and unit h = h - h * a + dt * tanh(Q3.12 sum), a = dt / tau in Q0.31. The state is int32: steps of the output
    /// with 16 fraction bits, so that a slow unit does not stall; the products see its int8 value, which is also the output.
    /// Sums are exact, requantised to Q3.12 and saturated together, tanh is Q0.15 by <see cref="SigmoidTable"/>. Error of one step
    /// against the real cell on the same int8 values and weights: below dt * 2^-10 plus 2^-15 output steps.
    /// </para>
    /// <para>
    /// Weights come as one block per unit: int32 bias - inZero * sum(W), int32 -outZero * sum(R), multiplier and shift of each of
    /// both sums, a, a word of padding, the row of W, the row of R. State: for each batch StateSize int8 of h, then as many int32 for
    /// each batch, little-endian.
    /// </para>
    /// </summary>
    public static class Liquid
    {
        /// <summary>Bytes before the weights in a block.</summary>
        public const int BlockHeader = 32;

        /// <summary>No input step has more Euler steps than this.</summary>
        public const int MostRepeats = 64;

        /// <summary>Index of this parameter in the parameter array, as for all constants below. Values of an input step.</summary>
        public const int InSize = 0;
        /// <summary>Units: values of the state and of an output step.</summary>
        public const int StateSize = 1;
        /// <summary>Sequences in the batch.</summary>
        public const int Batches = 2;
        /// <summary>1 where time runs from the last step to the first.</summary>
        public const int Reverse = 3;
        /// <summary>Euler steps for each step of the input.</summary>
        public const int Repeats = 4;
        /// <summary>Zero point of h and of the output, -128..127.</summary>
        public const int OutZeroPoint = 5;
        /// <summary>Multiplier, then shift, that turns tanh in Q0.15 into what a step adds to the state.</summary>
        public const int StepScale = 6;
        /// <summary>Bytes from one block to the next.</summary>
        public const int BlockBytes = 8;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 9;

        /// <summary>
        /// Computes units blockFrom..blockTo-1 of one row: a step of a sequence, or one Euler step of it. x holds the whole
        /// input at xAt, y the whole output at yAt, s the state at sAt, w the block of blockFrom at wAt. The blocks of a row
        /// must be run in ascending order, and rows of a sequence in the order of time. x and y must not overlap.
        /// </summary>
        public static void Run(
            int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, sbyte[] s, int sAt, byte[] w, int wAt,
            int blockFrom, int blockTo, int row)
        {
            int inSize = p[InSize], size = p[StateSize], batches = p[Batches], batch = row % batches, zero = p[OutZeroPoint];
            int xFrom = xAt + row * inSize, hFrom = sAt + batch * size, wide = sAt + batches * size + 4 * batch * size;
            int outAt = yAt + row * size;
            for (int block = blockFrom; block < blockTo; block++)
            {
                int sum = w[wAt] | (w[wAt + 1] << 8) | (w[wAt + 2] << 16) | (w[wAt + 3] << 24);
                int recurrent = w[wAt + 4] | (w[wAt + 5] << 8) | (w[wAt + 6] << 16) | (w[wAt + 7] << 24);
                long leak = w[wAt + 24] | (w[wAt + 25] << 8) | (w[wAt + 26] << 16) | (w[wAt + 27] << 24);
                int k = wAt + BlockHeader;
                for (int i = xFrom, to = xFrom + inSize; i < to; i++)
                    sum += x[i] * (sbyte)w[k++];
                for (int i = hFrom, to = hFrom + size; i < to; i++)
                    recurrent += s[i] * (sbyte)w[k++];
                int f = SigmoidTable.Tanh(3 * Gru.Clamp(Gru.Scaled(sum, w, wAt + 8) + Gru.Scaled(recurrent, w, wAt + 16)));
                wAt += p[BlockBytes];

                int at = wide + 4 * block, h = CausalSoftmax.Word(s, at);
                h += FixedPoint.Requantise(f, p[StepScale], p[StepScale + 1]) - (int)((h * leak + (1 << 30)) >> 31);
                h = h < -(1 << 28) ? -(1 << 28) : h > 1 << 28 ? 1 << 28 : h;
                s[at] = (sbyte)h;
                s[at + 1] = (sbyte)(h >> 8);
                s[at + 2] = (sbyte)(h >> 16);
                s[at + 3] = (sbyte)(h >> 24);
                int q = ((h + 0x8000) >> 16) + zero;
                y[outAt + block] = (sbyte)(q < -128 ? -128 : q > 127 ? 127 : q);
            }

            if (blockTo == size)
            {
                for (int i = hFrom, to = hFrom + size; i < to; i++)
                    s[i] = y[outAt++];
            }
        }
    }
}
