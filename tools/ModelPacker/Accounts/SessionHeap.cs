using System.Reflection;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Plan;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Accounts;

/// <summary>
/// Everything on the managed heap while a session runs from a binary resource: the model, the session, its arrays, the
/// activation blocks, the source and its window. Field counts are taken from the runtime's own classes, so the account
/// cannot fall behind the code. A file instead of a resource costs 1.5 to 2 KB more, for the class library's stream.
/// </summary>
public sealed record SessionHeap(int Activations, int Window, int Objects, int Lanes)
{
    /// <summary>All of it.</summary>
    public int Total => Activations + Window + Objects + Lanes;

    /// <summary>The account for a plan, a window and the name that the pack carries.</summary>
    public static SessionHeap Of(LoweredModel model, MemoryPlan plan, int windowBytes, string name)
    {
        int records = Records(model.KeepsRecords, model);
        int source = HeapModel.Object(Fields(typeof(ResourceSource))) + HeapModel.Boxed;
        int objects =
            HeapModel.Object(Fields(typeof(Model))) + HeapModel.Text(System.Text.Encoding.UTF8.GetByteCount(name))
            + HeapModel.Object(Fields(typeof(Session))) + records
            + HeapModel.References(plan.BlockBytes.Length) + source + Streams(model);
        int window = HeapModel.Array(Math.Max(windowBytes, ResourceSource.LeastSlice), 1);
        return new SessionHeap(plan.BlockBytes.Sum(b => HeapModel.Array(b, 1)), window, objects, LaneHeap.Of(model.Layers));
    }

    /// <summary>What the layer records take: all of them as arrays where they are kept, else the largest.</summary>
    internal static int Records(bool kept, LoweredModel model)
    {
        if (!kept) return HeapModel.Array(PackFormat.LayerHeaderWords, 4) + HeapModel.Array(ParameterWords(model), 4);
        int count = model.Layers.Count + model.Groups.Count;
        return HeapModel.Object(Fields(typeof(LayerRecords))) + 2 * HeapModel.References(count) + HeapModel.Array(count, 4)
            + count * HeapModel.Array(PackFormat.LayerHeaderWords, 4) + model.Layers.Sum(l => HeapModel.Array(l.Parameters.Length, 4))
            + model.Groups.Count * HeapModel.Array(PackFormat.GroupParameters, 4);
    }

    /// <summary>Parameter words of the record that has most.</summary>
    internal static int ParameterWords(LoweredModel model) =>
        model.Layers.Select(l => l.Parameters.Length).Concat(model.Groups.Select(_ => PackFormat.GroupParameters)).DefaultIfEmpty(0).Max();

    /// <summary>What a session keeps about layers that run row by row.</summary>
    private static int Streams(LoweredModel model) => model.Groups.Count == 0 ? 0
        : HeapModel.Object(Fields(typeof(RowStreams))) + HeapModel.Array(PackFormat.MemberRunWords, 4)
            + HeapModel.Array(model.Groups.Max(g => g.Count), 4) + HeapModel.Array(model.Groups.Max(g => g.Streams.Count), 4);

    internal static int Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length;
}
