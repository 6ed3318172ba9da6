using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Plan;
using TinyAI.ModelPacker.Quantise;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker;

/// <summary>A finished pack with what the packer knows of it.</summary>
public sealed record PackResult(byte[] Pack, LoweredModel Model, MemoryPlan Plan, SessionHeap Heap, int WindowBytes);

/// <summary>The way of a model through the stages: import, passes, check, lower, plan, emit.</summary>
public static class Packer
{
    /// <summary>Packs a model file of any format that there is an importer for.</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or the metadata belongs to another model.</exception>
    /// <exception cref="UnsupportedModelException">The model is sound, but cannot run; all reasons are given.</exception>
    public static PackResult Pack(
        ReadOnlyMemory<byte> file, string name, Metadata? metadata = null, int maxBlockBytes = int.MaxValue, LanePolicy? lanes = null, ImportOptions? options = null) =>
        Pack(ModelImporter.Import(file, metadata?.Name ?? name, options), metadata ?? new Metadata(), maxBlockBytes, lanes);

    /// <summary>Packs an imported model.</summary>
    /// <exception cref="UnsupportedModelException">The model cannot run; all reasons are given.</exception>
    public static PackResult Pack(Graph graph, Metadata metadata, int maxBlockBytes = int.MaxValue, LanePolicy? lanes = null)
    {
        Graph integers = GivenQuantisation.Run(graph);
        PassList.Run(integers);
        OperatorTable.Require(integers);
        return Pack(Lowering.Run(integers), metadata, maxBlockBytes, lanes);
    }

    /// <summary>Plans and writes a lowered model.</summary>
    public static PackResult Pack(LoweredModel model, Metadata metadata, int maxBlockBytes, LanePolicy? lanes = null)
    {
        metadata.Require(model);
        LaneChoice.Run(model, lanes ?? LanePolicy.Never, maxBlockBytes);
        MemoryPlan plan = MemoryPlanner.Run(model, maxBlockBytes);
        int window = WindowSize.Choose(model, plan);
        SessionHeap heap = SessionHeap.Of(model, plan, window, metadata.Name ?? model.Name);
        byte[] pack = PackWriter.Write(model, plan, metadata, window, heap.Total);
        return new PackResult(pack, model, plan, heap, window);
    }
}
