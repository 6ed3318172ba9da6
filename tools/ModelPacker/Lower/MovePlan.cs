namespace TinyAI.ModelPacker.Lower;

/// <summary>A strided copy from an input of a node into its output; offsets in bytes, axes outermost first and merged.</summary>
public sealed record Move(int Input, int From, int To, CopyAxis[] Axes)
{
    /// <summary>Bytes moved.</summary>
    public int Bytes => Axes.Aggregate(1, (bytes, axis) => bytes * axis.Count);

    /// <summary>Whether the bytes follow each other on both sides.</summary>
    public bool IsOneRun => Axes is [{ InStep: 1, OutStep: 1 }];
}

/// <summary>
/// What a node that only moves elements does for one of its outputs: set everything to a background value (padding), or
/// leave that out where the moves cover the output, and then the moves, which never write a byte twice.
/// </summary>
public sealed record MovePlan(IReadOnlyList<Move> Moves, byte[]? Background = null)
{
    /// <summary>Carries the plan out on the bytes of constants.</summary>
    public byte[] Apply(Func<int, byte[]> input, int outputBytes)
    {
        var output = new byte[outputBytes];
        if (Background is not null)
        {
            for (int i = 0; i < output.Length; i++) output[i] = Background[i % Background.Length];
        }

        foreach (Move move in Moves) Copy(input(move.Input), move.From, output, move.To, move.Axes);
        return output;
    }

    private static void Copy(byte[] from, int fromAt, byte[] to, int toAt, ReadOnlySpan<CopyAxis> axes)
    {
        for (int i = 0; i < axes[0].Count; i++)
        {
            if (axes.Length == 1) to[toAt] = from[fromAt];
            else Copy(from, fromAt, to, toAt, axes[1..]);
            fromAt += axes[0].InStep;
            toAt += axes[0].OutStep;
        }
    }
}
