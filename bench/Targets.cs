using System.Globalization;

namespace TinyAI.Bench;

/// <summary>How far the forms should be below the baseline, and whether they are.</summary>
internal static class Targets
{
    /// <summary>The models that the targets are set for.</summary>
    public static IReadOnlyList<string> Models { get; } =
    [
        "gesture", "mltk_magic_wand", "nanguoyu_magic_wand_imu6", "tinymaix_mnist_arduino_q", "tinymaix_mnist_rect_q", "tinymaix_mnist_valid_q",
    ];

    /// <summary>One line per target, as Markdown.</summary>
    public static string Text(IReadOnlyList<BenchRow> rows) =>
        Line(rows, Models, "lanes", 5, r => r.LanesCost) + "\n" + Line(rows, Models, "code", 15, r => r.CodeCost) + "\n"
        + Line(rows, BenchRun.Larger, "lanes", 8, r => r.LanesCost) + "\n" + Line(rows, BenchRun.Larger, "code", 8, r => r.CodeCost);

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
