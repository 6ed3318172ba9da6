using System.Numerics;
using static TinyAI.GestureTrainer.Quantisation.FixedPoint;

namespace TinyAI.GestureTrainer.Quantisation;

/// <summary>
/// Evaluates the INT8 network in integers, element by element as the TFLite reference kernels define it, so that the
/// accuracy reported is that of the model on the device and not of a float stand-in.
/// </summary>
internal sealed class IntegerReference(QuantisedNetwork network)
{
    private const int SoftmaxIntegerBits = 5;

    /// <summary>The probabilities of the classes, scale 1/256 and zero point -128.</summary>
    public sbyte[] Run(ReadOnlySpan<sbyte> input)
    {
        sbyte[] values = input.ToArray();
        foreach (QuantisedLayer layer in network.Layers)
        {
            values = layer switch
            {
                QuantisedConvolution c => Convolve(c, values),
                QuantisedDense d => Apply(d, values),
                QuantisedMaxPool m => PoolMax(m, values),
                _ => throw new NotSupportedException(layer.GetType().Name),
            };
        }
        return Softmax(values, network.Logits.Scale);
    }

    public int Classify(ReadOnlySpan<sbyte> input)
    {
        sbyte[] probabilities = Run(input);
        int best = 0;
        for (int i = 1; i < probabilities.Length; i++)
        {
            if (probabilities[i] > probabilities[best])
                best = i;
        }
        return best;
    }

    private static sbyte[] Convolve(QuantisedConvolution layer, sbyte[] input)
    {
        sbyte[] output = new sbyte[layer.OutputLength * layer.Outputs];
        for (int t = 0; t < layer.OutputLength; t++)
        {
            ReadOnlySpan<sbyte> window = input.AsSpan(t * layer.Stride * layer.InputChannels, layer.FanIn);
            Weigh(layer, window, output.AsSpan(t * layer.Outputs, layer.Outputs));
        }
        return output;
    }

    private static sbyte[] Apply(QuantisedDense layer, sbyte[] input)
    {
        sbyte[] output = new sbyte[layer.Outputs];
        Weigh(layer, input, output);
        return output;
    }

    private static void Weigh(QuantisedWeighted layer, ReadOnlySpan<sbyte> window, Span<sbyte> output)
    {
        int low = layer.Relu ? Math.Max(-128, layer.Output.ZeroPoint) : -128;
        for (int o = 0; o < output.Length; o++)
        {
            int sum = layer.Bias[o];
            ReadOnlySpan<sbyte> weights = layer.Weights.AsSpan(o * layer.FanIn, layer.FanIn);
            for (int i = 0; i < weights.Length; i++)
                sum += weights[i] * (window[i] - layer.Input.ZeroPoint);
            (int factor, int shift) = QuantiseMultiplier(MultiplierOf(layer, o));
            output[o] = (sbyte)Math.Clamp(Requantise(sum, factor, shift) + layer.Output.ZeroPoint, low, 127);
        }
    }

    /// <summary>With one scale for all outputs the reference multiplies the scales in float, with one for each in double.</summary>
    private static double MultiplierOf(QuantisedWeighted layer, int output) => layer.WeightScales.Length == 1
        ? (double)(float)(layer.Input.Scale * layer.WeightScales[0]) / layer.Output.Scale
        : (double)layer.Input.Scale * layer.WeightScales[output] / layer.Output.Scale;

    private static sbyte[] PoolMax(QuantisedMaxPool layer, sbyte[] input)
    {
        sbyte[] output = new sbyte[layer.OutputLength * layer.Channels];
        for (int o = 0; o < output.Length; o++)
        {
            int first = o / layer.Channels * layer.Size * layer.Channels + o % layer.Channels;
            sbyte best = input[first];
            for (int k = 1; k < layer.Size; k++)
                best = Math.Max(best, input[first + k * layer.Channels]);
            output[o] = best;
        }
        return output;
    }

    private static sbyte[] Softmax(sbyte[] logits, float scale)
    {
        const int fractionBits = 31 - SoftmaxIntegerBits;
        double multiplier = Math.Min((double)scale * (1 << fractionBits), int.MaxValue);
        (int factor, int shift) = QuantiseMultiplier(multiplier);
        int least = -(int)Math.Floor(31.0 * (1 << fractionBits) / Math.ScaleB(1, shift));
        int greatest = logits.Max();

        int sum = 0;
        foreach (sbyte logit in logits)
        {
            if (logit - greatest >= least)
                sum += RoundingShiftRight(Exponential(logit - greatest), 12);
        }
        int headroom = BitOperations.LeadingZeroCount((uint)sum);
        int reciprocal = OneOverOnePlus((int)(((uint)sum << headroom) - (1u << 31)));

        sbyte[] output = new sbyte[logits.Length];
        for (int i = 0; i < logits.Length; i++)
        {
            int difference = logits[i] - greatest;
            int value = difference < least
                ? -128
                : RoundingShiftRight(SaturatingDoublingHighMultiply(reciprocal, Exponential(difference)), 12 - headroom + 31 - 8) - 128;
            output[i] = (sbyte)Math.Clamp(value, -128, 127);
        }
        return output;

        int Exponential(int difference) => ExpOfNegative(SaturatingDoublingHighMultiply(difference * (1 << shift), factor));
    }
}
