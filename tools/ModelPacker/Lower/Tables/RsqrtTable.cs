using System.Numerics;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Lower.Tables;

/// <summary>
/// RSQRT on int8 (TFLM elementwise.cc RsqrtEvalQuantized, kernels/internal/common.h GetInvSqrtQuantizedMultiplierExp):
/// a 31-bit reciprocal square root by five Newton steps, then the multiplier 1 / f32(sqrt(s_in) * s_out). At 0 the result
/// is the largest value; below 0 TFLM refuses to run, here the result is the largest value too.
/// </summary>
internal static class RsqrtTable
{
    private const int KeptBits = 20;

    /// <summary>The function on quantised values.</summary>
    public static Func<int, int> Rsqrt(Node node)
    {
        Tensor input = node.Input(), output = node.Output;
        Requantisation scale = Requantisation.From(1.0 / (float)(MathF.Sqrt(input.Scale) * output.Scale));
        return q =>
        {
            int x = q - input.ZeroPoint;
            if (x <= 0) return 127;
            Requantisation root = ReciprocalRoot(x);
            int data = (root with { Shift = root.Shift + KeptBits }).Apply(1);
            return Math.Clamp((scale with { Shift = scale.Shift - KeptBits }).Apply(data) + output.ZeroPoint, -128, 127);
        };
    }

    /// <summary>Shifts beyond what 32 bits allow.</summary>
    public static IEnumerable<string> Check(Node node)
    {
        int shift = Requantisation.From(1.0 / (float)(MathF.Sqrt(node.Input().Scale) * node.Output.Scale)).Shift - KeptBits;
        if (shift is < -31 or > 30)
            yield return $"the scales {node.Input().Scale} and {node.Output.Scale} of its input and output are too far apart for its integer arithmetic.";
    }

    /// <summary>1 / sqrt(x) as multiplier and shift; x is at least 1.</summary>
    private static Requantisation ReciprocalRoot(int x)
    {
        if (x <= 1) return new Requantisation(int.MaxValue, 0);
        int pairs = (BitOperations.LeadingZeroCount((uint)x) - 1) / 2 - 1;
        int right = 11 - pairs;

        // Newton's iteration in Q3.28 from 1; a product of n factors in Q3.28 has 3n integer bits and is brought back.
        int value = (x << (2 * pairs)) >> 1;
        int half = FixedPoint.RoundingShift(value, 1);
        const int ThreeHalves = (1 << 28) + (1 << 27);
        int root = 1 << 28;
        for (int step = 0; step < 5; step++)
        {
            int cube = FixedPoint.ShiftLeftSaturating(FixedPoint.HighMultiply(FixedPoint.HighMultiply(root, root), root), 6);
            root = FixedPoint.ShiftLeftSaturating(FixedPoint.HighMultiply(ThreeHalves, root) - FixedPoint.HighMultiply(half, cube), 3);
        }

        root = FixedPoint.HighMultiply(root, 1518500250);
        if (right < 0)
        {
            root <<= -right;
            right = 0;
        }

        return new Requantisation(root, -right);
    }
}
