using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Onnx;
using TinyAI.ModelPacker.Passes;

namespace TinyAI.ModelPacker.Import;

/// <summary>Reads a model of any format that there is an importer for. The bytes say which it is, not the file's name.</summary>
public static class ModelImporter
{
    /// <summary>Reads a model.</summary>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    /// <exception cref="UnsupportedModelException">The file is sound, but cannot become a graph; all reasons are given.</exception>
    public static Graph Import(ReadOnlyMemory<byte> file, string name, ImportOptions? options = null)
    {
        if (!OnnxReader.LooksLikeOnnx(file.Span))
        {
            if (options is { Shapes.Count: > 0 }) throw new ModelFormatException("--shape is for ONNX models; a .tflite model carries its shapes.");
            return TfliteImporter.Import(file, name);
        }

        Graph graph = OnnxImporter.Import(OnnxReader.Read(file), name, options ?? ImportOptions.None);
        CleanUpList.Run(graph);
        return graph;
    }
}
