using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// An operator that is a function of one int8 value: the packer computes it for all 256 and the device looks it up.
/// function(node) gives the function from quantised value to quantised value.
/// </summary>
internal sealed class FunctionOperator(Func<Node, Func<int, int>> function, Func<Node, IEnumerable<string>>? check = null) : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong = [.. Requirements.Int8(input), .. Requirements.Int8(output), .. Requirements.SameElements(input, output)];
        return wrong.Length > 0 || check is null ? wrong : check(node);
    }

    public override ByteTable Table(Node node) => ByteTable.Of(node.Input(), function(node));

    public override void Lower(Node node, Lowering lowering) => Table(node).Lower(node, lowering);
}
