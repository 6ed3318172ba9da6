using TinyAI.GestureTrainer.Network;

namespace TinyAI.GestureTrainer;

/// <summary>A convolution, its ReLU, and a max pool when <see cref="Pool"/> is over 1.</summary>
internal sealed record ConvolutionBlock(int Channels, int Kernel, int Stride, int Pool);

/// <summary>The shape of the network: blocks, attention over time with so many heads (none where 0), one dense layer to the classes.</summary>
internal sealed record Architecture(IReadOnlyList<ConvolutionBlock> Blocks, int Heads = 0)
{
    /// <summary>
    /// The shape of the checked-in model. Stride and pooling come early, where time is long and channels are few; every
    /// channel count is a multiple of three, which is what three values to a machine word needs.
    /// </summary>
    public static Architecture Default { get; } = new([new(9, 5, 3, 2), new(12, 3, 2, 1), new(24, 3, 1, 1)], Heads: 4);

    /// <summary>The same idea without attention, for comparison: what the model was before it.</summary>
    public static Architecture Plain { get; } = new([new(9, 5, 3, 2), new(18, 3, 1, 2), new(24, 3, 1, 1)]);

    public Sequential Build(int classes, double dropout, SeededRandom random)
    {
        List<Layer> layers = [];
        int length = Recordings.Window;
        int channels = Recordings.Channels;
        foreach (ConvolutionBlock block in Blocks)
        {
            Convolution1D convolution = new(length, channels, block.Channels, block.Kernel, block.Stride);
            layers.Add(convolution);
            (length, channels) = (convolution.OutputLength, block.Channels);
            layers.Add(new Relu(length * channels));
            if (block.Pool > 1)
            {
                layers.Add(new MaxPool1D(length, channels, block.Pool));
                length /= block.Pool;
            }
        }

        if (Heads > 0)
        {
            layers.Add(new AttentionPool(length, channels, Heads));
            length = Heads;
        }

        if (dropout > 0)
            layers.Add(new Dropout(length * channels, dropout, random));
        layers.Add(new Dense(length * channels, classes));
        foreach (Layer layer in layers)
            layer.Initialise(random);
        return new Sequential(layers);
    }
}
