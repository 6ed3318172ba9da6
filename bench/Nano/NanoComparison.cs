using System.Globalization;
using System.Text;
using TinyAI.Bench.Forms;
using TinyAI.NanoInterpreter;

namespace TinyAI.Bench.Nano;

/// <summary>The time of a form as predicted and as measured on the interpreter, in nanoseconds of one inference.</summary>
internal sealed record NanoComparison(string Model, string Form, double Predicted, double Measured)
{
    /// <summary>How far the prediction is off, as a share of what was measured.</summary>
    public double Error => Predicted / Measured - 1;

    /// <summary>Times every form of a model that has been weighed and can be built for the interpreter.</summary>
    public static IEnumerable<NanoComparison> Of(NanoSdk sdk, BenchModel model, BenchRow row)
    {
        foreach (INanoForm form in BenchRun.Forms.OfType<INanoForm>())
        {
            if (!row.Forms.TryGetValue(form.Name, out FormReport? report) || form.Application(model) is not { } application) continue;
            yield return new NanoComparison(model.Name, form.Name, report.Cost.Nanoseconds, NanoTiming.Measure(sdk, application, report.Cost.Nanoseconds));
        }
    }

    /// <summary>
    /// The comparisons as a table. A machine is faster or slower as a whole, so errors are also given after removing the
    /// factor that all forms of all models have in common (the median).
    /// </summary>
    public static string Table(IReadOnlyList<NanoComparison> comparisons)
    {
        double[] ratios = [.. comparisons.Select(c => c.Predicted / c.Measured).Order()];
        double common = ratios.Length == 0 ? 1 : ratios[ratios.Length / 2];
        var text = new StringBuilder("| model | form | predicted ms | measured ms | error | error of ratios | ratio to plain, predicted | measured |\n|--|--|--:|--:|--:|--:|--:|--:|\n");
        foreach (NanoComparison c in comparisons)
        {
            NanoComparison? plain = comparisons.FirstOrDefault(p => p.Model == c.Model && p.Form == "plain");
            string ratio = plain is null ? " | " : string.Create(CultureInfo.InvariantCulture, $"{plain.Predicted / c.Predicted:0.00} | {plain.Measured / c.Measured:0.00}");
            text.Append(CultureInfo.InvariantCulture, $"| {c.Model} | {c.Form} | {c.Predicted / 1e6:0.00} | {c.Measured / 1e6:0.00} | {c.Error:P0} | {c.Predicted / c.Measured / common - 1:P0} | {ratio} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\nThe machine's common factor is {1 / common:0.00}.");
        return text.ToString();
    }
}
