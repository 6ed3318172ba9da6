namespace TinyAI.ModelPacker.Lower;

/// <summary>One axis of a strided copy: how many, and bytes from one to the next on either side.</summary>
public readonly record struct CopyAxis(int Count, int InStep, int OutStep)
{
    /// <summary>Bytes from one index to the next in each dimension of a dense tensor.</summary>
    public static int[] Steps(IReadOnlyList<int> shape, int elementBytes)
    {
        var steps = new int[shape.Count];
        int step = elementBytes;
        for (int d = shape.Count - 1; d >= 0; d--)
        {
            steps[d] = step;
            step *= shape[d];
        }

        return steps;
    }

    /// <summary>Drops axes of one and joins neighbours that lie one after the other on both sides.</summary>
    public static CopyAxis[] Merge(IEnumerable<CopyAxis> axes)
    {
        var merged = new List<CopyAxis>();
        foreach (CopyAxis axis in axes)
        {
            if (axis.Count == 1) continue;
            if (merged.Count > 0 && merged[^1].InStep == axis.InStep * axis.Count && merged[^1].OutStep == axis.OutStep * axis.Count)
                merged[^1] = axis with { Count = merged[^1].Count * axis.Count };
            else
                merged.Add(axis);
        }

        return merged.Count == 0 ? [new CopyAxis(1, 1, 1)] : [.. merged];
    }
}
