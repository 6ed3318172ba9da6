namespace TinyAI.ModelPacker.Power;

/// <summary>
/// A curve of any length in a fixed number of columns, each with the least and the greatest value of its stretch of time.
/// When the columns are used up, neighbours are joined and each stands for twice the time.
/// </summary>
public sealed class Trace
{
    private readonly float[] _least;
    private readonly float[] _greatest;

    /// <summary>An empty curve from start on.</summary>
    /// <param name="columns">Columns at most, an even number.</param>
    /// <param name="start">Seconds.</param>
    /// <param name="columnSeconds">Seconds of a column at first.</param>
    public Trace(int columns, double start, double columnSeconds)
    {
        (_least, _greatest) = (new float[columns], new float[columns]);
        (Start, ColumnSeconds) = (start, columnSeconds);
        Array.Fill(_least, float.NaN);
        Array.Fill(_greatest, float.NaN);
    }

    /// <summary>Where the curve begins, in seconds.</summary>
    public double Start { get; }

    /// <summary>Seconds of a column.</summary>
    public double ColumnSeconds { get; private set; }

    /// <summary>Columns in use.</summary>
    public int Count { get; private set; }

    /// <summary>Least value of a column; NaN where it has none.</summary>
    public float Least(int column) => _least[column];

    /// <summary>Greatest value of a column; NaN where it has none.</summary>
    public float Greatest(int column) => _greatest[column];

    /// <summary>Adds a value at a time not before the latest.</summary>
    public void Add(double seconds, double value)
    {
        double column = (seconds - Start) / ColumnSeconds + 1e-6;
        if (column < 0) return;
        while (column >= _least.Length)
        {
            Fold();
            column = (seconds - Start) / ColumnSeconds + 1e-6;
        }

        int i = (int)column;
        if (!(_least[i] <= value)) _least[i] = (float)value;
        if (!(_greatest[i] >= value)) _greatest[i] = (float)value;
        Count = Math.Max(Count, i + 1);
    }

    private void Fold()
    {
        int half = _least.Length / 2;
        for (int i = 0; i < half; i++)
        {
            _least[i] = Join(_least[2 * i], _least[2 * i + 1], least: true);
            _greatest[i] = Join(_greatest[2 * i], _greatest[2 * i + 1], least: false);
        }

        Array.Fill(_least, float.NaN, half, half);
        Array.Fill(_greatest, float.NaN, half, half);
        ColumnSeconds *= 2;
        Count = (Count + 1) / 2;
    }

    private static float Join(float a, float b, bool least) =>
        float.IsNaN(a) ? b : float.IsNaN(b) ? a : least ? Math.Min(a, b) : Math.Max(a, b);
}
