using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Power;

/// <summary>Opens a power analyser's export, by its content or as the user says.</summary>
public static class CaptureFile
{
    /// <summary>Names that --format takes.</summary>
    public static readonly string[] Formats = ["auto", "ppk2", "joulescope", "csv"];

    /// <summary>Opens a capture.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">One of <see cref="Formats"/>.</param>
    /// <param name="rate">Samples per second where the file does not tell the time well enough, else null.</param>
    /// <exception cref="ModelFormatException">The file is no capture, or not one of that format.</exception>
    public static ICapture Open(string path, string format = "auto", double? rate = null)
    {
        InputFile.Require(path);
        bool isZip = BeginsAsZip(path);
        if (isZip && format is "joulescope" or "csv")
            throw new ModelFormatException($"{path} is a zip archive, not text: use --format ppk2 if it is a .ppk2 file.");
        return isZip ? Ppk2Capture.Open(path) : TextCapture.Open(path, format, rate);
    }

    private static bool BeginsAsZip(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> start = stackalloc byte[4];
            return file.ReadAtLeast(start, 4, throwOnEndOfStream: false) == 4 && start.SequenceEqual("PK\x03\x04"u8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"The file {path} cannot be read ({Sentences.OneLine(e.Message).TrimEnd('.')}): check its rights.");
        }
    }
}
