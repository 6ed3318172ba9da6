using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Quantise.Prepare;

namespace TinyAI.ModelPacker.Quantise.Improve;

/// <summary>
/// Cross-layer equalisation: where one weighted layer alone feeds another, a factor per channel moves from the activations
/// between them into the second layer's weights, s = sqrt(largest activation / largest weight that reads it). The function
/// stays the same, since RELU passes positive factors on (Nagel et al. 2019, arXiv:1906.04721, section 4.1; with measured activations
/// in the place of the first layer's weights, whose scales are per channel already, as Xiao et al. 2022, arXiv:2211.10438, equation 4 with
/// alpha 0.5).
/// </summary>
public static class Equalisation
{
    /// <summary>Changes the weights of a float graph; returns how many pairs of layers were equalised.</summary>
    public static int Run(Graph graph, Func<Tensor, Tensor> calibrated, Calibration calibration)
    {
        int pairs = 0;
        foreach (Node first in graph.Nodes)
        {
            if (Floats.WeightAxis(first.Operator) is not { } axis || first.Outputs.Count != 1 || !HasWeights(first)) continue;
            if (FloatActivation.In(first.Options) is not (TfliteActivation.NONE or TfliteActivation.RELU) || graph.Outputs.Contains(first.Output)) continue;
            Node[] readers = [.. graph.Consumers(first.Output)];
            int channels = first.Input(1).Shape[axis];
            if (readers.Length == 0 || first.Output.Shape[^1] != channels || !readers.All(r => r.Inputs[0] == first.Output && Reads(r, channels))) continue;
            float[] activations = calibration.ChannelMagnitudes(calibrated(first.Output)), weights = [.. Enumerable.Range(0, channels).Select(c => readers.Max(r => Largest(r, c)))];
            float[] factors = [.. activations.Select((a, c) => a > 0 && weights[c] > 0 ? Math.Clamp(MathF.Sqrt(a / weights[c]), 1e-4f, 1e4f) : 1)];
            double mean = Math.Exp(factors.Average(f => Math.Log(f)));
            factors = [.. factors.Select(f => (float)(f / mean))];
            Scale(first, 1, (i, _) => 1 / factors[Output(first, i)]);
            if (first.OptionalInput(2) is not null) Scale(first, 2, (i, _) => 1 / factors[i]);
            foreach (Node reader in readers) Scale(reader, 1, (i, _) => factors[InputChannel(reader, i, channels)]);
            pairs++;
        }

        return pairs;
    }

    private static bool HasWeights(Node node) =>
        node.Input(1) is { IsConstant: true, Type: TfliteType.FLOAT32 } && node.OptionalInput(2) is null or { IsConstant: true };

    /// <summary>Whether a node's weights can take a factor per channel of its input.</summary>
    private static bool Reads(Node node, int channels) => Floats.WeightAxis(node.Operator) is not null && HasWeights(node)
        && (node.Operator == BuiltinOperator.DEPTHWISE_CONV_2D ? node.Input(1).Shape[3] % channels == 0 : node.Input(1).Shape[^1] == channels);

    private static int Output(Node node, int i)
    {
        Tensor weights = node.Input(1);
        return node.Operator == BuiltinOperator.DEPTHWISE_CONV_2D ? i % weights.Shape[3] : i / (weights.Count / weights.Shape[0]);
    }

    private static int InputChannel(Node node, int i, int channels)
    {
        int last = node.Input(1).Shape[^1];
        return node.Operator == BuiltinOperator.DEPTHWISE_CONV_2D ? i % last * channels / last : i % last;
    }

    private static float Largest(Node node, int channel)
    {
        float[] weights = RealNumbers.Of(node.Input(1));
        int channels = node.Input().Shape[^1];
        float largest = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (InputChannel(node, i, channels) == channel) largest = Math.Max(largest, Math.Abs(weights[i]));
        }

        return largest;
    }

    private static void Scale(Node node, int input, Func<int, float, float> factor)
    {
        Tensor constant = node.Input(input);
        node.Inputs[input] = Floats.Constant(constant.Name, constant.Shape, [.. RealNumbers.Of(constant).Select((v, i) => v * factor(i, v))]);
    }
}
