using System.CommandLine;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Commands;

/// <summary>Opens what a user names on the command line: a .tflite or .onnx model with its metadata, or a pack. The bytes say which it is.</summary>
internal static class ModelFile
{
    /// <summary>More than this is no model for a microcontroller, and is not read.</summary>
    private const int MaxBytes = 64 << 20;
    private const int MaxMetadataBytes = 1 << 20;

    /// <summary>Reads a file of reasonable size.</summary>
    public static byte[] Read(string path) => InputFile.Read(path, MaxBytes);

    /// <summary>Whether the bytes begin like a pack.</summary>
    public static bool IsPack(byte[] file) => file.Length >= 4 && BitConverter.ToInt32(file) == TinyRuntime.PackFormat.Magic;

    /// <summary>The pack in a file, or made from the model in it.</summary>
    public static byte[] PackOf(string path, string? metadata = null, string[]? shapes = null)
    {
        byte[] file = Read(path);
        if (!IsPack(file)) return Packer.Pack(Import(file, path, shapes), MetadataFor(path, metadata)).Pack;
        if (metadata is not null) throw new ModelFormatException($"{path} is a pack, which carries its own labels and normalisation: leave --meta out, or give the model.");
        if (shapes is { Length: > 0 }) throw new ModelFormatException($"{path} is a pack, whose shapes are fixed: leave --shape out, or give the model.");
        return file;
    }

    /// <summary>Reads the model in a file's bytes; the path tells its name and where files beside it lie.</summary>
    public static Graph Import(byte[] file, string path, string[]? shapes = null, string? name = null) =>
        ModelImporter.Import(file, name ?? NameOf(path), new ImportOptions(ImportOptions.ParseShapes(shapes ?? []), Path.GetDirectoryName(Path.GetFullPath(path))));

    /// <summary>
    /// What runs the model in a file: the device's runtime, or where the model computes in float, float arithmetic on the
    /// desktop, which is said on standard error.
    /// </summary>
    public static IModelRunner RunnerOf(string path, string[]? shapes = null)
    {
        byte[] file = Read(path);
        if (IsPack(file)) return new ModelRunner(PackOf(path, null, shapes));
        Graph graph = Import(file, path, shapes);
        bool isFloat = FloatModelRunner.IsFloat(graph) && (graph.SaysQuantisation || graph.Nodes.All(n => n.Outputs.All(o => o.Type == TfliteType.FLOAT32)));
        try
        {
            return new ModelRunner(Packer.Pack(Import(file, path, shapes), MetadataFor(path, null)).Pack);
        }
        catch (UnsupportedModelException) when (isFloat && FloatRunner.Check(graph).Count == 0)
        {
            Console.Error.WriteLine($"note: {path} is computed in float32 on the desktop; the device needs its int8 form, which `quantize` makes.");
            return new FloatModelRunner(graph);
        }
    }

    /// <summary>The option --shape, for commands that read models.</summary>
    public static Option<string[]> ShapeOption() => new("--shape") { Description = "NAME=1,128: the shape of an ONNX input, or the size of a named dimension." };

    /// <summary>Name of a model: its file's.</summary>
    public static string NameOf(string path) => Path.GetFileNameWithoutExtension(path);

    /// <summary>The named metadata file, or the .json of the same name beside the model, or none.</summary>
    public static Metadata MetadataFor(string path, string? metadata)
    {
        string file = metadata ?? Path.ChangeExtension(path, ".json");
        if (metadata is null && !File.Exists(file)) return new Metadata();
        Metadata read = Metadata.Parse(InputFile.Read(file, MaxMetadataBytes), file);
        foreach (string field in read.UnknownFields()) Console.Error.WriteLine($"note: {file} has a field \"{field}\" that means nothing here: check its spelling.");
        return read;
    }

    /// <summary>Writes a file so that it is either whole or not there.</summary>
    public static void WriteWhole(string path, byte[] content)
    {
        string target = TargetOf(path);
        if (IsDevice(target))
        {
            // As /dev/null, for those who only want the account: there is nothing to be left half written.
            File.WriteAllBytes(target, content);
            return;
        }

        string partial = target + ".partial";
        try
        {
            if (Path.GetDirectoryName(target) is { } folder) Directory.CreateDirectory(folder);
            try
            {
                File.WriteAllBytes(partial, content);
                File.Move(partial, target, overwrite: true);
            }
            finally
            {
                File.Delete(partial);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"The file {path} cannot be written ({Sentences.OneLine(e.Message).TrimEnd('.')}): choose another place.");
        }
    }

    private static bool IsDevice(string path) => !OperatingSystem.IsWindows() && path.StartsWith("/dev/", StringComparison.Ordinal);

    /// <summary>
    /// Where a file that is written as a whole really goes. A move would put a plain file in the place of a link, and over
    /// a model that cannot be made again.
    /// </summary>
    private static string TargetOf(string path)
    {
        if (path.Trim().Length == 0) throw new ModelFormatException("The name of the file to write is empty.");
        if (Directory.Exists(path)) throw new ModelFormatException($"{path} is a folder: give the name of a file in it.");
        string target = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path) : Path.GetFullPath(path);
        if (File.Exists(target) && !IsDevice(target) && InputFile.BeginsAsModel(target))
            throw new ModelFormatException($"{path} is a model and would be lost: give the output another name.");
        return target;
    }
}
