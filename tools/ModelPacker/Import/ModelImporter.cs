using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Onnx;
using TinyAI.ModelPacker.Import.Tflite;
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
            Graph imported = TfliteImporter.Import(file, name);
            if (IsFloat(imported)) CleanUpList.Run(imported);
            return imported;
        }

        Graph graph = OnnxImporter.Import(OnnxReader.Read(file), name, options ?? ImportOptions.None);
        CleanUpList.Run(graph);
        return graph;
    }

    /// <summary>Whether a .tflite model computes in float throughout, so that it may be put together otherwise than its converter did.</summary>
    private static bool IsFloat(Graph graph)
    {
        Tensor[] values = [.. graph.Inputs, .. graph.Nodes.SelectMany(n => n.Outputs)];
        return values.Any(t => t.Type == TfliteType.FLOAT32) && values.All(t => t.Quantisation is null) && graph.Nodes.All(n => n.Variable is null);
    }
}
