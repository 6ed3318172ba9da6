using System.Reflection;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Plan;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Accounts;

/// <summary>
/// Everything on the managed heap while a session runs from a paging source: the model, the session, its arrays, the
/// activation blocks, the source and its window. Field counts are taken from the runtime's own classes, so the account
/// cannot fall behind the code.
/// </summary>
public sealed record SessionHeap(int Activations, int Window, int Objects)
{
    /// <summary>Fields of a source that reads a file or resource: position, length, stream or id, buffer.</summary>
    private const int SourceFields = 5;

    /// <summary>All of it.</summary>
    public int Total => Activations + Window + Objects;

    /// <summary>The account for a plan and a window.</summary>
    public static SessionHeap Of(LoweredModel model, MemoryPlan plan, int windowBytes)
    {
        int words = model.Layers.Select(l => l.Parameters.Length).DefaultIfEmpty(0).Max();
        int name = 12 + HeapModel.Array(System.Text.Encoding.UTF8.GetByteCount(model.Name) + 1, 1);
        int objects =
            HeapModel.Object(Fields(typeof(Model))) + name + HeapModel.Object(Fields(typeof(Session)))
            + HeapModel.Array(PackFormat.LayerHeaderWords, 4) + HeapModel.Array(words, 4)
            + HeapModel.Array(plan.BlockBytes.Length, 4) + HeapModel.Object(SourceFields);
        return new SessionHeap(plan.BlockBytes.Sum(b => HeapModel.Array(b, 1)), HeapModel.Array(windowBytes, 1), objects);
    }

    private static int Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length;
}
