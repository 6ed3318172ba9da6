using TinyAI.GestureTrainer.Network;

namespace TinyAI.GestureTrainer.Tests;

/// <summary>Each layer's backward pass against finite differences of its forward pass.</summary>
public class GradientTests
{
    private const float Step = 1e-2f;
    private const double Tolerance = 5e-3;

    [Theory]
    [InlineData(11, 3, 5, 4, 1)]
    [InlineData(14, 2, 9, 5, 3)]
    public void Convolution(int length, int inputChannels, int outputChannels, int kernel, int stride) =>
        CheckWeighted(new Convolution1D(length, inputChannels, outputChannels, kernel, stride));

    [Fact]
    public void Dense() => CheckWeighted(new Dense(17, 5));

    [Fact]
    public void Max_pool() => Check(new MaxPool1D(9, 3, 2));

    [Fact]
    public void Attention_over_time()
    {
        AttentionPool layer = new(7, 4, 3);
        layer.Initialise(new SeededRandom(8));
        Check(layer);
    }

    [Fact]
    public void Layer_norm()
    {
        LayerNorm layer = new(5, 7);
        layer.Initialise(new SeededRandom(8));
        for (int i = 0; i < 7; i++)
            (layer.Scale.Value[i], layer.Bias.Value[i]) = (0.5f + 0.2f * i, 0.1f * i);
        Check(layer);
    }

    [Fact]
    public void Gelu() => Check(new Gelu(20));

    [Fact]
    public void Causal_attention() => Check(new CausalAttention(5, 6, 2));

    [Fact]
    public void Layers_beside_a_shortcut()
    {
        Residual layer = new([new Convolution1D(4, 3, 5, 1, 1), new Gelu(20), new Convolution1D(4, 5, 3, 1, 1)]);
        layer.Initialise(new SeededRandom(8));
        layer.ParametersChanged();
        Check(layer);
    }

    [Fact]
    public void Embeddings_of_tokens_and_positions()
    {
        Embedding layer = new(4, 6, 3);
        layer.Initialise(new SeededRandom(8));
        float[] input = [5, 0, 2, 5];
        float[] weights = Scattered(12, 0.1f);
        layer.Forward(input, training: true);
        layer.Backward(input, weights, needsInputGradient: false);
        CheckParameters(layer, input, weights);
    }

    [Fact]
    public void Relu() => Check(new Relu(20));

    [Fact]
    public void Dropout_lets_the_gradient_through_where_it_let_the_value_through()
    {
        Dropout layer = new(200, 0.3, new SeededRandom(1));
        float[] ones = [.. Enumerable.Repeat(1f, 200)];
        layer.Forward(ones, training: true);
        layer.Backward(ones, ones, needsInputGradient: true);
        Assert.Equal(layer.Output, layer.InputGradient);
        Assert.InRange(layer.Output.Count(v => v == 0), 30, 90);

        layer.Forward(ones, training: false);
        Assert.Equal(ones, layer.Output);
    }

    [Fact]
    public void Softmax_cross_entropy()
    {
        float[] logits = [0.3f, -1.2f, 2f, 0.1f];
        float[] target = [0.1f, 0.2f, 0.6f, 0.1f];
        float[] gradient = new float[4];
        SoftmaxCrossEntropy.Backward(logits, target, gradient);
        float[] scratch = new float[4];
        for (int i = 0; i < logits.Length; i++)
        {
            double slope = Slope(logits, i, () => SoftmaxCrossEntropy.Backward(logits, target, scratch));
            Assert.Equal(slope, gradient[i], Tolerance);
        }
    }

    [Fact]
    public void Whole_network()
    {
        Sequential network = Architecture.Default.Build(5, dropout: 0, new SeededRandom(3));
        float[] input = Scattered(Recordings.Window * Recordings.Channels, 0.01f);
        float[] target = [0, 0, 1, 0, 0];
        float[] gradient = new float[5];
        SoftmaxCrossEntropy.Backward(network.Forward(input, training: false), target, gradient);
        network.Backward(input, gradient);
        float[] scratch = new float[5];
        foreach (Parameter parameter in network.Parameters)
        {
            int i = parameter.Value.Length / 2;
            double slope = Slope(
                parameter.Value, i, () => SoftmaxCrossEntropy.Backward(network.Forward(input, training: false), target, scratch), 1e-3f);
            Assert.Equal(slope, parameter.Gradient[i], Math.Max(0.01, 0.05 * Math.Abs(slope)));
        }
    }

    private static void CheckWeighted(WeightedLayer layer)
    {
        SeededRandom random = new(5);
        layer.Initialise(random);
        for (int i = 0; i < layer.Outputs; i++)
            layer.Bias.Value[i] = (float)random.Normal();
        Check(layer);
    }

    /// <summary>The loss is a weighted sum of the outputs, so that every output has a gradient of its own.</summary>
    private static void Check(Layer layer)
    {
        float[] input = Scattered(layer.InputSize, 0.1f);
        float[] weights = Scattered(layer.Output.Length, 0.1f);
        layer.Forward(input, training: true);
        layer.Backward(input, weights, needsInputGradient: true);

        for (int i = 0; i < input.Length; i++)
            Assert.Equal(Slope(input, i, () => Loss(layer, input, weights)), layer.InputGradient[i], Tolerance);
        CheckParameters(layer, input, weights);
    }

    private static void CheckParameters(Layer layer, float[] input, float[] weights)
    {
        foreach (Parameter parameter in layer.Parameters)
        {
            for (int i = 0; i < parameter.Value.Length; i++)
                Assert.Equal(Slope(parameter.Value, i, () => Loss(layer, input, weights)), parameter.Gradient[i], Tolerance);
        }
    }

    private static double Loss(Layer layer, float[] input, float[] weights)
    {
        layer.Forward(input, training: true);
        return layer.Output.Zip(weights, (o, w) => (double)o * w).Sum();
    }

    private static double Slope(float[] values, int index, Func<double> loss, float step = Step)
    {
        float before = values[index];
        values[index] = before + step;
        double above = loss();
        values[index] = before - step;
        double below = loss();
        values[index] = before;
        return (above - below) / (2 * step);
    }

    /// <summary>Values of both signs, no two nearer than the spacing and none at nought: no step crosses a kink.</summary>
    private static float[] Scattered(int count, float spacing)
    {
        int[] order = [.. Enumerable.Range(0, count)];
        new SeededRandom(count).Shuffle(order);
        return [.. order.Select(i => (i - count / 2 + 0.5f) * spacing)];
    }
}
