using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>CAST among integers and from bool: the low bytes, extended by sign where the input has one (TFLM cast.cc).</summary>
internal sealed class CastOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        if (input.Count != output.Count) return [$"its input {input} and output {output} differ in number of elements."];
        if (!IntegerConversion.IsInteger(output.Type) || !(IntegerConversion.IsInteger(input.Type) || input.Type == TfliteType.BOOL))
            return [$"it makes {output} of {input}; int8, uint8, int16 and int32 are possible, and bool as input."];
        return [];
    }

    public override void Lower(Node node, Lowering lowering) => IntegerConversion.Lower(node, lowering, null);
}
