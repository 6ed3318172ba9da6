using TinyAI.ModelPacker.Emit.CSharp.Library;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Looks for the fastest draft of a library with at most the wanted flash, per weight and in all.
/// <para>
/// Drafts are written for rates at which time is given for flash, cheaper and dearer, so that there are several forms of each layer.
/// From these, layer after layer, all combinations are made that no other beats in both time and flash. The fastest that is small
/// enough is taken, if it is still fast or not much slower than the usual draft; otherwise the smallest that is fast; for a model
/// that never is, the usual one; and the fastest of all that fits where none of these fits the flash. Limit: the flash of a combination is reckoned layer by layer, without what layers share, so the real
/// size decides among neighbours.
/// </para>
/// </summary>
/// <param name="library">The library of a draft.</param>
/// <param name="at">The draft for a multiple of the usual rate.</param>
/// <param name="options">What is wanted.</param>
internal sealed class DraftSearch(Func<CodeDraft, GeneratedLibrary> library, Func<double, CodeDraft> at, CodeOptions options)
{
    /// <summary>Rates that are tried below the usual one and above it, and the factor from one to the next.</summary>
    private const int CheaperRates = 2, DearerRates = 9;
    private const double Dearer = 2, Slower = 1.1;

    /// <summary>Combinations that are followed up, and those of which the real size is asked.</summary>
    private const int MostCombinations = 4000, Neighbours = 24;

    private readonly Dictionary<CodeDraft, GeneratedLibrary> _libraries = new(ReferenceEqualityComparer.Instance);

    /// <summary>The draft for the usual rate, or a smaller one; loopAdds is what straightforward loops would take.</summary>
    public CodeDraft Denser(CodeDraft usual, double loopAdds)
    {
        if (IsSmall(usual)) return usual;
        double fast = loopAdds / options.TimesFaster;
        CodeDraft[] frontier = [.. Frontier(usual).Select(c => c.Of(usual))];
        CodeDraft? small = First([.. frontier.Where(d => d.Adds <= Math.Max(fast, Slower * usual.Adds))], IsSmall);
        if (small is not null) return small;
        CodeDraft? smallest = frontier.Where(d => d.Adds <= fast).TakeLast(Neighbours).MinBy(d => Library(d).FlashBytes);
        if (smallest is not null && Fits(smallest)) return smallest;
        return Fits(usual) ? usual : First(frontier, Fits) ?? usual;
    }

    /// <summary>The fastest of these that is small enough, where they are in the order of their time and mostly of their flash, or null.</summary>
    private static CodeDraft? First(CodeDraft[] drafts, Func<CodeDraft, bool> isEnough)
    {
        int low = 0, high = drafts.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (isEnough(drafts[middle])) high = middle;
            else low = middle + 1;
        }

        return drafts.Skip(low - Neighbours / 2).Take(Neighbours).FirstOrDefault(isEnough);
    }

    private bool IsSmall(CodeDraft draft) => Library(draft).BytesPerWeight <= options.BytesPerWeight && Fits(draft);

    private bool Fits(CodeDraft draft) => Library(draft).FlashBytes <= options.MaxCodeBytes;

    private GeneratedLibrary Library(CodeDraft draft)
    {
        if (!_libraries.TryGetValue(draft, out GeneratedLibrary? written)) _libraries[draft] = written = library(draft);
        return written;
    }

    /// <summary>Some first layers, each in one form: what they take, and how they were chosen.</summary>
    private sealed record Combination(double Adds, int Bytes, Combination? Before, LayerCode? Last)
    {
        /// <summary>The draft with these forms of its layers.</summary>
        public CodeDraft Of(CodeDraft draft)
        {
            var layers = new List<LayerCode>();
            for (Combination? c = this; c?.Last is not null; c = c.Before) layers.Add(c.Last);
            layers.Reverse();
            return draft with { Layers = layers };
        }
    }

    /// <summary>Combinations of all layers, those that take longer after those that take less time and more flash.</summary>
    private List<Combination> Frontier(CodeDraft usual)
    {
        CodeDraft[] drafts = [usual, .. Enumerable.Range(-CheaperRates, CheaperRates + 1 + DearerRates).Where(i => i != 0).Select(i => at(Math.Pow(Dearer, i)))];
        List<Combination> frontier = [new(0, 0, null, null)];
        for (int i = 0; i < usual.Layers.Count; i++)
        {
            int layer = i;
            LayerCode[] forms = [.. drafts.SelectMany(d => d.Forms[layer]).DistinctBy(l => (usual.AddsOf(layer, l), l.FlashBytes))];
            frontier = Unbeaten([.. frontier.SelectMany(c => forms.Select(l => new Combination(c.Adds + usual.AddsOf(layer, l), c.Bytes + l.FlashBytes, c, l)))]);
        }

        return frontier;
    }

    /// <summary>Those that no other beats in time and flash, one of each small step in time.</summary>
    private static List<Combination> Unbeaten(List<Combination> all)
    {
        double most = all.Max(c => c.Adds), least = all.Min(c => c.Adds), step = (most - least) / MostCombinations;
        var kept = new List<Combination>();
        foreach (Combination c in all.OrderBy(c => c.Adds).ThenBy(c => c.Bytes))
        {
            if (kept.Count > 0 && c.Bytes >= kept[^1].Bytes) continue;
            if (kept.Count > 1 && c.Adds - kept[^2].Adds < step) kept.RemoveAt(kept.Count - 1);
            kept.Add(c);
        }

        return kept;
    }
}
