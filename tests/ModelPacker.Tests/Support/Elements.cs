namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>A tensor's bytes with its shape, read and written by index: the plain form that copies are compared with.</summary>
public sealed class Elements(int[] shape, int width, byte[] data)
{
    /// <summary>Dimensions, outermost first.</summary>
    public int[] Shape { get; } = shape;

    /// <summary>The elements, little-endian.</summary>
    public byte[] Data { get; } = data;

    /// <summary>The element at an index.</summary>
    public long this[params int[] index]
    {
        get
        {
            long value = 0;
            int at = Offset(index);
            for (int i = 0; i < width; i++) value |= (long)Data[at + i] << (8 * i);
            return value;
        }
    }

    /// <summary>Makes a tensor by asking for every element.</summary>
    public static Elements Make(int[] shape, int width, Func<int[], long> element)
    {
        var made = new Elements(shape, width, new byte[shape.Aggregate(width, (a, b) => a * b)]);
        foreach (int[] index in Indices(shape))
        {
            long value = element(index);
            int at = made.Offset(index);
            for (int i = 0; i < width; i++) made.Data[at + i] = (byte)(value >> (8 * i));
        }

        return made;
    }

    /// <summary>Every index of a shape, the last dimension running fastest.</summary>
    public static IEnumerable<int[]> Indices(int[] shape)
    {
        var index = new int[shape.Length];
        while (true)
        {
            yield return [.. index];
            int d = shape.Length - 1;
            while (d >= 0 && ++index[d] == shape[d]) index[d--] = 0;
            if (d < 0) yield break;
        }
    }

    private int Offset(int[] index)
    {
        int at = 0;
        for (int d = 0; d < Shape.Length; d++)
        {
            if (index[d] < 0 || index[d] >= Shape[d]) throw new ArgumentOutOfRangeException(nameof(index), $"{index[d]} in dimension {d}");
            at = at * Shape[d] + index[d];
        }

        return at * width;
    }
}
