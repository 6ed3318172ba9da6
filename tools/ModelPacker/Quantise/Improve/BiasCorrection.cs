using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Quantise.Prepare;

namespace TinyAI.ModelPacker.Quantise.Improve;

/// <summary>
/// Rounded weights shift the mean of a layer's sums by the rounding errors times the mean of its inputs; the bias takes that
/// back: b[o] -= sum over taps and channels of (quantised - real weight) * mean of the input channel (Nagel et al. 2019,
/// arXiv:1906.04721, section 4.2; means measured on the calibration data).
/// </summary>
public static class BiasCorrection
{
    /// <summary>Changes the biases of a float graph whose weights will be quantised with scales per output channel.</summary>
    public static void Run(Graph graph, Func<Tensor, Tensor> calibrated, Calibration calibration)
    {
        foreach (Node node in graph.Nodes)
        {
            if (Floats.WeightAxis(node.Operator) is not { } axis || node.Input(1) is not { IsConstant: true, Type: TfliteType.FLOAT32 } weights || node.Input().IsConstant) continue;
            float[] real = RealNumbers.Of(weights), rounded = RealNumbers.Of(Affine.Constant(weights, Affine.Weights(weights, axis, 1, null)));
            double[] means = calibration.ChannelMeans(calibrated(node.Input()));
            int outputs = weights.Shape[axis], depth = weights.Shape[^1];
            if (node.Operator == BuiltinOperator.FULLY_CONNECTED && means.Length != depth) continue;
            var shift = new double[outputs];
            for (int i = 0; i < real.Length; i++)
            {
                (int output, int channel) = axis == 0 ? (i / (real.Length / outputs), i % depth) : (i % outputs, i % outputs * means.Length / outputs);
                if (axis == 0 && depth != means.Length) channel += output / (outputs / (means.Length / depth)) * depth;
                shift[output] += (rounded[i] - (double)real[i]) * means[channel];
            }

            float[] bias = node.OptionalInput(2) is { } own ? RealNumbers.Of(own) : new float[outputs];
            while (node.Inputs.Count < 3) node.Inputs.Add(null);
            node.Inputs[2] = Floats.Constant(node.OptionalInput(2)?.Name ?? weights.Name + " bias", [outputs], [.. bias.Select((b, o) => (float)(b - shift[o]))]);
        }
    }
}
