using System.Globalization;
using System.Text.RegularExpressions;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Quantise.Data;

/// <summary>
/// An array in NumPy's .npy format, versions 1 to 3 (numpy.org/doc/stable/reference/generated/numpy.lib.format.html): numbers of any
/// common type in C order.
/// </summary>
public sealed partial record NumpyFile(int[] Shape, float[] Values)
{
    private const int MaxBytes = 256 << 20;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ModelFormatException">It is no array of numbers.</exception>
    public static NumpyFile Read(string path)
    {
        byte[] file = InputFile.Read(path, MaxBytes);
        if (file.Length < 12 || file[0] != 0x93 || !file.AsSpan(1, 5).SequenceEqual("NUMPY"u8)) throw Wrong(path, "does not begin as NumPy's .npy files do");
        bool old = file[6] == 1;
        long headerLength = old ? BitConverter.ToUInt16(file, 8) : BitConverter.ToUInt32(file, 8);
        int start = old ? 10 : 12;
        if (start + headerLength > file.Length) throw Wrong(path, "ends inside its header");
        string header = System.Text.Encoding.Latin1.GetString(file, start, (int)headerLength);
        Match type = Type().Match(header), shape = Dimensions().Match(header);
        if (!type.Success || !shape.Success) throw Wrong(path, "has a header without a plain type and shape");
        if (Fortran().IsMatch(header)) throw Wrong(path, "is in Fortran order: save numpy.ascontiguousarray of it");
        int[] dimensions = [.. shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(d => int.TryParse(d, NumberStyles.None, CultureInfo.InvariantCulture, out int n) ? n : throw Wrong(path, "has a shape that is not made of numbers"))];
        long count = dimensions.Aggregate(1L, (a, b) => a * b > int.MaxValue ? int.MaxValue : a * b);
        (int width, Func<byte[], int, double> value) = Reader(type.Groups[1].Value) ?? throw Wrong(path, $"holds elements of type {type.Groups[1].Value}, not little-endian numbers");
        int at = start + (int)headerLength;
        if (file.Length - at != count * width) throw Wrong(path, $"has {file.Length - at} bytes of data where its shape asks for {count * width}");
        return new NumpyFile(dimensions, [.. Enumerable.Range(0, (int)count).Select(i => (float)value(file, at + i * width))]);
    }

    private static (int Width, Func<byte[], int, double> Value)? Reader(string type) => type switch
    {
        "<f4" => (4, (b, i) => BitConverter.ToSingle(b, i)),
        "<f8" => (8, (b, i) => BitConverter.ToDouble(b, i)),
        "<f2" => (2, (b, i) => (double)BitConverter.ToHalf(b, i)),
        "|i1" => (1, (b, i) => (sbyte)b[i]),
        "|u1" or "|b1" => (1, (b, i) => b[i]),
        "<i2" => (2, (b, i) => BitConverter.ToInt16(b, i)),
        "<u2" => (2, (b, i) => BitConverter.ToUInt16(b, i)),
        "<i4" => (4, (b, i) => BitConverter.ToInt32(b, i)),
        "<i8" => (8, (b, i) => BitConverter.ToInt64(b, i)),
        _ => null,
    };

    private static ModelFormatException Wrong(string path, string what) => new($"{path} {what}: it cannot be read as an array.");

    [GeneratedRegex(@"'descr':\s*'([^']*)'")]
    private static partial Regex Type();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex Dimensions();

    [GeneratedRegex(@"'fortran_order':\s*True")]
    private static partial Regex Fortran();
}
