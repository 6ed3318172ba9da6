using TinyAI.GestureTrainer.Network;
using TinyAI.ModelPacker.Build;

namespace TinyAI.GestureTrainer.Text;

/// <summary>The decoder of characters in the trainer's layers, over a whole text at once, and its weights in the packer's order.</summary>
internal sealed class TextNetwork
{
    /// <summary>The shape of the checked-in model.</summary>
    public static DecoderShape Shape { get; } = new(Spells.Alphabet.Length, Length: 64, Width: 32, Layers: 2, Heads: 4);

    private readonly DecoderShape _shape;

    public TextNetwork(DecoderShape shape, SeededRandom random)
    {
        _shape = shape;
        (int length, int width) = (shape.Length, shape.Width);
        List<Layer> layers = [new Embedding(length, shape.Vocabulary, width)];
        for (int i = 0; i < shape.Layers; i++)
        {
            layers.Add(new Residual([
                new LayerNorm(length, width), Rows(width, 3 * width), new CausalAttention(length, width, shape.Heads), Rows(width, width),
            ]));
            layers.Add(new Residual([
                new LayerNorm(length, width), Rows(width, shape.Hidden), new Gelu(length * shape.Hidden), Rows(shape.Hidden, width),
            ]));
        }

        layers.Add(new LayerNorm(length, width));
        layers.Add(Rows(width, shape.Vocabulary));
        foreach (Layer layer in layers)
            layer.Initialise(random);
        Layers = new Sequential(layers);

        Convolution1D Rows(int inputs, int outputs) => new(length, inputs, outputs, 1, 1);
    }

    public Sequential Layers { get; }

    /// <summary>All weights in the order in which <see cref="DecoderShape.Build"/> takes them.</summary>
    public float[] Weights() => [.. Layers.Layers.SelectMany(Weights)];

    private IEnumerable<float> Weights(Layer layer) => layer switch
    {
        Residual residual => residual.Inner.SelectMany(Weights),
        Convolution1D c when c.Outputs == 3 * _shape.Width && c.FanIn == _shape.Width =>
            Enumerable.Range(0, 3).SelectMany(part => Matrix(c, part * _shape.Width, _shape.Width)),
        Convolution1D c => Matrix(c, 0, c.Outputs),
        _ => layer.Parameters.SelectMany(p => p.Value),
    };

    /// <summary>Some outputs of a layer as a matrix [output][input], then their biases.</summary>
    private static IEnumerable<float> Matrix(Convolution1D layer, int first, int count)
    {
        for (int o = first; o < first + count; o++)
        {
            for (int i = 0; i < layer.FanIn; i++)
                yield return layer.Weights.Value[i * layer.Outputs + o];
        }

        for (int o = first; o < first + count; o++)
            yield return layer.Bias.Value[o];
    }
}
