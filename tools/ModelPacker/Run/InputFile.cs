using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Run;

/// <summary>Reads files that users name: in bounds, and with a sentence where there is nothing to read.</summary>
internal static class InputFile
{
    /// <summary>The bytes of a file, at most this many; a file that does not tell its length is not believed to end.</summary>
    /// <exception cref="ModelFormatException">There is no such file, it cannot be read, or it is longer.</exception>
    public static byte[] Read(string path, int maxBytes)
    {
        Require(path);
        try
        {
            using FileStream file = File.OpenRead(path);
            var bytes = new MemoryStream(file.CanSeek ? (int)Math.Min(file.Length, maxBytes) : 0);
            var piece = new byte[1 << 16];
            for (int count; (count = file.Read(piece)) > 0;)
            {
                if (bytes.Length + count > maxBytes) throw new ModelFormatException($"The file {path} has more than {maxBytes:N0} bytes, the limit for what it is taken for.");
                bytes.Write(piece, 0, count);
            }

            return bytes.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"The file {path} cannot be read ({Sentences.OneLine(e.Message).TrimEnd('.')}): check its rights.");
        }
    }

    /// <summary>Throws where there is no such file.</summary>
    public static void Require(string path)
    {
        if (path.Trim().Length == 0) throw new ModelFormatException("The name of a file to read is empty.");
        if (Directory.Exists(path)) throw new ModelFormatException($"{path} is a folder: give a file.");
        if (!File.Exists(path)) throw new ModelFormatException($"The file {path} does not exist: check the path.");
    }

    /// <summary>Whether a file begins like a .tflite or .onnx model; false where it cannot be read.</summary>
    public static bool BeginsAsModel(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> start = stackalloc byte[8];
            return file.ReadAtLeast(start, 8, throwOnEndOfStream: false) == 8 && (start[4..].SequenceEqual("TFL3"u8) || Import.Onnx.OnnxReader.LooksLikeOnnx(start));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
