using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Passes;

/// <summary>Removes nodes whose results nobody reads. Nodes without results (ASSIGN_VARIABLE) act otherwise and stay.</summary>
public static class RemoveDeadNodes
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        HashSet<Tensor> read = [.. graph.Outputs];
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            Node node = graph.Nodes[i];
            if (node.Outputs.Count > 0 && !node.Outputs.Any(read.Contains)) graph.Nodes.RemoveAt(i);
            else read.UnionWith(node.Inputs.Where(t => t is not null)!);
        }
    }
}
