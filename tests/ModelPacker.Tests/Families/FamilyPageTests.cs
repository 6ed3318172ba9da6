using System.Globalization;
using System.Text;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>
/// docs/model-families.md. Blocks and sizes must be what the code says; the columns that compare with float may move a little,
/// because another processor adds floats in another order and so calibrates by the last bit otherwise.
/// </summary>
public class FamilyPageTests
{
    private const double CosineTolerance = 0.003, DecibelTolerance = 2, TopTolerance = 4;

    [Fact]
    public void The_page_of_families_says_what_the_models_are_and_give()
    {
        string page = Page(), path = Path.Combine(RepositoryFolder.Path, "docs", "model-families.md");
        if (Environment.GetEnvironmentVariable("TINYAI_UPDATE_DOCS") == "1") File.WriteAllText(path, page);
        Assert.True(File.Exists(path), "docs/model-families.md is missing; write it with TINYAI_UPDATE_DOCS=1 dotnet test tests/ModelPacker.Tests");
        string[] written = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n'), now = page.Split('\n');
        Assert.Equal(now.Length, written.Length);
        for (int i = 0; i < now.Length; i++)
            Assert.True(Agree(now[i], written[i]), $"docs/model-families.md, line {i + 1}, says\n{written[i]}\nwhere the models give\n{now[i]}\nRenew it with TINYAI_UPDATE_DOCS=1 dotnet test tests/ModelPacker.Tests");
    }

    private static string Page()
    {
        var page = new StringBuilder();
        page.Append(
            $"""
            # Model families

            <!-- written by a test from tests/ModelPacker.Tests/Families, see CONTRIBUTING.md -->

            One small model of each family, built by `tools/ModelPacker/Build` with seeded weights, quantised to int8 by smallest and largest values
            over seeded inputs, and run by the device's code on {FamilyFigures.Inputs} other inputs. The cosine is that between the outputs of the device and
            of the same graph in float, the mean over all inputs (for several outputs, the worst of them) and the lowest of any; it is low where all
            scores of one input lie near 0, because the noise stays the same. dB is signal to noise over all inputs, of the worst output; top-1 says how
            often the largest score is the same. But for those called trained, the weights are untrained: scores of such models lie close together, so
            their order says less than it does of a trained one. Flash is the pack, RAM the managed heap of a session; a decoder's figures are for one token.

            | family | blocks | MACs | flash | RAM | cosine | lowest | dB | top-1 |
            |--|--|--:|--:|--:|--:|--:|--:|--:|

            """.ReplaceLineEndings("\n"));
        foreach (FamilyFigures f in FamilyList.All.Select(FamilyFigures.Of))
        {
            string top = f.Top is { } percent ? string.Create(CultureInfo.InvariantCulture, $"{percent:0}%") : "–";
            page.Append(CultureInfo.InvariantCulture, $"| {f.Family.Name} | {f.Family.Blocks} | {f.Macs:N0} | {f.Flash:N0} | {f.Ram:N0} | {f.Cosine:0.0000} | {f.Lowest:0.000} | {f.Decibels:0} | {top} |\n");
        }

        page.Append(
            """

            Left open by a family's own choice of blocks, and tested beside them: GRU in both forms of its reset gate, softmax over rows of more
            than 4,095 values, masks of every shape that spreads over the scores, rotary positions in neighbouring pairs, GATHER with batch dimensions.
            Where the nanoFramework interpreter is at hand (NANO_SDK), `tests/NanoInterpreter.Tests` compares all families byte by byte with the desktop.

            """.ReplaceLineEndings("\n"));
        return page.ToString();
    }

    private static bool Agree(string now, string written)
    {
        if (now == written) return true;
        string[] a = now.Split('|'), b = written.Split('|');
        if (a.Length != b.Length || a.Length < 10) return false;
        return a[..6].SequenceEqual(b[..6]) && Near(a[6], b[6], CosineTolerance) && Near(a[7], b[7], 10 * CosineTolerance) && Near(a[8], b[8], DecibelTolerance) && Near(a[9], b[9], TopTolerance);
    }

    private static bool Near(string a, string b, double tolerance) =>
        a == b || (double.TryParse(a.Trim().TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out double x)
            && double.TryParse(b.Trim().TrimEnd('%'), NumberStyles.Float, CultureInfo.InvariantCulture, out double y) && Math.Abs(x - y) <= tolerance);
}
