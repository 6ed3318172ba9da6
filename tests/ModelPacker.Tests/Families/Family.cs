using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>A small model of one family of the field, built with seeded weights, and how its inputs are drawn.</summary>
public abstract class Family
{
    /// <summary>Short name, for files and test cases.</summary>
    public abstract string Name { get; }

    /// <summary>What the model is made of, for the page of families.</summary>
    public abstract string Blocks { get; }

    /// <summary>The float graph.</summary>
    public abstract Graph Build();

    /// <summary>The inputs of one run from the initial state: one set of tensors, or one per step where the model keeps a state.</summary>
    public abstract IReadOnlyList<float[][]> Draw(Random random);

    /// <summary>The inputs over which ranges are measured.</summary>
    public virtual IEnumerable<IReadOnlyList<float[][]>> Calibration(Random random, int count) => Enumerable.Range(0, count).Select(_ => Draw(random));

    /// <summary>Whether the last dimension of the first output are the scores of classes, so that the largest means something.</summary>
    public virtual bool HasClasses => true;

    /// <summary>In how many of 100 places the largest score must be the same; 0 where weights are drawn.</summary>
    public virtual double LeastTop => 0;

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Normally distributed numbers.</summary>
    protected static float[] Noise(Random random, int count, double deviation = 1)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return values;
    }

    /// <summary>Ids below a limit.</summary>
    protected static float[] Ids(Random random, int count, int limit) => [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(limit))];

    /// <summary>An image [height, width, 3]: a colour, two waves and a little noise, as photographs are smooth and not centred.</summary>
    protected static float[] Image(Random random, int size)
    {
        var image = new float[size * size * 3];
        float[] noise = Noise(random, image.Length, 0.15), colour = Noise(random, 3, 0.7), wave = Noise(random, 12, 1);
        for (int i = 0; i < image.Length; i++)
        {
            double y = (double)(i / 3 / size) / size * 6, x = (double)(i / 3 % size) / size * 6;
            int c = i % 3;
            image[i] = (float)(colour[c] + Math.Sin(wave[c] * x + wave[c + 3] * y) + 0.5 * Math.Cos(3 * wave[c + 6] * x + wave[c + 9]) + noise[i]);
        }

        return image;
    }
}
