namespace TinyAI.GestureTrainer;

/// <summary>
/// Transcendental functions made of plain IEEE additions and multiplications. The runtime's own come from the operating
/// system's mathematics library and may differ in the last bit between systems, and after some thousand training steps a
/// last bit has become another model; the checked-in weights must come out the same everywhere.
/// </summary>
internal static class DeterministicMath
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    public static double Exp(double x)
    {
        if (x < -700)
            return 0;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(x, 700);
        double n = Math.Floor(x * 1.44269504088896338700 + 0.5);
        double r = x - n * Ln2High - n * Ln2Low;
        double sum = 1;
        for (int k = 14; k >= 1; k--)
            sum = 1 + sum * r / k;
        return sum * BitConverter.Int64BitsToDouble(((long)n + 1023) << 52);
    }

    public static double Sin(double x)
    {
        x -= Math.Floor(x / (2 * Math.PI) + 0.5) * (2 * Math.PI);
        double square = x * x;
        double sum = 1;
        for (int k = 27; k >= 3; k -= 2)
            sum = 1 - sum * square / (k * (k - 1));
        return x * sum;
    }

    public static double Cos(double x) => Sin(x + Math.PI / 2);
}
