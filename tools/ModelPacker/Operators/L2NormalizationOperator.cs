using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>L2_NORMALIZATION along the last dimension; the output has scale 1/128 and zero point 0.</summary>
internal sealed class L2NormalizationOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong = [.. Requirements.Int8(input), .. Requirements.Int8(output), .. Requirements.Shape(output, input.Shape)];
        if (wrong.Length > 0) return wrong;
        if (node.Options is L2NormOptions { Activation: not TfliteActivation.NONE } options)
            return [$"the fused activation {options.Activation} is not supported: use a separate operator."];
        if (output.Scale != 1f / 128 || output.ZeroPoint != 0)
            return [$"its output has scale {output.Scale} and zero point {output.ZeroPoint}; 1/128 and 0 are needed."];
        if (input.Shape.Length == 0 || input.Shape[^1] > 32768) return [$"its rows {input} do not have 1 to 32768 values."];
        return [];
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input();
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindL2Normalise,
            Name = "L2Normalise",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(node.Output),
            Rows = input.Count / input.Shape[^1],
            Parameters = [input.Shape[^1], input.ZeroPoint],
            InPlace = true,
        });
    }
}
