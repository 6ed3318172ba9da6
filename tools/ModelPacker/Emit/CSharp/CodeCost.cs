using TinyAI.ModelPacker.Emit.CSharp.Sums;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// What generated code costs the interpreter, in 32-bit additions: sums of single operations of the statements that the
/// emitters write, weighed as on the host build. Good enough to choose by and to tell a user; the bench counts exactly, and
/// a test holds both together.
/// </summary>
internal static class CodeCost
{
    /// <summary>x[xAt + c] into a local; the same with a constant index; a local to a local.</summary>
    public const double Load = 4.6, FixedLoad = 3.2, Move = 0.86;

    /// <summary>A term of a sum whose weight is a constant, or a local; the start of a sum and its store.</summary>
    public const double Term = 2.39, LocalTerm = 2.52, Start = 0.75;

    /// <summary>Cutting a sum out, requantising, testing and storing it, of an average form; the same at a constant index; from arguments.</summary>
    public const double Output = 12, FixedOutput = 10.6, ArgumentOutput = 13;

    /// <summary>The same without tests of bounds; one test for both, and what it finds put right; a test for one; a correction of negative products.</summary>
    public const double FreeOutput = 9.3, BothBounds = 4.5, OneBound = 2.7, SignCorrection = 4;

    /// <summary>The maximum of two sums with all their lanes; a turn of a loop with its pointers.</summary>
    public const double Maximum = 9.8, Turn = 8;

    /// <summary>A call with two places; Array.Copy.</summary>
    public const double Call = 8, Copy = 20;

    /// <summary>Moving a sum out of its lane into a sum of its own; asking whether the window is full; widening a constant of 32 bits.</summary>
    private const double Spill = 3, Asked = 2.1, Widen = 0.62;

    /// <summary>A convolution's methods over all positions; outputs is what they store, each at the cost of store.</summary>
    public static double Convolution(ConvShape shape, IReadOnlyCollection<LaneGroup> groups, int methods, long outputs, double store)
    {
        WindowWalk walk = shape.Walk;
        double rows = (double)walk.Batch * walk.Outer.Out, positions = rows * walk.Inner.Out;
        (double window, double fill) = Window(walk.Inner, shape.G.Taps, shape.Slides, shape.IsOnePosition ? FixedLoad : Load);
        double work = Terms(groups) + groups.Sum(g => g.Segments.Length * Start + (g.Segments.Length > 1 ? g.Segments.Length * g.Channels.Length * Spill : 0));
        if (shape.Pools) work += groups.Count * Maximum;
        return positions * (work + methods * window) + (shape.IsOnePosition ? 0 : rows * methods * fill) + outputs * (shape.IsOnePosition ? store - Output + FixedOutput : store) + methods * Call;
    }

    /// <summary>What the window's values cost in a turn of the inner loop, with the turn, and at the beginning of a row.</summary>
    public static (double Turn, double Row) Window(WalkAxis inner, int taps, bool slides, double load)
    {
        double kept = slides ? taps * inner.Kept : 0, turn = (taps - kept) * load + kept * Move + Turn;
        if (kept == 0) return (turn, Turn);

        // A row begins with turns that only fill the window, which every turn asks about, or with loads where these do not divide it.
        int more = inner.Kernel - inner.SlideTaps, fills = more % inner.SlideTaps == 0 ? more / inner.SlideTaps : 0;
        return fills == 0 ? (turn, Turn + kept * load) : (turn + Asked, Turn + fills * (turn + Asked));
    }

    /// <summary>A tiled fully connected layer.</summary>
    public static double Tiled(IReadOnlyCollection<LaneGroup> groups, int taps, int wide, int tiles, int outputs) =>
        Terms(groups) + (double)taps * wide * FixedLoad + groups.Count * (double)tiles / wide * 6 + outputs * FixedOutput + tiles * Call;

    /// <summary>A depthwise convolution: every channel walks over all tiles.</summary>
    public static double Depthwise(WindowWalk walk, int tile, int channels, int taps)
    {
        WalkAxis inner = walk.Inner, outer = walk.Outer;
        double tiles = Math.Ceiling(outer.Out / (double)tile), columns = walk.Slides ? inner.SlideTaps : inner.Kernel;
        double rows = tile == 1 ? outer.Kernel : Math.Min(outer.Kernel * tile, outer.Kernel + (tile - 1) * Math.Max(1, outer.Kept > 0 ? outer.SlideTaps : outer.Kernel));
        double pack = tile == 1 ? 0 : outer.Kernel * (0.86 * (tile + 1) / 2 + (tile - 1) * 1.38);
        double moves = (taps - columns * outer.Kernel) * Move;
        double step = columns * (rows * Load + pack) + moves + taps * LocalTerm + tile * ArgumentOutput + Turn;
        double fill = walk.Slides ? (inner.Kernel - inner.SlideTaps) / (double)inner.SlideTaps * (columns * (rows * Load + pack) + moves + Turn + Asked) : 0;
        return channels * (walk.Batch * tiles * (inner.Out * step + fill + Turn) + taps * 1.8 + 20);
    }

    /// <summary>A straight layer: bytes read and positions of all tiles, sums of one position (tile positions where lanes hold those).</summary>
    public static double Straight(double loads, double tiles, double sums, double terms, double packs, double outputs) =>
        loads * FixedLoad + tiles * (2 * Copy + Turn) + sums * Start + terms * Term + packs * 4.5 + outputs * FixedOutput;

    /// <summary>The terms of some sums, without those whose weights are all 0.</summary>
    private static double Terms(IEnumerable<LaneGroup> groups) =>
        groups.SelectMany(g => g.Segments.SelectMany(s => Enumerable.Range(s.FromTap, s.ToTap - s.FromTap).Select(t => g.Weight(s, t))))
            .Sum(w => w == 0 ? 0 : CodeText.LongBytes(w) < 9 ? Term + Widen : Term);
}
