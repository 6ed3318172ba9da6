using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Reference;

/// <summary>Products of matrices, transposed convolution and row normalisation by their definitions.</summary>
internal static class MatrixReference
{
    /// <summary>
    /// out[b, r, c] = sum over k of (a - zeroA) * (b - zeroB), for shapes of equal rank; indices run over the whole
    /// shape and are clipped to 0 where an operand is broadcast.
    /// </summary>
    public static sbyte[] BatchMatMul(
        sbyte[] a, int[] shapeA, bool adjX, int zeroA, sbyte[] b, int[] shapeB, bool adjY, int zeroB, double scale, int[] shapeOut, int zeroOut)
    {
        int rank = shapeOut.Length, depth = shapeA[adjX ? rank - 2 : rank - 1];
        var multiplier = QuantizeMultiplier(scale);
        var output = new sbyte[shapeOut.Aggregate(1, (x, y) => x * y)];
        for (int i = 0; i < output.Length; i++)
        {
            int[] index = new int[rank];
            for (int d = rank - 1, rest = i; d >= 0; d--) (index[d], rest) = (rest % shapeOut[d], rest / shapeOut[d]);
            int acc = 0;
            for (int k = 0; k < depth; k++)
            {
                (int r, int c) = (index[rank - 2], index[rank - 1]);
                int left = a[At(shapeA, index, adjX ? k : r, adjX ? r : k)];
                int right = b[At(shapeB, index, adjY ? c : k, adjY ? k : c)];
                acc += (left - zeroA) * (right - zeroB);
            }

            output[i] = Clamp8(Mbqm(acc, multiplier) + zeroOut);
        }

        return output;
    }

    private static int At(int[] shape, int[] index, int row, int column)
    {
        int at = 0;
        for (int d = 0; d < shape.Length - 2; d++) at = at * shape[d] + (shape[d] == 1 ? 0 : index[d]);
        return (at * shape[^2] + row) * shape[^1] + column;
    }

    /// <summary>integer_ops/transpose_conv.h: every input value is scattered into an accumulator image.</summary>
    public static sbyte[] TransposeConv(
        sbyte[] x, int[] inShape, int inZero, sbyte[] w, int[] wShape, int[]? bias, double[] scales, int[] outShape, int outZero,
        int strideH, int strideW, int padTop, int padLeft, int min, int max)
    {
        var acc = new int[outShape.Aggregate(1, (a, b) => a * b)];
        for (int n = 0; n < inShape[0]; n++)
        for (int iy = 0; iy < inShape[1]; iy++)
        for (int ix = 0; ix < inShape[2]; ix++)
        for (int ic = 0; ic < inShape[3]; ic++)
        for (int ky = 0; ky < wShape[1]; ky++)
        for (int kx = 0; kx < wShape[2]; kx++)
        for (int oc = 0; oc < wShape[0]; oc++)
        {
            int oy = iy * strideH - padTop + ky, ox = ix * strideW - padLeft + kx;
            if (oy < 0 || oy >= outShape[1] || ox < 0 || ox >= outShape[2]) continue;
            int value = x[((n * inShape[1] + iy) * inShape[2] + ix) * inShape[3] + ic] - inZero;
            acc[((n * outShape[1] + oy) * outShape[2] + ox) * outShape[3] + oc] +=
                value * w[((oc * wShape[1] + ky) * wShape[2] + kx) * wShape[3] + ic];
        }

        var output = new sbyte[acc.Length];
        for (int i = 0; i < acc.Length; i++)
        {
            int oc = i % outShape[3];
            int q = Mbqm(acc[i] + (bias?[oc] ?? 0), QuantizeMultiplier(scales[oc])) + outZero;
            output[i] = (sbyte)Math.Clamp(q, min, max);
        }

        return output;
    }

    /// <summary>integer_ops/l2normalization.h.</summary>
    public static sbyte[] L2Normalise(sbyte[] x, int zero, int depth)
    {
        var output = new sbyte[x.Length];
        for (int at = 0; at < x.Length; at += depth)
        {
            int acc = 0;
            for (int i = at; i < at + depth; i++) acc += (x[i] - zero) * (x[i] - zero);
            (int multiplier, int shift) = InverseRoot(acc);
            for (int i = at; i < at + depth; i++) output[i] = Clamp8(Mbqm(x[i] - zero, (multiplier, shift + 7)));
        }

        return output;
    }

    /// <summary>GetInvSqrtQuantizedMultiplierExp of kernels/internal/common.h with a reverse shift of -1.</summary>
    public static (int Multiplier, int Shift) InverseRoot(int input)
    {
        if (input <= 1) return (int.MaxValue, 0);
        int shift = 11;
        while (input >= 1 << 29)
        {
            input /= 4;
            shift++;
        }

        int pairs = (System.Numerics.BitOperations.LeadingZeroCount((uint)input) - 1) / 2 - 1;
        shift -= pairs;
        input <<= 2 * pairs;
        int fixedInput = input >> 1, halfInput = Rdbpot(fixedInput, 1), halfThree = (1 << 28) + (1 << 27), x = 1 << 28;
        for (int i = 0; i < 5; i++)
        {
            int x3 = Satshl(Srdhm(Srdhm(x, x), x), 6);
            x = Satshl(Srdhm(halfThree, x) - Srdhm(halfInput, x3), 3);
        }

        x = Srdhm(x, 1518500250);
        if (shift < 0)
        {
            x <<= -shift;
            shift = 0;
        }

        return (x, -shift);
    }
}
