using System.Globalization;

namespace TinyAI.Bench;

/// <summary>How far the forms should be below the baseline, and whether they are.</summary>
internal static class Targets
{
    /// <summary>The models that the targets are set for.</summary>
    public static IReadOnlyList<string> Models { get; } =
    [
        "gesture-attention", "gesture", "mltk_magic_wand", "nanguoyu_magic_wand_imu6", "tinymaix_mnist_arduino_q", "tinymaix_mnist_rect_q", "tinymaix_mnist_valid_q",
    ];

    /// <summary>One line per target, as Markdown.</summary>
    public static string Text(IReadOnlyList<BenchRow> rows) =>
        Line(rows, Models, "lanes", 5, r => r.LanesCost) + "\n" + Line(rows, Models, "code", 15, r => r.CodeCost) + "\n"
        + Line(rows, BenchRun.Larger, "lanes", 8, r => r.LanesCost) + "\n" + Line(rows, BenchRun.Larger, "code", 8, r => r.CodeCost) + "\n"
        + Flash(rows, "code", r => r.CodeBytesPerWeight) + "\n" + Flash(rows, "code with --optimise size", r => r.SmallCodeBytesPerWeight);

    /// <summary>Flash per weight that code may take.</summary>
    private const double MostBytesPerWeight = 5;

    private static string Flash(IReadOnlyList<BenchRow> rows, string form, Func<BenchRow, double?> bytes)
    {
        var known = rows.Where(r => bytes(r) is not null).ToLookup(r => bytes(r) <= MostBytesPerWeight, r => $"{r.Model} ({(Math.Ceiling(100 * bytes(r)!.Value) / 100).ToString("0.00", CultureInfo.InvariantCulture)})");
        string[] parts = [.. new[] { ("yes", known[true]), ("no", known[false]) }.Where(p => p.Item2.Any()).Select(p => $"{p.Item1} for {string.Join(", ", p.Item2)}")];
        return $"- {form} at most {MostBytesPerWeight:0} bytes of flash per weight: {(parts.Length == 0 ? "not measured" : string.Join("; ", parts))}.";
    }

    private static string Line(IReadOnlyList<BenchRow> rows, IReadOnlyList<string> models, string form, int factor, Func<BenchRow, long?> cost)
    {
        List<string> met = [], missed = [], unknown = [];
        foreach (string model in models)
        {
            if (rows.FirstOrDefault(r => r.Model == model) is not { PlainCost: { } plain } row || cost(row) is not ({ } own and > 0))
            {
                unknown.Add(model);
                continue;
            }

            // Rounded down: what is missed must not look as if it were met.
            string ratio = (Math.Floor(100m * plain / own) / 100).ToString("0.00", CultureInfo.InvariantCulture);
            (plain >= factor * own ? met : missed).Add($"{model} ({ratio})");
        }

        string[] parts = [.. new[] { ("yes", met), ("no", missed), ("not measured", unknown) }.Where(p => p.Item2.Count > 0).Select(p => $"{p.Item1} for {string.Join(", ", p.Item2)}")];
        return $"- {form} at least {factor} times lower than plain: {string.Join("; ", parts)}.";
    }
}
