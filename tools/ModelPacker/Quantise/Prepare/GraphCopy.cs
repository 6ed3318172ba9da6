using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Quantise.Prepare;

/// <summary>A copy of a graph whose nodes, tensors and lists may be changed; constant data is shared until it is replaced.</summary>
public static class GraphCopy
{
    /// <summary>Copies a graph; the dictionary tells the new tensor for each old one.</summary>
    public static (Graph Graph, Dictionary<Tensor, Tensor> Tensors) Of(Graph graph)
    {
        var tensors = new Dictionary<Tensor, Tensor>();
        Tensor Copy(Tensor t)
        {
            if (tensors.TryGetValue(t, out Tensor? known)) return known;
            return tensors[t] = new Tensor
            {
                Name = t.Name, Type = t.Type, Shape = t.Shape, Quantisation = t.Quantisation, Data = t.Data, ModelType = t.ModelType, IsVariable = t.IsVariable, RoundedOnce = t.RoundedOnce,
                RoundedDown = t.RoundedDown, Fractions = t.Fractions,
            };
        }

        var copy = new Graph { Name = graph.Name };
        copy.Inputs.AddRange(graph.Inputs.Select(Copy));
        foreach (Node node in graph.Nodes)
        {
            copy.Nodes.Add(new Node
            {
                Operator = node.Operator, CustomCode = node.CustomCode, Options = node.Options, Inputs = [.. node.Inputs.Select(t => t is null ? null : Copy(t))],
                Outputs = [.. node.Outputs.Select(Copy)], Intermediates = [.. node.Intermediates.Select(Copy)], Origin = node.Origin,
                FusedPadding = node.FusedPadding, FusedClamp = node.FusedClamp, Variable = node.Variable, Table = node.Table,
            });
        }

        copy.Outputs.AddRange(graph.Outputs.Select(Copy));
        return (copy, tensors);
    }
}
