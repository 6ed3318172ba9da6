using System.Numerics;
using System.Runtime.InteropServices;

namespace TinyAI.GestureTrainer.Network;

/// <summary>
/// The one inner loop of the trainer. Each element is summed on its own and in order, so the width of the processor's
/// vectors does not change a bit of the result; a dot product across lanes would.
/// </summary>
internal static class Lanes
{
    /// <summary>sum[i] += factor * values[i].</summary>
    public static void AddScaled(Span<float> sum, float factor, ReadOnlySpan<float> values)
    {
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(sum);
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<float> factors = new(factor);
        int i = 0;
        for (; i < sums.Length && i < vectors.Length; i++)
            sums[i] += factors * vectors[i];
        for (i *= Vector<float>.Count; i < sum.Length; i++)
            sum[i] += factor * values[i];
    }
}
