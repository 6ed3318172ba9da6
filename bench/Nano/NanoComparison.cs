using System.Globalization;
using System.Text;
using TinyAI.Bench.Forms;
using TinyAI.NanoInterpreter;

namespace TinyAI.Bench.Nano;

/// <summary>
/// The time of a form as predicted and as measured on the interpreter, in nanoseconds of one inference: predicted by the table that
/// the bench weighs with, and by one that was probed on the same interpreter in the same run.
/// </summary>
internal sealed record NanoComparison(string Model, string Form, double Predicted, double Probed, double Measured)
{
    /// <summary>Times every form of a model that has been weighed, by both tables, and can be built for the interpreter.</summary>
    public static IEnumerable<NanoComparison> Of(NanoSdk sdk, BenchModel model, BenchRow row, BenchRow probed)
    {
        foreach (INanoForm form in BenchRun.Forms.OfType<INanoForm>())
        {
            if (!row.Forms.TryGetValue(form.Name, out FormReport? report) || form.Application(model) is not { } application) continue;
            double nanoseconds = probed.Forms[form.Name].Cost.Nanoseconds;
            yield return new NanoComparison(model.Name, form.Name, report.Cost.Nanoseconds, nanoseconds, NanoTiming.Measure(sdk, application, nanoseconds));
        }
    }

    /// <summary>How far the measured ratio to plain is from a predicted one, as a share of that one.</summary>
    public double RatioError(NanoComparison plain, Func<NanoComparison, double> predicted) => plain.Measured / Measured / (predicted(plain) / predicted(this)) - 1;

    /// <summary>
    /// The comparisons as a table: times, the ratio to plain as measured, and what either table predicts of it. A machine is
    /// faster or slower as a whole, so the host's table is right where its ratios are; the probed one should be right in time, too.
    /// </summary>
    public static string Table(IReadOnlyList<NanoComparison> comparisons)
    {
        var text = new StringBuilder("| model | form | predicted ms | probed ms | measured ms | predicted/measured | probed/measured | plain/form, predicted | probed | measured | measured off predicted by | off probed by |\n");
        text.Append("|--|--|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n");
        foreach (NanoComparison c in comparisons)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {c.Model} | {c.Form} | {c.Predicted / 1e6:0.00} | {c.Probed / 1e6:0.00} | {c.Measured / 1e6:0.00} ");
            text.Append(CultureInfo.InvariantCulture, $"| {c.Predicted / c.Measured:0.00} | {c.Probed / c.Measured:0.00} ");
            NanoComparison? plain = comparisons.FirstOrDefault(p => p.Model == c.Model && p.Form == "plain");
            text.Append(plain is null ? "| | | | | |\n" : string.Create(CultureInfo.InvariantCulture,
                $"| {plain.Predicted / c.Predicted:0.00} | {plain.Probed / c.Probed:0.00} | {plain.Measured / c.Measured:0.00} | {c.RatioError(plain, p => p.Predicted):P0} | {c.RatioError(plain, p => p.Probed):P0} |\n"));
        }

        return text.ToString().TrimEnd('\n');
    }
}
