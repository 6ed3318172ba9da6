using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>Turns copies into calls of <see cref="StridedCopy"/> and backgrounds into calls of <see cref="Fill"/>.</summary>
public static class MoveLayers
{
    private const int MostAxes = StridedCopy.MiddleAxes + 2;

    /// <summary>Adds the layers of one copy: one, or one per index of the outermost axes where there are more than six.</summary>
    public static void Copy(Lowering lowering, Node node, Place input, int from, Place output, int to, ReadOnlySpan<CopyAxis> axes)
    {
        if (axes.Length > MostAxes)
        {
            for (int i = 0; i < axes[0].Count; i++)
                Copy(lowering, node, input, from + i * axes[0].InStep, output, to + i * axes[0].OutStep, axes[1..]);
            return;
        }

        lowering.Add(Of(node, input, from, output, to, axes));
    }

    /// <summary>The layer of a copy with at most six axes.</summary>
    public static Layer Of(Node node, Place input, int from, Place output, int to, ReadOnlySpan<CopyAxis> axes)
    {
        CopyAxis[] ordered = LongestRunInside(axes);
        CopyAxis row = ordered.Length > 1 ? ordered[0] : new CopyAxis(1, 0, 0);
        CopyAxis run = ordered[^1];
        ReadOnlySpan<CopyAxis> middle = ordered.Length > 2 ? ordered.AsSpan(1, ordered.Length - 2) : [];
        var p = new int[StridedCopy.ParameterCount];
        p[StridedCopy.InOffset] = from;
        p[StridedCopy.OutOffset] = to;
        p[StridedCopy.RowInStep] = row.InStep;
        p[StridedCopy.RowOutStep] = row.OutStep;
        for (int d = 0; d < StridedCopy.MiddleAxes; d++)
        {
            int at = StridedCopy.Middle + 3 * d, index = d - (StridedCopy.MiddleAxes - middle.Length);
            CopyAxis axis = index < 0 ? new CopyAxis(1, 0, 0) : middle[index];
            (p[at], p[at + 1], p[at + 2]) = (axis.Count, axis.InStep, axis.OutStep);
        }

        p[StridedCopy.Run] = run.Count;
        p[StridedCopy.RunInStep] = run.InStep;
        p[StridedCopy.RunOutStep] = run.OutStep;
        return new Layer
        {
            Kind = PackFormat.KindStridedCopy, Name = "StridedCopy", Origin = node, Input = input, Output = output, Rows = row.Count, Parameters = p,
        };
    }

    /// <summary>Adds the layer that sets a whole tensor to one value.</summary>
    public static void Background(Lowering lowering, Node node, Place output, byte[] value)
    {
        var p = new int[Fill.ParameterCount];
        for (int i = 0; i < value.Length; i++) p[Fill.Value] |= value[i] << (8 * i);
        p[Fill.ElementBytes] = value.Length;
        p[Fill.RowBytes] = output.Bytes;
        lowering.Add(new Layer { Kind = PackFormat.KindFill, Name = "Fill", Origin = node, Output = output, Rows = 1, Parameters = p });
    }

    /// <summary>
    /// The order of the axes is free. A plain run that is long enough for the runtime's own copy stays innermost;
    /// otherwise the longest axis goes there, because each turn of an outer loop costs the interpreter as much as
    /// several bytes.
    /// </summary>
    private static CopyAxis[] LongestRunInside(ReadOnlySpan<CopyAxis> axes)
    {
        CopyAxis[] ordered = [.. axes];
        CopyAxis last = ordered[^1];
        if (last is { InStep: 1, OutStep: 1, Count: >= StridedCopy.LongRun }) return ordered;
        int longest = ordered.Length - 1;
        for (int d = ordered.Length - 2; d >= 0; d--)
        {
            if (ordered[d].Count > ordered[longest].Count) longest = d;
        }

        (ordered[^1], ordered[longest]) = (ordered[longest], ordered[^1]);
        return ordered;
    }
}
