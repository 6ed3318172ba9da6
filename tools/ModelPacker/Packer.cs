using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Plan;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker;

/// <summary>A finished pack with what the packer knows of it.</summary>
public sealed record PackResult(byte[] Pack, LoweredModel Model, MemoryPlan Plan, SessionHeap Heap, int WindowBytes);

/// <summary>The way of a model through the stages: import, passes, check, lower, plan, emit.</summary>
public static class Packer
{
    /// <summary>Packs a .tflite file.</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or the metadata belongs to another model.</exception>
    /// <exception cref="UnsupportedModelException">The model is sound, but cannot run; all reasons are given.</exception>
    public static PackResult Pack(
        ReadOnlyMemory<byte> tflite, string name, Metadata? metadata = null, int maxBlockBytes = int.MaxValue, LanePolicy? lanes = null, RowPolicy? rows = null)
    {
        Graph graph = TfliteImporter.Import(tflite, metadata?.Name ?? name);
        PassList.Run(graph);
        OperatorTable.Require(graph);
        return Pack(Lowering.Run(graph), metadata ?? new Metadata(), maxBlockBytes, lanes, rows);
    }

    /// <summary>Plans and writes a lowered model.</summary>
    public static PackResult Pack(LoweredModel model, Metadata metadata, int maxBlockBytes, LanePolicy? lanes = null, RowPolicy? rows = null)
    {
        metadata.Require(model);
        string name = metadata.Name ?? model.Name;
        (LoweredModel planned, MemoryPlan plan, int window, SessionHeap heap) = Planning.Run(model, rows ?? RowPolicy.Never, lanes ?? LanePolicy.Never, maxBlockBytes, name);
        byte[] pack = PackWriter.Write(planned, plan, metadata, window, heap.Total);
        return new PackResult(pack, planned, plan, heap, window);
    }
}
