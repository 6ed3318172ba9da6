using TinyAI.Kernels;

namespace TinyAI.ModelPacker.Operators;

/// <summary>How two shapes are brought to one by repeating dimensions of size 1, and the strides by which a kernel does it.</summary>
internal static class BroadcastShapes
{
    /// <summary>The common shape, or null where there is none.</summary>
    public static int[]? Of(int[] a, int[] b)
    {
        var shape = new int[Math.Max(a.Length, b.Length)];
        for (int i = 1; i <= shape.Length; i++)
        {
            int x = i <= a.Length ? a[^i] : 1, y = i <= b.Length ? b[^i] : 1;
            if (x != y && x != 1 && y != 1) return null;
            shape[^i] = x == 1 ? y : x;
        }

        return shape;
    }

    /// <summary>
    /// Fills the parameters that <see cref="Broadcast"/> describes and returns the number of output rows. Neighbouring
    /// dimensions are merged where both inputs pass through them in one even step; dimensions of size 1 disappear.
    /// </summary>
    public static int Fill(int[] p, int[] output, int[] a, int[] b)
    {
        int[] strideA = Strides(output, a), strideB = Strides(output, b);
        var merged = new List<(int Size, int A, int B)>();
        for (int i = 0; i < output.Length; i++)
        {
            if (output[i] == 1) continue;
            if (merged.Count > 0 && merged[^1].A == strideA[i] * output[i] && merged[^1].B == strideB[i] * output[i])
                merged[^1] = (merged[^1].Size * output[i], strideA[i], strideB[i]);
            else
                merged.Add((output[i], strideA[i], strideB[i]));
        }

        if (merged.Count == 0) merged.Add((1, 1, 1));
        int count = output.Aggregate(1, (x, y) => x * y);
        (int inner, p[Broadcast.InnerStride1], p[Broadcast.InnerStride2]) = merged[^1];
        merged.RemoveAt(merged.Count - 1);
        p[Broadcast.OuterRank] = merged.Count;
        for (int i = 0; i < merged.Count; i++)
            (p[Broadcast.Sizes + i], p[Broadcast.Strides1 + i], p[Broadcast.Strides2 + i]) = merged[i];
        if (merged.Count == 0) inner = output.Length == 0 ? 1 : output[^1];
        p[Broadcast.Inner] = inner;
        return count / inner;
    }

    /// <summary>Elements between neighbours of a tensor along each dimension of the output; 0 where it is repeated.</summary>
    private static int[] Strides(int[] output, int[] shape)
    {
        var strides = new int[output.Length];
        int step = 1;
        for (int i = 1; i <= shape.Length; i++)
        {
            strides[^i] = shape[^i] == 1 ? 0 : step;
            step *= shape[^i];
        }

        return strides;
    }
}
