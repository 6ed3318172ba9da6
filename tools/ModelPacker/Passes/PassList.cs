using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Passes;

/// <summary>All passes over the graph, in the order in which they run. Each is a file in this folder.</summary>
public static class PassList
{
    /// <summary>Runs every pass once.</summary>
    public static void Run(Graph graph)
    {
        FoldConstants.Run(graph);
        MoveFloatBorders.Run(graph);
        TakeFloatBorders.Run(graph);
        FoldFloatIslands.Run(graph);
        RemoveIdentityMoves.Run(graph);
        FuseDilation.Run(graph);
        FusePad.Run(graph);
        FuseTranspose.Run(graph);
        RemoveNoOps.Run(graph);
        FuseActivation.Run(graph);
        RemoveDeadNodes.Run(graph);
    }
}
