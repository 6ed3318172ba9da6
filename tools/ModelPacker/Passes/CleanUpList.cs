using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Passes over models that come as exporters write them: float arithmetic, pieces of layer norms, channels second. They
/// run once after import, before the model is quantised or, where it is quantised already, before <see cref="PassList"/>.
/// </summary>
public static class CleanUpList
{
    /// <summary>Runs every pass.</summary>
    public static void Run(Graph graph)
    {
        RemoveDeadNodes.Run(graph);
    }
}
