namespace TinyAI.Kernels
{
    /// <summary>
    /// The reduction of all pixels of an image to one, row by row: the mean or sum of <see cref="Mean"/>, its maximum and
    /// minimum, or the average of <see cref="AveragePool2D"/> over a whole image. The image need not exist as a whole: one
    /// little-endian int32 per channel in scratch memory is carried from row to row.
    /// <para>
    /// acc[c] = sum (or maximum, minimum) over rows and columns of x[row, column, c]. After the last row: mean and sum
    /// out[c] = clamp(requantise(acc - zeroIn * n) + zeroOut), average out[c] = clamp(acc / n rounded half away from zero).
    /// Sums of integers do not depend on their order, so the results are those of the two kernels.
    /// </para>
    /// </summary>
    public static class MeanRows
    {
        /// <summary>Value of <see cref="Mean.Mode"/> for the average of stored values, beside those of <see cref="Mean"/>.</summary>
        public const int ModeAverage = 3;

        /// <summary>Channels; an index in the parameter array, as the two below. Parameters 0 to 6 are those of <see cref="Mean"/>.</summary>
        public const int Channels = 7;
        /// <summary>Pixels of a row.</summary>
        public const int Columns = 8;
        /// <summary>Rows of the image.</summary>
        public const int Rows = 9;
        /// <summary>Number of parameters.</summary>
        public const int ParameterCount = 10;

        /// <summary>
        /// Takes rows rowFrom..rowTo-1 into account; row 0 begins anew, the last row gives the output. x holds the whole
        /// image at xAt, y the output at yAt, s the accumulators (4 * Channels bytes) at sAt. The three must not overlap.
        /// </summary>
        public static void Run(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, sbyte[] s, int sAt, int rowFrom, int rowTo)
        {
            int channels = p[Channels], mode = p[Mean.Mode], count = p[Rows] * p[Columns], half = count / 2;
            int from = xAt + rowFrom * p[Columns] * channels, end = xAt + rowTo * p[Columns] * channels;
            bool isFirst = rowFrom == 0, isLast = rowTo == p[Rows], isSum = mode == Mean.ModeSum || mode == ModeAverage;
            int outMin = p[Mean.OutMin], outMax = p[Mean.OutMax];
            for (int channel = 0; channel < channels; channel++)
            {
                int acc;
                if (isFirst)
                    acc = mode == Mean.ModeSum ? -p[Mean.ZeroSum] : isSum ? 0 : x[from];
                else
                    acc = (s[sAt] & 0xFF) | ((s[sAt + 1] & 0xFF) << 8) | ((s[sAt + 2] & 0xFF) << 16) | (s[sAt + 3] << 24);
                if (isSum)
                {
                    for (int i = from; i < end; i += channels)
                        acc += x[i];
                }
                else
                {
                    for (int i = from; i < end; i += channels)
                    {
                        int v = x[i];
                        if (v > acc == (mode == Mean.ModeMax))
                            acc = v;
                    }
                }
                from++;
                if (isLast)
                {
                    if (mode == Mean.ModeSum)
                        acc = FixedPoint.Requantise(acc, p[Mean.Multiplier], p[Mean.Shift]) + p[Mean.OutZeroPoint];
                    else if (isSum)
                        acc = (acc > 0 ? acc + half : acc - half) / count;
                    y[yAt + channel] = (sbyte)(acc < outMin ? outMin : acc > outMax ? outMax : acc);
                }
                else
                {
                    s[sAt] = (sbyte)acc;
                    s[sAt + 1] = (sbyte)(acc >> 8);
                    s[sAt + 2] = (sbyte)(acc >> 16);
                    s[sAt + 3] = (sbyte)(acc >> 24);
                }
                sAt += 4;
            }
        }
    }
}
