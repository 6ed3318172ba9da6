using TinyAI.ModelPacker.Power;

namespace TinyAI.ModelPacker.Tests.Power;

/// <summary>The collections of fixed size against plain ones that keep everything.</summary>
public sealed class BoundedCollectionTests
{
    [Theory]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1000)]
    [InlineData(12345)]
    public void A_trace_has_the_least_and_greatest_value_of_every_column(int count)
    {
        var random = new Random(count);
        double[] values = [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())];
        var trace = new Trace(64, 0, 0.5);
        for (int i = 0; i < count; i++) trace.Add(i * 0.5, values[i]);
        int each = (int)(trace.ColumnSeconds / 0.5);
        Assert.True(each * 64 >= count && (each == 1 || each * 32 < count));
        Assert.Equal((count + each - 1) / each, trace.Count);
        for (int column = 0; column < trace.Count; column++)
        {
            double[] part = values[(column * each)..Math.Min((column + 1) * each, count)];
            Assert.Equal((float)part.Min(), trace.Least(column));
            Assert.Equal((float)part.Max(), trace.Greatest(column));
        }
    }

    [Fact]
    public void A_trace_keeps_a_gap_open()
    {
        var trace = new Trace(8, 0, 1);
        trace.Add(0, 1);
        trace.Add(3, 2);
        Assert.True(float.IsNaN(trace.Least(1)));
        Assert.True(float.IsNaN(trace.Greatest(2)));
        Assert.Equal(2, trace.Least(3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_histograms_median_is_within_a_bin_of_the_true_one(int seed)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, 10_001).Select(_ => Math.Pow(10, random.NextDouble() * 6 - 5))];
        var histogram = new Histogram();
        foreach (double value in values) histogram.Add(value, 1);
        double median = values.Order().ElementAt(5000);
        Assert.InRange(histogram.Median(), median / 1.011, median * 1.011);
    }

    [Fact]
    public void The_histograms_median_weighs_by_time()
    {
        var histogram = new Histogram();
        histogram.Add(1, 2);
        histogram.Add(5, 10);
        histogram.Add(9, 3);
        histogram.Add(0, 1);
        Assert.Equal(5, histogram.Median());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(1000)]
    public void A_thinned_list_keeps_an_even_choice(int count)
    {
        var list = new ThinnedList<int>(8);
        for (int i = 0; i < count; i++) list.Add(i);
        Assert.Equal(count, list.Count);
        Assert.InRange(list.Items.Count, Math.Min(count, 4), 8);
        int stride = list.Items.Count > 1 ? list.Items[1] : 1;
        Assert.Equal(Enumerable.Range(0, (count + stride - 1) / stride).Select(i => i * stride), list.Items);
    }
}
