using System.Globalization;
using System.Text;

namespace TinyAI.ModelPacker.Survey;

/// <summary>The page that tells how models of others do: docs/onnx-models.md.</summary>
public static class SurveyPage
{
    private static readonly (string Letter, string Title)[] s_kinds =
    [
        ("a", "Quantised, QDQ"), ("b", "Quantised, QLinear, ConvInteger, dynamic"), ("c", "Transformers, LayerNorm, GELU"), ("d", "LSTM and GRU"),
        ("e", "Float CNNs and MLPs"), ("f", "Decoders with key/value cache"),
    ];

    /// <summary>The page's text.</summary>
    public static string Of(IReadOnlyList<SurveyResult> results)
    {
        var text = new StringBuilder();
        text.Append(
            """
            # ONNX models that nobody here made

            Written by `TINYAI_UPDATE_DOCS=1 dotnet test tests/ModelPacker.Tests` (or `modelpacker survey DIR -o FILE`) from a folder of public models with outputs of
            ONNX Runtime. *Float* is our float arithmetic on the desktop against those outputs, *device* the device's runtime, as signal to noise of all outputs over all
            cases; *worst* is the device in the worst single case. *Steps* is the share of output elements within two steps of the int8 output, with the largest difference in
            steps; *top* the cases with the same largest output, and those of our float arithmetic where they are fewer too.
            *Scales* says where they come from: `given` by the model, else measured by `quantize`, with the calibrator that won. There are five cases a model at most, too few to
            keep some aside: measured scales have seen the very cases that they are judged by.
            Where the model gives all scales, layers are rounded once as ONNX defines them, and most give the integers of the reference to the last one.
            An output that is a single number (dory_eegnet, dory_frontnet) has a poor worst case where that number lies near 0: its step stays the same.
            The 26 probabilities of ort_voice_commands all lie within one step of 1/26, so that none is the largest in int8. ort_layout_transform_reshape_qdq divides by numbers
            near 0, and its weights of nine bits are rounded to eight. The outputs of ort_gpt2_past were made with attention scaled by the root of its head size, the file divides by 8:
            the difference in float is theirs.

            """);
        foreach ((string letter, string title) in s_kinds)
        {
            SurveyResult[] rows = [.. results.Where(r => r.Model.Kind == letter)];
            if (rows.Length == 0) continue;
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n| model | runs | float dB | device dB | worst dB | steps | top | scales | flash | heap | MACs |\n|--|--|--:|--:|--:|--:|--:|--|--:|--:|--:|\n");
            foreach (SurveyResult row in rows) text.Append(Row(row));
        }

        foreach (SurveyResult row in results.Where(r => r.Reasons.Count > 0))
            text.Append(CultureInfo.InvariantCulture, $"\n{row.Model.Name} is refused:\n{string.Concat(row.Reasons.Select(r => $"\n- {r}"))}\n");
        return text.ToString();
    }

    private static string Row(SurveyResult row)
    {
        string real = row.Float is { } f ? Decibels(f.Decibels) : "";
        if (row.Device is not { } d || row.Account is not { } account) return $"| {row.Model.Name} | no | {real} | | | | | | | | |\n";
        string steps = string.Create(CultureInfo.InvariantCulture, $"{100 * d.WithinTwoSteps:F1} % ({d.LargestSteps:F0})");
        string top = d.SameTop is { } same ? $"{same}/{d.Cases}" + (row.Float?.SameTop < d.Cases ? $" (float {row.Float.SameTop}/{d.Cases})" : "") : "";
        return string.Create(CultureInfo.InvariantCulture, $"| {row.Model.Name} | yes | {real} | {Decibels(d.Decibels)} | {Decibels(d.Worst)} | {steps} | {top} | {row.Quantisation} | {account.FlashBytes:N0} | {account.PeakHeapBytes:N0} | {account.Macs:N0} |\n");
    }

    /// <summary>Beyond 120 dB float has no digits left.</summary>
    private static string Decibels(double value) => value >= 120 ? "120+" : value.ToString("F0", CultureInfo.InvariantCulture);
}
