using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// RESHAPE, SQUEEZE and EXPAND_DIMS: the elements stay where they are, only their shape changes, so nothing runs on the
/// device. The new shape is that of the output tensor; the shape input or options of the file only repeat it.
/// </summary>
internal sealed class ReshapeOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        return [.. Movement.Movable(input), .. Requirements.SameElements(input, output), .. Requirements.SameQuantisation(input, output)];
    }

    public override void Lower(Node node, Lowering lowering) => lowering.View(node.Output, lowering.PlaceOf(node.Input(), node));
}
