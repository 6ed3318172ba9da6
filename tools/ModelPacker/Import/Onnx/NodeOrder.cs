namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>
/// An order in which nodes can run. ONNX asks for it, but real files are not always in it; nodes that can run stay where they
/// are. Nodes in a circle come last and are then refused, because what they read is not there.
/// </summary>
internal static class NodeOrder
{
    public static IEnumerable<OnnxNode> Of(IReadOnlyList<OnnxNode> nodes)
    {
        var makers = new Dictionary<string, int>();
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string output in nodes[i].Outputs.Where(o => o.Length > 0)) makers.TryAdd(output, i);
        }

        var state = new byte[nodes.Count];
        var order = new List<OnnxNode>(nodes.Count);
        var open = new Stack<(int Node, IEnumerator<int> Needs)>();
        for (int i = 0; i < nodes.Count; i++)
        {
            if (state[i] != 0) continue;
            Enter(i);
            while (open.Count > 0)
            {
                (int node, IEnumerator<int> needs) = open.Peek();
                if (needs.MoveNext())
                {
                    if (state[needs.Current] == 0) Enter(needs.Current);
                    continue;
                }

                open.Pop();
                order.Add(nodes[node]);
            }
        }

        return order;

        void Enter(int node)
        {
            state[node] = 1;
            open.Push((node, Reads(nodes[node]).Where(makers.ContainsKey).Select(name => makers[name]).GetEnumerator()));
        }
    }

    /// <summary>Everything a node reads; bodies read values of the graphs around them too.</summary>
    private static IEnumerable<string> Reads(OnnxNode node) =>
        node.Inputs.Concat(node.Attributes.Values.Where(a => a.Graph is not null).SelectMany(a => a.Graph!.Nodes.SelectMany(Reads))).Where(n => n.Length > 0);
}
