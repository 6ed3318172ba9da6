namespace TinyAI.ModelPacker.Power;

/// <summary>
/// The median of any number of positive values in fixed memory: a histogram whose bins are a hundredth wide and keep the
/// mean of what fell into them, so that a constant comes out exactly.
/// </summary>
internal sealed class Histogram
{
    private const int BinsPerOctave = 64;
    private const int LeastExponent = -40;
    private const int Octaves = 60;
    private readonly double[] _weights = new double[Octaves * BinsPerOctave];
    private readonly double[] _sums = new double[Octaves * BinsPerOctave];

    /// <summary>Weight of all values.</summary>
    public double Weight { get; private set; }

    /// <summary>Adds a value.</summary>
    public void Add(double value, double weight)
    {
        int bin = value <= 0 ? 0 : Math.Clamp((int)((Math.Log2(value) - LeastExponent) * BinsPerOctave), 0, _weights.Length - 1);
        _weights[bin] += weight;
        _sums[bin] += value * weight;
        Weight += weight;
    }

    /// <summary>The value below which half the weight lies; 0 where there is none.</summary>
    public double Median()
    {
        double below = 0;
        for (int bin = 0; bin < _weights.Length; bin++)
        {
            below += _weights[bin];
            if (_weights[bin] > 0 && below >= Weight / 2) return _sums[bin] / _weights[bin];
        }

        return 0;
    }
}

/// <summary>
/// A list that never holds more than a fixed number of items: when it is full, every second one goes, and from then on
/// every second one (fourth, eighth …) is taken.
/// </summary>
internal sealed class ThinnedList<T>(int most)
{
    private readonly List<T> _items = new(most);
    private long _stride = 1;

    /// <summary>Items added.</summary>
    public long Count { get; private set; }

    /// <summary>Items kept.</summary>
    public IReadOnlyList<T> Items => _items;

    /// <summary>Adds an item.</summary>
    public void Add(T item)
    {
        if (Count++ % _stride != 0) return;
        if (_items.Count == most)
        {
            for (int i = 1; 2 * i < most; i++) _items[i] = _items[2 * i];
            _items.RemoveRange((most + 1) / 2, most - (most + 1) / 2);
            _stride *= 2;
            if ((Count - 1) % _stride != 0) return;
        }

        _items.Add(item);
    }
}

/// <summary>Where the values of a quantity lie.</summary>
public sealed record Spread(double Minimum, double LowerQuartile, double Median, double UpperQuartile, double Maximum)
{
    /// <summary>The spread of at least one value; quartiles between two values are interpolated.</summary>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        double At(double part)
        {
            double position = part * (sorted.Length - 1);
            int below = (int)position;
            return below + 1 < sorted.Length ? sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]) : sorted[below];
        }

        return new Spread(sorted[0], At(0.25), At(0.5), At(0.75), sorted[^1]);
    }
}
