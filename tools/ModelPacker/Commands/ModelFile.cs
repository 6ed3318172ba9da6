using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Commands;

/// <summary>Opens what a user names on the command line: a .tflite model with its metadata, or a pack.</summary>
internal static class ModelFile
{
    /// <summary>More than this is no model for a microcontroller, and is not read.</summary>
    private const long MaxBytes = 64 << 20;

    /// <summary>Reads a file of reasonable size.</summary>
    public static byte[] Read(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) throw new ModelFormatException($"The file {path} does not exist: check the path.");
        if (file.Length > MaxBytes) throw new ModelFormatException($"The file {path} has {file.Length:N0} bytes; {MaxBytes:N0} are the limit for a model.");
        return File.ReadAllBytes(path);
    }

    /// <summary>Whether the bytes begin like a pack.</summary>
    public static bool IsPack(byte[] file) => file.Length >= 4 && BitConverter.ToInt32(file) == TinyRuntime.PackFormat.Magic;

    /// <summary>The pack in a file, or made from the model in it.</summary>
    public static byte[] PackOf(string path, string? metadata = null)
    {
        byte[] file = Read(path);
        return IsPack(file) ? file : Packer.Pack(file, NameOf(path), MetadataFor(path, metadata)).Pack;
    }

    /// <summary>Name of a model: its file's.</summary>
    public static string NameOf(string path) => Path.GetFileNameWithoutExtension(path);

    /// <summary>The named metadata file, or the .json of the same name beside the model, or none.</summary>
    public static Metadata MetadataFor(string path, string? metadata)
    {
        if (metadata is not null)
            return File.Exists(metadata) ? Metadata.Read(metadata) : throw new ModelFormatException($"The metadata file {metadata} does not exist: check the path.");
        string beside = Path.ChangeExtension(path, ".json");
        return File.Exists(beside) ? Metadata.Read(beside) : new Metadata();
    }

    /// <summary>Writes a file so that it is either whole or not there.</summary>
    public static void WriteWhole(string path, byte[] content)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (folder is not null) Directory.CreateDirectory(folder);
        string partial = path + ".partial";
        try
        {
            File.WriteAllBytes(partial, content);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
