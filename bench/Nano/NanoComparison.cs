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
    public static List<NanoComparison> Of(NanoSdk sdk, BenchModel model, BenchRow row, BenchRow probed)
    {
        var timings = new List<(string Form, NanoTiming Timing)>();
        foreach (INanoForm form in BenchRun.Forms.OfType<INanoForm>())
        {
            if (!row.Forms.ContainsKey(form.Name) || form.Application(model) is not { } application) continue;
            timings.Add((form.Name, new NanoTiming(sdk, application, probed.Forms[form.Name].Cost.Nanoseconds)));
        }

        for (int i = 0; i < NanoTiming.Rounds; i++)
        {
            foreach ((_, NanoTiming timing) in timings) timing.Round();
        }

        return [.. timings.Select(t => new NanoComparison(model.Name, t.Form, row.Forms[t.Form].Cost.Nanoseconds, probed.Forms[t.Form].Cost.Nanoseconds, t.Timing.Nanoseconds))];
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

    /// <summary>The page docs/interpreter.md.</summary>
    public static string Page(IReadOnlyList<NanoComparison> comparisons, double dotNanoseconds) =>
        Template.Read("interpreter.template.md")
            .Replace("{{dot}}", dotNanoseconds.ToString("0", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{{rounds}}", NanoTiming.Rounds.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{{table}}", Table(comparisons), StringComparison.Ordinal)
            .Replace("{{summary}}", Summary(comparisons, "probed", c => c.Probed) + "\n" + Summary(comparisons, "predicted", c => c.Predicted), StringComparison.Ordinal);

    /// <summary>How many measured ratios lie within a fifth of those that a table predicts, and which do not.</summary>
    private static string Summary(IReadOnlyList<NanoComparison> comparisons, string name, Func<NanoComparison, double> predicted)
    {
        const double Most = 0.2;
        var errors = (from c in comparisons
                      where c.Form != "plain"
                      from plain in comparisons
                      where plain.Model == c.Model && plain.Form == "plain"
                      select (Form: c, Error: c.RatioError(plain, predicted))).ToList();
        string[] off = [.. errors.Where(e => Math.Abs(e.Error) > Most).Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Form.Model} as {e.Form.Form} ({100 * e.Error:+0;-0} %)"))];
        return $"- {errors.Count - off.Length} of {errors.Count} ratios are within {100 * Most:0} % of the *{name}* one{(off.Length == 0 ? "" : "; not " + string.Join(", ", off))}.";
    }
}
