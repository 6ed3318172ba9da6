using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Finds tensors that an operator can write straight into the output of the concatenation that reads them, so that
/// nothing has to be copied: the tensor's place is then a slice of the concatenation's buffer. That is sound because
/// the slices of one output do not overlap, nothing but the tensor's own producer writes its slice (kernels work in
/// place only on whole buffers), and the buffer is one to the planner, alive from the first slice written to the last
/// read. Limits: the slice must be contiguous, the tensor computed by a node and wanted in one place; a tensor that
/// turns out to be a view of other memory is copied after all.
/// </summary>
internal static class StraightPlaces
{
    /// <summary>The places, made before any node is lowered; concatenations of concatenations nest.</summary>
    public static Dictionary<Tensor, Place> Find(Graph graph)
    {
        var places = new Dictionary<Tensor, Place>();
        HashSet<Tensor> computed = [.. graph.Nodes.SelectMany(n => n.Outputs)];
        foreach (Node node in graph.Nodes.AsEnumerable().Reverse())
        {
            if (OperatorTable.Find(node) is ReshapeOperator && places.TryGetValue(node.Output, out Place reshaped))
            {
                if (computed.Contains(node.Input()) && !node.Input().IsVariable) places.TryAdd(node.Input(), reshaped);
                continue;
            }

            if (OperatorTable.Find(node) is not MovementOperator movement) continue;
            for (int i = 0; i < node.Outputs.Count; i++)
            {
                Tensor output = node.Outputs[i];
                MovePlan plan = movement.Plan(node, i);
                if (plan.Background is not null || MovementOperator.OneRun(plan, output) is not null) continue;
                foreach (Move move in plan.Moves)
                {
                    Tensor input = node.Input(move.Input);
                    bool whole = move.IsOneRun && move.From == 0 && move.Bytes == input.Bytes;
                    if (!whole || !computed.Contains(input) || input.IsVariable || places.ContainsKey(input)) continue;
                    if (!places.TryGetValue(output, out Place place))
                        places[output] = place = new Place(new Buffer { Name = output.Name, Bytes = output.Bytes }, 0, output.Bytes);
                    places[input] = new Place(place.Buffer, place.Offset + move.To, move.Bytes);
                }
            }
        }

        return places;
    }
}
