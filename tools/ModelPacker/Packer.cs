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
public sealed record PackResult(byte[] Pack, LoweredModel Model, MemoryPlan Plan, SessionHeap Heap, int WindowBytes)
{
    /// <summary>Estimated interpreter cost of the weighted layers: for comparing packs of one model.</summary>
    public double Cost => LaneCost.Of(Model);
}

/// <summary>The way of a model through the stages: import, passes, check, lower, plan, emit.</summary>
public static class Packer
{
    /// <summary>Packs a .tflite file for a preference, with so much heap to be had.</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or the metadata belongs to another model.</exception>
    /// <exception cref="UnsupportedModelException">The model is sound, but cannot run; all reasons are given.</exception>
    public static PackResult Pack(
        ReadOnlyMemory<byte> tflite, string name, Preference prefer, Metadata? metadata = null, int maxBlockBytes = int.MaxValue, int room = int.MaxValue)
    {
        LoweredModel model = Lower(tflite, metadata?.Name ?? name);
        metadata ??= new Metadata();
        metadata.Require(model);
        return Write(Preferences.Plan(model, prefer, maxBlockBytes, room, metadata.Name ?? model.Name), metadata);
    }

    /// <summary>Packs a .tflite file layer by layer, or as the policies say.</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or the metadata belongs to another model.</exception>
    /// <exception cref="UnsupportedModelException">The model is sound, but cannot run; all reasons are given.</exception>
    public static PackResult Pack(
        ReadOnlyMemory<byte> tflite, string name, Metadata? metadata = null, int maxBlockBytes = int.MaxValue, LanePolicy? lanes = null, RowPolicy? rows = null)
    {
        return Pack(Lower(tflite, metadata?.Name ?? name), metadata ?? new Metadata(), maxBlockBytes, lanes, rows);
    }

    /// <summary>Plans and writes a lowered model.</summary>
    public static PackResult Pack(LoweredModel model, Metadata metadata, int maxBlockBytes, LanePolicy? lanes = null, RowPolicy? rows = null)
    {
        metadata.Require(model);
        return Write(Planning.Run(model, rows ?? RowPolicy.Never, lanes ?? LanePolicy.Never, maxBlockBytes, metadata.Name ?? model.Name), metadata);
    }

    private static LoweredModel Lower(ReadOnlyMemory<byte> tflite, string name)
    {
        Graph graph = TfliteImporter.Import(tflite, name);
        PassList.Run(graph);
        OperatorTable.Require(graph);
        return Lowering.Run(graph);
    }

    private static PackResult Write(Planned planned, Metadata metadata)
    {
        byte[] pack = PackWriter.Write(planned.Model, planned.Plan, metadata, planned.Window, planned.Heap.Total);
        return new PackResult(pack, planned.Model, planned.Plan, planned.Heap, planned.Window);
    }
}
