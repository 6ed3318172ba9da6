using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;

namespace TinyAI.ModelPacker.Tests.Quantise;

/// <summary>Calibrators against closed forms and against brute force on the values themselves.</summary>
public sealed class CalibratorTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Fact]
    public void Min_max_takes_everything()
    {
        float[] values = Values(3);
        Assert.Equal(new ValueRange(values.Min(), values.Max()), new MinMaxCalibrator().Range(Of(values)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_percentile_cuts_as_many_values_as_sorting_does(int seed)
    {
        float[] values = Values(seed), sorted = [.. values.Order()];
        Histogram histogram = Of(values);
        ValueRange range = new PercentileCalibrator().Range(histogram);
        int cut = (int)(PercentileCalibrator.Tail * values.Length);
        Assert.True(cut > 0);
        Assert.InRange(sorted[cut], range.Min - 1e-5f, range.Min + 2 * (float)histogram.BinWidth);
        Assert.InRange(sorted[^(cut + 1)], range.Max - 2 * (float)histogram.BinWidth, range.Max + 1e-5f);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void The_divergence_is_that_of_the_two_distributions_written_out(int seed)
    {
        var random = new Random(seed);
        double[] bins = [.. Enumerable.Range(0, 2048).Select(i => random.Next(4) == 0 ? 0.0 : random.Next(1, 1000) * Math.Exp(-i / 300.0))];
        foreach (int cut in new[] { 128, 130, 500, 1111, 2047, 2048 })
        {
            bins[cut - 1] = 1;
            Assert.Equal(WrittenOut(bins, cut), EntropyCalibrator.Divergence(bins, cut), 1e-9);
        }
    }

    [Fact]
    public void Entropy_leaves_an_even_distribution_whole_and_cuts_a_lonely_outlier()
    {
        float[] even = [.. Enumerable.Range(0, 204800).Select(i => i / 204800f)];
        Assert.Equal(even.Max(), new EntropyCalibrator().Range(Of(even)).Max, 0.01f);
        float[] values = [.. Values(5), 80];
        Assert.InRange(new EntropyCalibrator().Range(Of(values)).Max, 2, 40);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_range_on_a_grid_has_a_much_smaller_squared_error_than_the_chosen_one(int seed)
    {
        float[] values = [.. Values(seed).Take(4000), .. seed % 2 == 0 ? new[] { 30f, -12f } : []];
        Histogram histogram = Of(values);
        double chosen = Error(values, new MseCalibrator().Range(histogram)), least = double.PositiveInfinity;
        for (int low = 1; low <= 32; low++)
        {
            for (int high = 1; high <= 32; high++)
                least = Math.Min(least, Error(values, new ValueRange(Math.Min(0, values.Min()) * low / 32, Math.Max(0, values.Max()) * high / 32)));
        }

        Assert.True(chosen <= 1.05 * least, $"{chosen} against {least}");
        Assert.True(chosen <= Error(values, histogram.Range) * 1.02);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Every_value_of_a_range_is_told_within_half_a_step_and_zero_exactly(int seed)
    {
        var random = new Random(seed);
        for (int i = 0; i < 200; i++)
        {
            double a = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 6)), b = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 6));
            var range = new ValueRange((float)Math.Min(a, b), (float)Math.Max(a, b));
            Quantisation q = Affine.Of(range);
            Assert.InRange(q.ZeroPoint, -128, 127);
            for (int k = 0; k <= 20; k++)
            {
                double x = range.Min + (range.Max - range.Min) * (k / 20.0);
                double integer = Math.Clamp(Math.Round(x / q.Scale) + q.ZeroPoint, -128, 127);
                Assert.True(Math.Abs((integer - q.ZeroPoint) * q.Scale - x) <= 0.51 * q.Scale + 1e-12, $"{range}, {x}");
            }
        }
    }

    [Fact]
    public void A_tensor_of_one_value_has_that_value_as_its_range()
    {
        foreach (Calibrator calibrator in Calibrator.All) Assert.Equal(new ValueRange(2, 2), calibrator.Range(Of([2, 2, 2])));
        Assert.True(Affine.Of(default).Scale > 0);
    }

    /// <summary>P and Q as Migacz writes them: arrays first, then the sum.</summary>
    private static double WrittenOut(double[] bins, int cut)
    {
        double[] p = bins[..cut], q = new double[cut];
        p[^1] += bins[cut..].Sum();
        for (int level = 0; level < 128; level++)
        {
            int[] members = [.. Enumerable.Range(0, cut).Where(i => i >= level * cut / 128 && i < (level + 1) * cut / 128)];
            int[] occupied = [.. members.Where(i => bins[i] > 0)];
            foreach (int i in occupied) q[i] = members.Sum(m => bins[m]) / occupied.Length;
        }

        double sumP = p.Sum(), sumQ = q.Sum();
        return p.Select((v, i) => v == 0 ? 0 : v / sumP * Math.Log(v / sumP / (q[i] / sumQ))).Sum();
    }

    private static double Error(float[] values, ValueRange range)
    {
        Quantisation q = Affine.Of(range);
        return values.Sum(v => Math.Pow((Math.Clamp(Math.Round(v / q.Scale) + q.ZeroPoint, -128, 127) - q.ZeroPoint) * q.Scale - v, 2));
    }

    private static Histogram Of(float[] values)
    {
        var histogram = new Histogram(ValueRange.Of(values));
        histogram.Add(values);
        return histogram;
    }

    /// <summary>Normal values, for odd seeds without the negative half.</summary>
    private static float[] Values(int seed)
    {
        var random = new Random(seed);
        float Next() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return [.. Enumerable.Range(0, 60000).Select(_ => seed % 2 == 1 ? Math.Max(0, Next()) + (float)random.NextDouble() * 0.01f : Next())];
    }
}
