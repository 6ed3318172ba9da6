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
public sealed record PackResult(byte[] Pack, LoweredModel Model, MemoryPlan Plan, SessionHeap Heap, int WindowBytes)
{
    /// <summary>Estimated interpreter cost of the weighted layers: for comparing packs of one model.</summary>
    public double Cost => LaneCost.Of(Model);
}

/// <summary>The way of a model through the stages: import, passes, check, lower, plan, emit.</summary>
public static class Packer
{
    /// <summary>Packs a model file of any format that there is an importer for, for a preference, with so much heap to be had.</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or the metadata belongs to another model.</exception>
    /// <exception cref="UnsupportedModelException">The model is sound, but cannot run; all reasons are given.</exception>
    public static PackResult Pack(
        ReadOnlyMemory<byte> file, string name, Preference prefer, Metadata? metadata = null, int maxBlockBytes = int.MaxValue, int room = int.MaxValue) =>
        Pack(ModelImporter.Import(file, metadata?.Name ?? name, null), metadata ?? new Metadata(), prefer, maxBlockBytes, room);

    /// <summary>Packs an imported model for a preference.</summary>
    /// <exception cref="UnsupportedModelException">The model cannot run; all reasons are given.</exception>
    public static PackResult Pack(Graph graph, Metadata metadata, Preference prefer, int maxBlockBytes = int.MaxValue, int room = int.MaxValue) =>
        Pack(Lower(graph), metadata, prefer, maxBlockBytes, room);

    /// <summary>Plans and writes a lowered model for a preference.</summary>
    public static PackResult Pack(LoweredModel model, Metadata metadata, Preference prefer, int maxBlockBytes = int.MaxValue, int room = int.MaxValue)
    {
        metadata.Require(model);
        return Pack(new Planning(model, maxBlockBytes, metadata.Name ?? model.Name), metadata, prefer, room);
    }

    /// <summary>Writes the plan for a preference; several preferences of one model share what its planning has worked out.</summary>
    public static PackResult Pack(Planning planning, Metadata metadata, Preference prefer, int room = int.MaxValue) =>
        Write(Preferences.Plan(planning, prefer, room), metadata);

    /// <summary>Packs a model file layer by layer, or as the policies say.</summary>
    /// <exception cref="ModelFormatException">The file is damaged, or the metadata belongs to another model.</exception>
    /// <exception cref="UnsupportedModelException">The model is sound, but cannot run; all reasons are given.</exception>
    public static PackResult Pack(
        ReadOnlyMemory<byte> file, string name, Metadata? metadata = null, int maxBlockBytes = int.MaxValue, LanePolicy? lanes = null, ImportOptions? options = null,
        RowPolicy? rows = null) =>
        Pack(ModelImporter.Import(file, metadata?.Name ?? name, options), metadata ?? new Metadata(), maxBlockBytes, lanes, rows);

    /// <summary>Packs an imported model layer by layer, or as the policies say.</summary>
    /// <exception cref="UnsupportedModelException">The model cannot run; all reasons are given.</exception>
    public static PackResult Pack(Graph graph, Metadata metadata, int maxBlockBytes = int.MaxValue, LanePolicy? lanes = null, RowPolicy? rows = null) =>
        Pack(Lower(graph), metadata, maxBlockBytes, lanes, rows);

    /// <summary>Plans and writes a lowered model.</summary>
    public static PackResult Pack(LoweredModel model, Metadata metadata, int maxBlockBytes, LanePolicy? lanes = null, RowPolicy? rows = null)
    {
        metadata.Require(model);
        return Write(new Planning(model, maxBlockBytes, metadata.Name ?? model.Name).Run(rows ?? RowPolicy.Never, lanes ?? LanePolicy.Never), metadata);
    }

    /// <summary>The way from an imported model to what is planned.</summary>
    /// <exception cref="UnsupportedModelException">The model cannot run; all reasons are given.</exception>
    public static LoweredModel Lower(Graph graph)
    {
        Graph integers = GivenQuantisation.Run(graph);
        PassList.Run(integers);
        OperatorTable.Require(integers);
        return Lowering.Run(integers);
    }

    private static PackResult Write(Planned planned, Metadata metadata)
    {
        byte[] pack = PackWriter.Write(planned.Model, planned.Plan, metadata, planned.Window, planned.Heap.Total);
        return new PackResult(pack, planned.Model, planned.Plan, planned.Heap, planned.Window);
    }
}
