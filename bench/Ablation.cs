using System.Globalization;
using System.Text;
using TinyAI.Bench.Forms;
using TinyAI.CostModel;
using TinyAI.ModelPacker.Emit.CSharp;

namespace TinyAI.Bench;

/// <summary>What each trick of generated code gives: the same models without it, still with the same outputs.</summary>
internal static class Ablation
{
    private static readonly (string Name, CodeOptions Options)[] s_without =
    [
        ("several channels (or positions) in one 64-bit sum", new CodeOptions { MostLanes = 1 }),
        ("the third lane and the fourth", new CodeOptions { MostLanes = 2 }),
        ("the fourth lane", new CodeOptions { MostLanes = 3 }),
        ("windows that slide in locals", new CodeOptions { SlideWindows = false }),
        ("max pooling on sums, before requantisation", new CodeOptions { FusePooling = false }),
        ("one test for both bounds of int8", new CodeOptions { OneTestForBounds = false }),
        ("large methods and windows", new CodeOptions { MethodIlBytes = 28_000, WindowLocals = 128, MethodLocals = 196 }),
        ("weights as arguments, where they are used seldom", new CodeOptions { WeightsAsArguments = false }),
        ("the search for small requantisation constants", new CodeOptions { SearchRequantisation = false }),
        ("buying time with flash (straight rows, softmax and mean as code, 64-bit multipliers)", new CodeOptions { Optimise = Optimise.Size }),
    ];

    /// <summary>A row per trick, a column per model of the targets: cost and flash without it, compared to the form as it is.</summary>
    public static string Table(IEnumerable<BenchModel> models, CostTable table)
    {
        BenchModel[] columns = [.. models.Where(m => Targets.Models.Contains(m.Name))];
        FormReport[] whole = [.. columns.Select(m => Measure(m, new CodeOptions(), table))];
        var text = new StringBuilder($"| without | {string.Join(" | ", columns.Select(m => m.Name))} |\n|--|{string.Concat(columns.Select(_ => "--:|"))}\n");
        foreach ((string name, CodeOptions options) in s_without)
        {
            IEnumerable<string> cells = columns.Zip(whole).Select(c =>
            {
                FormReport report = Measure(c.First, options, table);
                return $"{Change(report.Cost.Adds / c.Second.Cost.Adds)} / {Change((double)report.FlashBytes / c.Second.FlashBytes)}";
            });
            text.Append($"| {name} | {string.Join(" | ", cells)} |\n");
        }

        return text.ToString().TrimEnd('\n');
    }

    private static FormReport Measure(BenchModel model, CodeOptions options, CostTable table)
    {
        FormReport report = new CodeForm(options).Measure(model, table)!;
        for (int i = 0; i < model.Goldens.Count; i++)
        {
            for (int o = 0; o < model.Goldens[i].Length; o++)
            {
                if (!model.Goldens[i][o].AsSpan().SequenceEqual(report.Outputs[i][o])) throw new WrongOutputException($"{model.Name} as code with {options} differs from what is expected in case {i}.");
            }
        }

        return report;
    }

    private static string Change(double ratio) => (100 * (ratio - 1)).ToString("+0;-0;0", CultureInfo.InvariantCulture) + " %";
}
