using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// DEQUANTIZE that no pass could take away: at a model's output the desktop tool converts, and between integers a chain of
/// element-wise float operators becomes a table, but float anywhere else cannot run.
/// </summary>
internal sealed class DequantizeOperator : Operator
{
    public override IEnumerable<string> Check(Node node) =>
        ["it gives float32 in the middle of the model, but the device computes with integers only: quantise the operators after it too."];

    public override void Lower(Node node, Lowering lowering) =>
        throw new InvalidOperationException($"The {node} has not passed its check.");
}
