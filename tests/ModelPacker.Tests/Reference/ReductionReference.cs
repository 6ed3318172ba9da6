using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Reference;

/// <summary>Pooling (integer_ops/pooling.h), reductions (reference/reduce.h) and softmax (reference/softmax.h), literally.</summary>
internal static class ReductionReference
{
    public static sbyte[] Pool(
        sbyte[] x, int[] shape, bool average, int kernelH, int kernelW, int strideH, int strideW, bool same, int min, int max, out int[] outShape)
    {
        (int height, int width, int channels) = (shape[1], shape[2], shape[3]);
        int outH = same ? (height + strideH - 1) / strideH : (height - kernelH + strideH) / strideH;
        int outW = same ? (width + strideW - 1) / strideW : (width - kernelW + strideW) / strideW;
        int top = same ? Math.Max(0, (outH - 1) * strideH + kernelH - height) / 2 : 0;
        int left = same ? Math.Max(0, (outW - 1) * strideW + kernelW - width) / 2 : 0;
        outShape = [shape[0], outH, outW, channels];
        var output = new List<sbyte>();
        for (int n = 0; n < shape[0]; n++)
        for (int oy = 0; oy < outH; oy++)
        for (int ox = 0; ox < outW; ox++)
        for (int c = 0; c < channels; c++)
        {
            int sum = 0, count = 0, largest = -128;
            for (int ky = 0; ky < kernelH; ky++)
            for (int kx = 0; kx < kernelW; kx++)
            {
                int y = oy * strideH - top + ky, xx = ox * strideW - left + kx;
                if (y < 0 || y >= height || xx < 0 || xx >= width) continue;
                int value = x[((n * height + y) * width + xx) * channels + c];
                (sum, count, largest) = (sum + value, count + 1, Math.Max(largest, value));
            }

            int mean = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
            output.Add((sbyte)Math.Min(Math.Max(average ? mean : largest, min), max));
        }

        return [.. output];
    }

    /// <summary>Accumulators per output element, filled by going over the input once.</summary>
    public static sbyte[] Reduce(sbyte[] x, int[] shape, bool[] reduced, Func<int, int, int> combine, int start, Func<int, int, int> finish)
    {
        int outputs = shape.Where((_, d) => !reduced[d]).Aggregate(1, (a, b) => a * b);
        int[] acc = Enumerable.Repeat(start, outputs).ToArray();
        for (int i = 0; i < x.Length; i++)
        {
            int at = 0, rest = i;
            var index = new int[shape.Length];
            for (int d = shape.Length - 1; d >= 0; d--) (index[d], rest) = (rest % shape[d], rest / shape[d]);
            for (int d = 0; d < shape.Length; d++) at = reduced[d] ? at : at * shape[d] + index[d];
            acc[at] = combine(acc[at], x[i]);
        }

        return [.. acc.Select(a => (sbyte)finish(a, x.Length / outputs))];
    }

    public static int FinishMean(int sum, int count, Q input, Q output, bool mean)
    {
        (int multiplier, int shift) = QuantizeMultiplier((double)input.Scale / output.Scale);
        if (mean)
        {
            int log = 0;
            while (2 << log <= count) log++;
            log = Math.Min(Math.Min(log, 32), 31 + shift);
            multiplier = (int)(((long)multiplier << log) / count);
            shift -= log;
        }

        return Math.Clamp(Mbqm(sum - input.Zero * count, (multiplier, shift)) + output.Zero, -128, 127);
    }

    public static int[] Softmax(sbyte[] x, int length, float scale, float beta, int bits)
    {
        var multiplier = QuantizeMultiplier(Math.Min((double)beta * scale * (1 << 26), 2147483647.0));
        int least = -(int)Math.Floor(31.0 * (1L << 26) / (1L << multiplier.Shift));
        var output = new int[x.Length];
        for (int row = 0; row < x.Length; row += length)
        {
            int max = x.Skip(row).Take(length).Max();
            int Exp(int i) => LiteralExponential.ExpOnNegativeValues(Srdhm((x[i] - max) * (1 << multiplier.Shift), multiplier.Multiplier), 5);
            int sum = 0;
            for (int i = row; i < row + length; i++) sum += x[i] - max >= least ? Rdbpot(Exp(i), 12) : 0;
            int headroom = System.Numerics.BitOperations.LeadingZeroCount((uint)sum), over = 12 - headroom;
            int inverse = LiteralExponential.OneOverOnePlusX((int)(((uint)sum << headroom) - (1u << 31)));
            for (int i = row; i < row + length; i++)
            {
                int low = -(1 << (bits - 1));
                output[i] = x[i] - max >= least ? Math.Clamp(Rdbpot(Srdhm(inverse, Exp(i)), over + 31 - bits) + low, low, -low - 1) : low;
            }
        }

        return output;
    }
}
