namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>Arithmetic on shapes and axes.</summary>
internal static class Shapes
{
    /// <summary>The shape to which both can be spread by repeating dimensions of 1, or null.</summary>
    public static int[]? Broadcast(int[] a, int[] b)
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

    /// <summary>An axis counted from the front.</summary>
    public static int Axis(long axis, int rank) =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis) : throw new OnnxRefusal($"names dimension {axis} of a tensor that has {rank}.");

    /// <summary>The shape with one dimension changed.</summary>
    public static int[] With(int[] shape, int axis, int size)
    {
        int[] changed = [.. shape];
        changed[axis] = size;
        return changed;
    }

    /// <summary>What a Reshape's shape means for an input: 0 is the input's dimension, -1 what is left.</summary>
    public static int[] Reshaped(int[] input, long[] wanted, bool zeroIsZero)
    {
        long total = input.Aggregate(1L, (a, b) => a * b), known = 1;
        var shape = new long[wanted.Length];
        int open = -1;
        for (int i = 0; i < wanted.Length; i++)
        {
            // A 0 beyond the input's dimensions has nothing to copy; real files have it where only one size fits.
            shape[i] = wanted[i] == 0 && !zeroIsZero ? i < input.Length ? input[i] : -1 : wanted[i];
            if (shape[i] >= 0) known *= Math.Min(shape[i], int.MaxValue);
            else if (shape[i] != -1 || open >= 0) throw Wrong();
            else open = i;
            if (known > int.MaxValue) throw Wrong();
        }

        if (open >= 0) shape[open] = known == 0 ? 0 : total / known;
        if ((open >= 0 ? known * shape[open] : known) != total) throw Wrong();
        return [.. shape.Select(d => (int)d)];

        OnnxRefusal Wrong() => new($"reshapes [{string.Join(',', input)}] to [{string.Join(',', wanted)}], which does not have as many elements: give the right --shape, or export with fixed shapes.");
    }

    /// <summary>The numbers 0 .. count - 1.</summary>
    public static int[] Count(int count) => [.. Enumerable.Range(0, count)];

    /// <summary>The inverse of a permutation.</summary>
    public static int[] Inverse(int[] permutation)
    {
        var inverse = new int[permutation.Length];
        for (int i = 0; i < permutation.Length; i++) inverse[permutation[i]] = i;
        return inverse;
    }
}
