using TinyAI.Bench.Forms;
using TinyAI.CostModel;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.Bench;

/// <summary>A form gave other outputs than the goldens: its cost means nothing.</summary>
internal sealed class WrongOutputException(string message) : Exception(message);

/// <summary>Measures models in all forms and sees to it that all forms agree to the bit.</summary>
internal static class BenchRun
{
    /// <summary>Models with more multiply-accumulates are left out unless they are asked for.</summary>
    public const long MaxMacs = 1_000_000;

    /// <summary>Larger models that a target is set for.</summary>
    public static IReadOnlyList<string> Larger { get; } = ["mlperf_kws_dscnn"];

    /// <summary>Every form there is.</summary>
    public static IReadOnlyList<IModelForm> Forms { get; } = [new PlainForm(), new RuntimeForm(), new RuntimeForm("lanes", LanePolicy.Always), new CodeForm()];

    /// <summary>Models of the zoo and the project's own, by name; those that are not int8 or too large come with the reason.</summary>
    public static IEnumerable<(string Name, BenchModel? Model, string? Skipped)> Models(string? zoo, string? repository, IReadOnlyCollection<string> only, bool larger = false)
    {
        var paths = new List<string>();
        if (zoo is not null) paths.AddRange(Directory.GetFiles(Path.Combine(zoo, "models"), "*.tflite"));
        if (repository is not null && Directory.Exists(Path.Combine(repository, "models")))
            paths.AddRange(Directory.GetFiles(Path.Combine(repository, "models"), "*.tflite", SearchOption.AllDirectories));
        foreach (string path in paths.OrderBy(p => Path.GetFileName(p), StringComparer.Ordinal))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            if (only.Count > 0 && !only.Contains(name)) continue;
            bool golden = zoo is not null && Directory.Exists(Path.Combine(zoo, "golden", name));
            BenchModel model = golden ? BenchModel.FromZoo(zoo!, name) : BenchModel.FromFile(path);
            long? macs = Macs(model);
            if (macs is null) yield return (name, null, model.Refusal);
            else if (macs > MaxMacs && only.Count == 0 && !(larger && Larger.Contains(name))) yield return (name, null, $"{macs:N0} MACs");
            else yield return (name, model, null);
        }
    }

    /// <summary>Measures one model.</summary>
    /// <exception cref="WrongOutputException">A form differs from the goldens or from the others.</exception>
    public static BenchRow Measure(BenchModel model, CostTable table, IReadOnlyCollection<string>? only = null)
    {
        var reports = new Dictionary<string, FormReport>();
        IReadOnlyList<byte[][]>? expected = model.Goldens.Count > 0 ? model.Goldens : null;
        foreach (IModelForm form in Forms.Where(f => only is null or { Count: 0 } || only.Contains(f.Name)))
        {
            if (form.Measure(model, table) is not { } report) continue;
            expected ??= report.Outputs;
            for (int i = 0; i < expected.Count; i++)
            {
                for (int o = 0; o < expected[i].Length; o++)
                {
                    if (!expected[i][o].AsSpan().SequenceEqual(report.Outputs[i][o]))
                        throw new WrongOutputException($"{model.Name} as {form.Name} differs from what is expected in case {i}, output {o}.");
                }
            }

            reports[form.Name] = report;
        }

        return new BenchRow(model.Name, Macs(model)!.Value, reports);
    }

    private static long? Macs(BenchModel model) => model.Packed?.Model.Layers.Sum(l => l.Macs) ?? PlainForm.Build(model)?.Macs;
}
