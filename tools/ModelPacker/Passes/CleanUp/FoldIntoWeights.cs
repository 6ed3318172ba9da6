using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Passes.CleanUp;

/// <summary>
/// Takes products and sums with constants (batch norms, biases that are added, the scales of integer convolutions) into
/// the weights and bias of the layer before, or a product with a number per channel into the layer behind. Weights that
/// lie on a grid of integers stay on it: the grid's scales are multiplied.
/// </summary>
public static class FoldIntoWeights
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            Node node = graph.Nodes[i];
            if (!(node.Operator is BuiltinOperator.MUL or BuiltinOperator.DIV or BuiltinOperator.ADD or BuiltinOperator.SUB) || !HasNoActivation(node)) continue;
            if (node.Inputs is not [{ } a, { } b] || a.Type != TfliteType.FLOAT32 || a.IsConstant == b.IsConstant) continue;
            (Tensor data, Tensor constant) = b.IsConstant ? (a, b) : (b, a);
            if (a.IsConstant && node.Operator is BuiltinOperator.DIV or BuiltinOperator.SUB) continue;
            if (!data.Shape.AsSpan().SequenceEqual(node.Output.Shape) || !graph.HasOneReader(data)) continue;
            if (graph.Producer(data) is not { } layer || ChannelAxis(layer) is not { } axis || !HasNoActivation(layer)) continue;
            if (PerChannel(constant, data.Shape[^1]) is not { } values) continue;
            if (node.Operator == BuiltinOperator.DIV) values = [.. values.Select(v => 1 / v)];
            if (values.Any(v => !float.IsFinite(v))) continue;
            if (node.Operator is BuiltinOperator.MUL or BuiltinOperator.DIV) Multiply(layer, axis, values);
            else AddToBias(layer, node.Operator == BuiltinOperator.SUB ? [.. values.Select(v => -v)] : values);
            layer.Outputs[0] = node.Output;
            graph.Nodes.RemoveAt(i--);
        }
    }

    /// <summary>The dimension of a layer's constant weights that output channels stand along; null for other nodes.</summary>
    private static int? ChannelAxis(Node node)
    {
        if (node.Inputs.Count < 2 || node.Inputs[1] is not { IsConstant: true, Type: TfliteType.FLOAT32 } || node.OptionalInput(2) is { IsConstant: false }) return null;
        return node.Operator switch
        {
            BuiltinOperator.CONV_2D or BuiltinOperator.FULLY_CONNECTED => 0,
            BuiltinOperator.DEPTHWISE_CONV_2D => 3,
            _ => null,
        };
    }

    private static bool HasNoActivation(Node node) => node.Options switch
    {
        Conv2DOptions o => o.Activation == TfliteActivation.NONE,
        DepthwiseConv2DOptions o => o.Activation == TfliteActivation.NONE,
        FullyConnectedOptions o => o.Activation == TfliteActivation.NONE,
        AddOptions o => o.Activation == TfliteActivation.NONE,
        SubOptions o => o.Activation == TfliteActivation.NONE,
        MulOptions o => o.Activation == TfliteActivation.NONE,
        DivOptions o => o.Activation == TfliteActivation.NONE,
        _ => true,
    };

    /// <summary>A constant as a number for each channel, the last dimension; null where it differs along others.</summary>
    private static float[]? PerChannel(Tensor constant, int channels)
    {
        if (constant.Type != TfliteType.FLOAT32) return null;
        float[] values = RealNumbers.Of(constant);
        if (values.Length == 1) return [.. Enumerable.Repeat(values[0], channels)];
        return values.Length == channels && constant.Shape[^1] == channels ? values : null;
    }

    private static void Multiply(Node layer, int axis, float[] factors)
    {
        Tensor weights = layer.Input(1);
        float[] values = RealNumbers.Of(weights);
        int inner = RealNumbers.Inner(weights.Shape, axis);
        for (int i = 0; i < values.Length; i++) values[i] *= factors[i / inner % factors.Length];
        Tensor scaled = ConstantTensors.Reals(weights.Name, weights.Shape, values);
        if (weights.Quantisation is { } grid && factors.All(f => f > 0) && (!grid.IsPerChannel || grid.Axis == axis))
        {
            bool one = !grid.IsPerChannel && !factors.AsSpan().ContainsAnyExcept(factors[0]);
            float[] scales = one ? [grid.Scale * factors[0]] : [.. factors.Select((f, c) => grid.Scales[grid.IsPerChannel ? c : 0] * f)];
            long[] zeros = one ? grid.ZeroPoints : [.. factors.Select((_, c) => grid.ZeroPoints[grid.IsPerChannel ? c : 0])];
            scaled.Quantisation = new Quantisation(scales, zeros, axis);
        }

        layer.Inputs[1] = scaled;
        if (layer.OptionalInput(2) is { } bias)
            layer.Inputs[2] = ConstantTensors.Reals(bias.Name, bias.Shape, [.. RealNumbers.Of(bias).Select((v, c) => v * factors[c])]);
    }

    private static void AddToBias(Node layer, float[] values)
    {
        float[] bias = layer.OptionalInput(2) is { } own ? RealNumbers.Of(own) : new float[values.Length];
        Tensor sum = ConstantTensors.Reals(layer.Input(1).Name + " bias", [values.Length], [.. bias.Select((v, c) => v + values[c])]);
        if (layer.Inputs.Count > 2) layer.Inputs[2] = sum;
        else layer.Inputs.Add(sum);
    }
}
