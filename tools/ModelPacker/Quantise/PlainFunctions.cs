using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Quantise.Prepare;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// Writes functions of one value that TensorFlow Lite has no operator for in operators that it has, in float between the
/// DEQUANTIZE and the QUANTIZE around them. Read again, they become the table that they were.
/// </summary>
internal static class PlainFunctions
{
    /// <summary>Changes a graph that is about to be written.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            if (node.Options is not FunctionOptions options || Steps(options) is not { } steps) continue;
            graph.Nodes.RemoveAt(i);
            Tensor at = node.Input();
            for (int s = 0; s < steps.Count; s++)
            {
                (BuiltinOperator op, TfliteOptions? own, float? number, bool first) = steps[s];
                bool last = s == steps.Count - 1;
                Tensor output = last ? node.Output : new Tensor { Name = $"{node.Output.Name} {s}", Type = TfliteType.FLOAT32, Shape = node.Output.Shape };
                Tensor? other = number is { } value ? Floats.Constant($"{value}", [], [value]) : op == BuiltinOperator.MUL ? node.Input() : null;
                List<Tensor?> inputs = other is null ? [at] : first ? [other, at] : [at, other];
                graph.Nodes.Insert(i++, new Node { Operator = op, Options = own, Inputs = inputs, Outputs = [output], Origin = node.Origin });
                at = output;
            }

            i--;
        }
    }

    /// <summary>The operators, each with its constant and whether that comes first; a MUL without one multiplies with the function's input.</summary>
    private static List<(BuiltinOperator Operator, TfliteOptions? Options, float? Number, bool First)>? Steps(FunctionOptions options)
    {
        (BuiltinOperator, TfliteOptions?, float?, bool) Step(BuiltinOperator op, float? number, TfliteOptions? own = null, bool first = false) => (op, own, number, first);
        (float alpha, float beta) = (options.Alpha, options.Beta);
        return options.Function switch
        {
            ScalarFunction.Clip => [Step(BuiltinOperator.MAXIMUM, alpha), Step(BuiltinOperator.MINIMUM, beta)],
            ScalarFunction.HardSigmoid =>
            [
                Step(BuiltinOperator.MUL, alpha, new MulOptions()), Step(BuiltinOperator.ADD, beta, new AddOptions()), Step(BuiltinOperator.MAXIMUM, 0),
                Step(BuiltinOperator.MINIMUM, 1),
            ],
            ScalarFunction.Reciprocal => [Step(BuiltinOperator.DIV, 1, new DivOptions(), first: true)],
            ScalarFunction.Power => [Step(BuiltinOperator.POW, alpha)],
            ScalarFunction.Silu => [Step(BuiltinOperator.LOGISTIC, null), Step(BuiltinOperator.MUL, null, new MulOptions())],
            ScalarFunction.Softplus => [Step(BuiltinOperator.EXP, null), Step(BuiltinOperator.ADD, 1, new AddOptions()), Step(BuiltinOperator.LOG, null)],
            _ => null,
        };
    }
}
