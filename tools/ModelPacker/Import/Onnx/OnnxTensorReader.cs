using System.Buffers.Binary;

namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>Turns stored tensors into constants: from raw bytes, typed fields or files beside the model, each checked against the shape.</summary>
internal sealed class OnnxTensorReader(string? folder)
{
    /// <summary>More than this is no model for a microcontroller.</summary>
    private const long MostElements = 1 << 24;

    private readonly Dictionary<string, byte[]> _files = [];

    /// <summary>Reads a tensor.</summary>
    /// <exception cref="ModelFormatException">The elements do not fit the shape, or are not there.</exception>
    public OnnxConstant Read(OnnxTensor tensor)
    {
        string name = tensor.Name.Length == 0 ? "a constant" : $"tensor {tensor.Name}";
        var type = (OnnxType)tensor.ElementType;
        if (type.Bytes() == 0) throw new ModelFormatException($"The model's {name} has element type {type.Name()}, which cannot be read: export it with float32, int8 or int64 weights.");
        if (tensor.Dimensions.Length > 8) throw new ModelFormatException($"The model's {name} has {tensor.Dimensions.Length} dimensions, 8 are the limit.");
        long count = 1;
        foreach (long dimension in tensor.Dimensions)
        {
            if (dimension < 0 || (count *= Math.Min(dimension, MostElements + 1)) > MostElements)
                throw new ModelFormatException($"The model's {name} has the shape [{string.Join(',', tensor.Dimensions)}], which is damaged or too large for a microcontroller.");
        }

        int[] shape = [.. tensor.Dimensions.Select(d => (int)d)];
        double[] values = tensor.External is { } external ? FromBytes(External(name, external, count * type.Bytes()), type, count, name)
            : tensor.Raw is { } raw ? FromBytes(raw, type, count, name)
            : FromFields(tensor, type, count, name);
        if (type.IsReal() && values.Any(v => !double.IsFinite(v)) && !IsMask(values))
            throw new ModelFormatException($"The model's {name} holds values that are not finite (NaN or infinity), so its results would mean nothing: train or export it again.");
        return new OnnxConstant(type, shape, values);
    }

    /// <summary>Attention masks are made of zeros and minus infinity; anything else that is infinite is broken.</summary>
    private static bool IsMask(double[] values) => values.All(v => v is 0 or double.NegativeInfinity);

    private static double[] FromFields(OnnxTensor tensor, OnnxType type, long count, string name)
    {
        double[] values = type switch
        {
            OnnxType.Float => [.. tensor.Floats.Select(f => (double)f)],
            OnnxType.Double => tensor.Doubles,
            OnnxType.Float16 => [.. tensor.Integers.Select(bits => (double)BitConverter.UInt16BitsToHalf((ushort)bits))],
            OnnxType.BFloat16 => [.. tensor.Integers.Select(bits => (double)BitConverter.Int32BitsToSingle((int)(bits << 16)))],
            _ => [.. tensor.Integers.Select(v => (double)v)],
        };
        return values.Length == count ? values
            : throw new ModelFormatException($"The model's {name} has {values.Length} elements where its shape says {count}: the file is damaged, or weights were left out when it was saved.");
    }

    private static double[] FromBytes(byte[] bytes, OnnxType type, long count, string name)
    {
        int width = type.Bytes();
        if (bytes.Length != count * width)
            throw new ModelFormatException($"The model's {name} has {bytes.Length} bytes where its shape says {count * width}: the file is damaged.");
        var values = new double[count];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> at = bytes.AsSpan(i * width);
            values[i] = type switch
            {
                OnnxType.Float => BinaryPrimitives.ReadSingleLittleEndian(at),
                OnnxType.Double => BinaryPrimitives.ReadDoubleLittleEndian(at),
                OnnxType.Float16 => (double)BinaryPrimitives.ReadHalfLittleEndian(at),
                OnnxType.BFloat16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(at) << 16),
                OnnxType.Int8 => (sbyte)at[0],
                OnnxType.UInt8 => at[0],
                OnnxType.Bool => at[0] != 0 ? 1 : 0,
                OnnxType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(at),
                OnnxType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(at),
                OnnxType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(at),
                OnnxType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(at),
                OnnxType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(at),
                _ => BinaryPrimitives.ReadUInt64LittleEndian(at),
            };
        }

        return values;
    }

    /// <summary>Bytes from a file beside the model. The name may not lead out of the model's folder.</summary>
    private byte[] External(string name, IReadOnlyDictionary<string, string> where, long bytes)
    {
        string location = where.GetValueOrDefault("location", "");
        if (location.Length == 0 || Path.IsPathRooted(location) || location.Split('/', '\\').Contains(".."))
            throw new ModelFormatException($"The model's {name} is kept in a file \"{location}\" outside the model's folder, which is not read: keep it beside the model.");
        if (folder is null) throw new ModelFormatException($"The model's {name} is kept in another file, {location}: give the model by its path, so that the file can be found.");
        if (!_files.TryGetValue(location, out byte[]? file))
        {
            string path = Path.Combine(folder, location);
            if (!File.Exists(path)) throw new ModelFormatException($"The model's {name} is kept in {location}, which is not there: put that file into {(folder.Length == 0 ? "the model's folder" : folder)}.");
            _files[location] = file = Run.InputFile.Read(path, 256 << 20);
        }

        bool sound = long.TryParse(where.GetValueOrDefault("offset", "0"), out long offset) & long.TryParse(where.GetValueOrDefault("length", $"{bytes}"), out long length);
        if (!sound || offset < 0 || length != bytes || offset > file.Length - length)
            throw new ModelFormatException($"The model's {name} should stand at byte {offset} of {location} with {length} bytes; the file has {file.Length} and the shape needs {bytes}: the two files do not belong together.");
        return file.AsSpan((int)offset, (int)length).ToArray();
    }
}
