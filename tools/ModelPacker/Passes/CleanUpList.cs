using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Passes.CleanUp;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Passes over models that come as exporters write them: float arithmetic, pieces of layer norms, channels second. They
/// run once after import, before the model is quantised or, where it is quantised already, before <see cref="PassList"/>.
/// Each is a file in the folder CleanUp.
/// </summary>
public static class CleanUpList
{
    /// <summary>Runs every pass.</summary>
    public static void Run(Graph graph)
    {
        RemoveDeadNodes.Run(graph);
        TakeIntegerInputs.Run(graph);
        RecogniseNorms.Run(graph);
        RecogniseFunctions.Run(graph);
        FoldAttention.Run(graph);
        SinkMoves.Run(graph);
        FoldAttention.Run(graph);
        FoldIntoWeights.Run(graph);
        GlobalPools.Run(graph);
        FoldFlatten.Run(graph);
        SinkMoves.Run(graph);
        FoldIntoWeights.Run(graph);
        MergeParallel.Run(graph);
        RemoveDeadNodes.Run(graph);
    }
}
