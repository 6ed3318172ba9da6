using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise.Prepare;

/// <summary>
/// Makes the rounding down of imitated integer arithmetic a rounding to nearest, which is what integers do when they are
/// rescaled: floor(x) is round(x - 1/2), and the half goes into the bias of the layer before. A weighted layer cuts off
/// instead in a pack, see <see cref="Graphs.Tensor.RoundedDown"/>. A truncation counts as a floor where a clip takes
/// away what is below 0. A truncation whose result is then made so small that its fraction could not matter is left out.
/// </summary>
public static class FloorAsRound
{
    /// <summary>A half, but for a trace by which whole numbers stay what they are.</summary>
    public const float Half = 0.5f - 1f / 4096;

    private const float Small = 1f / 16;

    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        foreach (Node node in graph.Nodes.ToArray())
        {
            if (!IsTruncation(node) || !graph.HasOneReader(node.Output) || !IsScaledDown(graph, node.Output)) continue;
            graph.Nodes.Remove(node);
            graph.Replace(node.Output, node.Input());
        }

        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            bool floor = node.Operator == BuiltinOperator.FLOOR || (IsTruncation(node) && !graph.Outputs.Contains(node.Output) && graph.Consumers(node.Output).All(ClipsBelowZero));
            if (!floor || node.Input().Type != TfliteType.FLOAT32 || node.Input().IsConstant) continue;
            var lowered = new Tensor { Name = node.Output.Name + " - 1/2", Type = TfliteType.FLOAT32, Shape = node.Output.Shape, RoundedDown = true };
            graph.Nodes[i] = new Node { Operator = BuiltinOperator.ROUND, Inputs = [lowered], Outputs = [node.Output], Origin = node.Origin };
            graph.Nodes.Insert(i++, new Node
            {
                Operator = BuiltinOperator.SUB, Options = new SubOptions(), Inputs = [node.Input(), Floats.Constant("half", [], [Half])], Outputs = [lowered], Origin = node.Origin,
            });
        }
    }

    private static bool IsTruncation(Node node) => node.Options is FunctionOptions { Function: ScalarFunction.Truncate };

    private static bool ClipsBelowZero(Node node) =>
        node.Operator is BuiltinOperator.RELU or BuiltinOperator.RELU6 || node.Options is FunctionOptions { Function: ScalarFunction.Clip, Alpha: >= 0 };

    /// <summary>Whether products and quotients with numbers make the tensor much smaller before it is truncated again.</summary>
    private static bool IsScaledDown(Graph graph, Tensor tensor)
    {
        float factor = 1;
        while (graph.HasOneReader(tensor) && graph.Consumers(tensor).First() is { Outputs.Count: 1 } reader)
        {
            if (IsTruncation(reader) || reader.Operator == BuiltinOperator.FLOOR) return Math.Abs(factor) <= Small;
            if (reader.Operator is not (BuiltinOperator.MUL or BuiltinOperator.DIV) || reader.Inputs is not [{ } a, { } b]) return false;
            if (FloatActivation.In(reader.Options) != TfliteActivation.NONE || (a.IsConstant && reader.Operator == BuiltinOperator.DIV)) return false;
            Tensor number = a.IsConstant ? a : b;
            if (number is not { IsConstant: true, Type: TfliteType.FLOAT32, Count: 1 }) return false;
            float value = RealNumbers.Of(number)[0];
            factor = reader.Operator == BuiltinOperator.MUL ? factor * value : factor / value;
            tensor = reader.Output;
        }

        return false;
    }
}
