using TinyAI.ModelPacker.Emit.CSharp.Library;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Looks for the fastest draft of a library with at most the wanted flash, per weight and in all.
/// <para>
/// Both flash and time follow the rate at which time is given for flash, so the rate where flash is enough is found by halving. In
/// the draft for the rate before it layers are then exchanged for those of the other drafts that were tried, those first
/// that save most bytes for their time. For the wanted flash a model may become a little slower than it could be; where that does not
/// give it, the smallest draft is taken that is still fast, and of a model that never is, the fastest.
/// </para>
/// </summary>
/// <param name="library">The library of a draft.</param>
/// <param name="at">The draft for a multiple of the usual rate.</param>
/// <param name="options">What is wanted.</param>
internal sealed class DraftSearch(Func<CodeDraft, GeneratedLibrary> library, Func<double, CodeDraft> at, CodeOptions options)
{
    private const int Rates = 32;
    private const double Dearer = 1.22, Slower = 1.1;

    private readonly Dictionary<int, CodeDraft> _tried = [];
    private readonly Dictionary<CodeDraft, GeneratedLibrary> _libraries = new(ReferenceEqualityComparer.Instance);

    /// <summary>The draft for the usual rate, or a smaller one; loopAdds is what straightforward loops would take.</summary>
    public CodeDraft Denser(CodeDraft usual, double loopAdds)
    {
        if (IsSmall(usual)) return usual;
        double fast = loopAdds / options.TimesFaster;
        CodeDraft small = Within(usual, Math.Max(fast, Slower * usual.Adds));
        if (IsSmall(small)) return small;
        return usual.Adds > fast ? usual : Within(usual, fast);
    }

    private bool IsSmall(CodeDraft draft) => Library(draft) is { } l && l.BytesPerWeight <= options.BytesPerWeight && l.FlashBytes <= options.MaxCodeBytes;

    private GeneratedLibrary Library(CodeDraft draft)
    {
        if (!_libraries.TryGetValue(draft, out GeneratedLibrary? written)) _libraries[draft] = written = library(draft);
        return written;
    }

    private CodeDraft At(int rate)
    {
        if (!_tried.TryGetValue(rate, out CodeDraft? draft)) _tried[rate] = draft = at(Math.Pow(Dearer, rate));
        return draft;
    }

    /// <summary>A draft of no more than so many additions, with the wanted flash where that is possible.</summary>
    private CodeDraft Within(CodeDraft large, double most)
    {
        for (int low = 1, high = Rates; low <= high;)
        {
            int middle = (low + high) / 2;
            CodeDraft some = At(middle);
            if (IsSmall(some) || some.Adds > most) high = middle - 1;
            else (large, low) = (some, middle + 1);
        }

        int bytes = Library(large).FlashBytes;
        double Rate((LayerCode Large, LayerCode Small) l) => ((l.Small.Adds ?? 0) - (l.Large.Adds ?? 0)) / (l.Large.FlashBytes - l.Small.FlashBytes);
        var exchanges = _tried.Values.SelectMany(d => large.Layers.Zip(d.Layers)).Where(l => l.First.FlashBytes > l.Second.FlashBytes).OrderBy(Rate);
        foreach ((LayerCode before, LayerCode after) in exchanges.ToList())
        {
            if (IsSmall(large)) break;
            CodeDraft next = large with { Layers = [.. large.Layers.Select(l => l.Index == before.Index && after.FlashBytes < l.FlashBytes ? after : l)] };
            if (next.Adds > most || Library(next).FlashBytes >= bytes) continue;
            (large, bytes) = (next, Library(next).FlashBytes);
        }

        return large;
    }
}
