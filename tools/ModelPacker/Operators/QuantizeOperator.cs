using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Lower.Tables;

namespace TinyAI.ModelPacker.Operators;

/// <summary>QUANTIZE from integers to integers of another type or scale; between 8-bit types it is a table.</summary>
internal sealed class QuantizeOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        if (input.Type == TfliteType.FLOAT32)
            return [$"its input {input.Name} is float32 in the middle of the model, but the device computes with integers only: quantise the operators before it too."];
        if (input.Count != output.Count) return [$"its input {input} and output {output} differ in number of elements."];
        return [.. CheckTensor(input), .. CheckTensor(output)];
    }

    public override ByteTable? Table(Node node) =>
        node.Input().ElementBytes == 1 && node.Output.ElementBytes == 1 ? ByteTable.Of(node.Input(), RescaleTable.Rescale(node)) : null;

    public override void Lower(Node node, Lowering lowering)
    {
        if (Table(node) is { } table) table.Lower(node, lowering);
        else IntegerConversion.Lower(node, lowering, Requantisation.From((double)node.Input().Scale / node.Output.Scale));
    }

    private static IEnumerable<string> CheckTensor(Tensor tensor)
    {
        if (!IntegerConversion.IsInteger(tensor.Type))
        {
            yield return $"tensor {tensor.Name} is {tensor}; int8, uint8, int16 and int32 are possible.";
            yield break;
        }

        if (tensor.Quantisation is not { IsPerChannel: false })
        {
            yield return $"tensor {tensor.Name} must carry one scale for all its elements.";
            yield break;
        }

        (int low, int high) = IntegerConversion.Range(tensor.Type);
        foreach (string reason in Requirements.Scales(tensor, low, high)) yield return reason;
    }
}
