using TinyAI.GestureTrainer.Network;

namespace TinyAI.GestureTrainer.Quantisation;

/// <summary>
/// Turns a trained float network into INT8 as the TFLite 8-bit specification asks: weights symmetric and per output
/// channel, bias int32, activations asymmetric and per tensor with ranges measured on the training recordings.
/// </summary>
internal static class Int8Quantiser
{
    public static QuantisedNetwork Quantise(Sequential network, IReadOnlyList<Recording> recordings, AugmentationOptions augmentation)
    {
        (float Low, float High)[] ranges = Calibrate(network, recordings, augmentation);
        List<QuantisedLayer> layers = [];
        Affine input = new(SensorInput.Scale, SensorInput.ZeroPoint);
        Affine current = input;
        for (int i = 0; i < network.Layers.Count; i++)
        {
            Layer layer = network.Layers[i];
            if (layer is WeightedLayer weighted)
            {
                bool relu = i + 1 < network.Layers.Count && network.Layers[i + 1] is Relu;
                (float low, float high) = ranges[relu ? i + 1 : i];
                Affine output = AffineOf(low, high);
                layers.Add(QuantiseWeighted(weighted, current, output, relu));
                current = output;
            }
            else if (layer is MaxPool1D max)
                layers.Add(new QuantisedMaxPool(max.Length, max.Channels, max.Size));
        }
        return new QuantisedNetwork(input, layers, current);
    }

    /// <summary>The smallest and greatest value of each layer's output.</summary>
    private static (float Low, float High)[] Calibrate(
        Sequential network, IReadOnlyList<Recording> recordings, AugmentationOptions options)
    {
        (float Low, float High)[] ranges = new (float, float)[network.Layers.Count];
        CalibrationRuns.Each(network, recordings, options, () =>
        {
            for (int i = 0; i < ranges.Length; i++)
            {
                foreach (float value in network.Layers[i].Output)
                    ranges[i] = (Math.Min(ranges[i].Low, value), Math.Max(ranges[i].High, value));
            }
        });
        return ranges;
    }

    /// <summary>Spreads 256 steps over the range; nought is in the range and falls on a step exactly.</summary>
    private static Affine AffineOf(float low, float high)
    {
        float scale = (float)(((double)high - low) / 255);
        if (scale == 0)
            return new Affine(1, 0);
        int zeroPoint = (int)Math.Clamp(Math.Round(-128 - low / (double)scale, MidpointRounding.AwayFromZero), -128, 127);
        return new Affine(scale, zeroPoint);
    }

    private static QuantisedWeighted QuantiseWeighted(WeightedLayer layer, Affine input, Affine output, bool relu)
    {
        Convolution1D? convolution = layer as Convolution1D;
        // One scale for the whole of a dense layer: every version of the TFLite kernels takes that, few take more.
        float[] scales = new float[convolution is null ? 1 : layer.Outputs];
        for (int i = 0; i < layer.Weights.Value.Length; i++)
        {
            ref float scale = ref scales[i % scales.Length];
            scale = Math.Max(scale, Math.Abs(layer.Weights.Value[i]) / 127);
        }

        sbyte[] weights = new sbyte[layer.FanIn * layer.Outputs];
        int[] bias = new int[layer.Outputs];
        for (int o = 0; o < layer.Outputs; o++)
        {
            ref float scale = ref scales[o % scales.Length];
            // A channel that training has emptied still needs a scale above nought.
            scale = Math.Max(scale, 1e-6f);
            for (int i = 0; i < layer.FanIn; i++)
                weights[o * layer.FanIn + i] = (sbyte)Rounded(layer.Weights.Value[i * layer.Outputs + o] / scale, 127);
            bias[o] = (int)Rounded(layer.Bias.Value[o] / ((double)input.Scale * scale), int.MaxValue);
        }

        return convolution is { } c
            ? new QuantisedConvolution(c.Length, c.InputChannels, c.Kernel, c.Stride, weights, bias, scales, input, output, relu)
            : new QuantisedDense(weights, bias, scales, input, output);
    }

    private static double Rounded(double value, double limit) =>
        Math.Clamp(Math.Round(value, MidpointRounding.AwayFromZero), -limit, limit);
}
