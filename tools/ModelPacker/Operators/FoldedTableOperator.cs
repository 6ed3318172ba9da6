using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>A chain of operators that a pass has folded into <see cref="Node.Table"/>.</summary>
internal sealed class FoldedTableOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        Tensor input = node.Input(), output = node.Output;
        if (node.Table!.Length != Lookup.TableBytes || input.Count != output.Count || !IsByte(input) || !IsByte(output))
            yield return $"its table does not fit input {input} and output {output}.";
    }

    public override ByteTable Table(Node node) => new(node.Input(), node.Table!);

    public override void Lower(Node node, Lowering lowering) => Table(node).Lower(node, lowering);

    private static bool IsByte(Tensor tensor) => tensor.Type is TfliteType.INT8 or TfliteType.UINT8;
}
