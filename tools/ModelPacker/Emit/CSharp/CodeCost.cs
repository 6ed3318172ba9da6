using TinyAI.ModelPacker.Emit.CSharp.Layers;
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
    public const double Term = 2.39, LocalTerm = 2.52, Start = 1.2;

    /// <summary>Cutting a sum out, requantising, testing and storing it; the same at a constant index; from arguments.</summary>
    public const double Output = 12, FixedOutput = 10.6, ArgumentOutput = 13;

    /// <summary>The maximum of two sums with all their lanes; a turn of a loop with its pointers.</summary>
    public const double Maximum = 9.8, Turn = 8;

    /// <summary>A call with two places; Array.Copy.</summary>
    public const double Call = 8, Copy = 20;

    /// <summary>Moving a sum out of its lane into a sum of its own.</summary>
    private const double Spill = 3;

    /// <summary>A convolution's methods over all positions; outputs is what they store.</summary>
    public static double Convolution(ConvShape shape, IReadOnlyCollection<LaneGroup> groups, int methods, long outputs)
    {
        WindowWalk walk = shape.Walk;
        double positions = (double)walk.Batch * walk.Outer.Out * walk.Inner.Out;
        double kept = shape.Slides ? shape.G.Taps * walk.Inner.Kept : 0, load = shape.IsOnePosition ? FixedLoad : Load;
        double window = (shape.G.Taps - kept) * load + kept * Move + Turn;
        double work = Term * groups.Sum(Terms) + groups.Sum(g => g.Segments.Length * Start + (g.Segments.Length > 1 ? g.Segments.Length * g.Channels.Length * Spill : 0));
        if (shape.Pools) work += groups.Count * Maximum;
        return positions * (work + methods * window) + outputs * (shape.IsOnePosition ? FixedOutput : Output) + methods * Call;
    }

    /// <summary>A tiled fully connected layer.</summary>
    public static double Tiled(IReadOnlyCollection<LaneGroup> groups, int taps, int wide, int tiles, int outputs) =>
        Term * groups.Sum(Terms) + (double)taps * wide * FixedLoad + groups.Count * (double)tiles / wide * 6 + outputs * FixedOutput + tiles * Call;

    /// <summary>A depthwise convolution: every channel walks over all tiles.</summary>
    public static double Depthwise(WindowWalk walk, int tile, int channels, int taps)
    {
        WalkAxis inner = walk.Inner, outer = walk.Outer;
        double tiles = Math.Ceiling(outer.Out / (double)tile), columns = walk.Slides ? inner.SlideTaps : inner.Kernel;
        double rows = tile == 1 ? outer.Kernel : Math.Min(outer.Kernel * tile, outer.Kernel + (tile - 1) * Math.Max(1, outer.Kept > 0 ? outer.SlideTaps : outer.Kernel));
        double pack = tile == 1 ? 0 : outer.Kernel * (0.86 * (tile + 1) / 2 + (tile - 1) * 1.38);
        double step = columns * (rows * Load + pack) + (taps - columns * outer.Kernel) * Move + taps * LocalTerm + tile * ArgumentOutput + Turn;
        double fill = walk.Slides ? (inner.Kernel - inner.SlideTaps) * (rows * Load + pack) : 0;
        return channels * (walk.Batch * tiles * (inner.Out * step + fill + Turn) + taps * 1.8 + 20);
    }

    /// <summary>A straight layer: bytes read and positions of all tiles, sums of one position (tile positions where lanes hold those).</summary>
    public static double Straight(double loads, double tiles, double sums, double terms, double packs, double outputs) =>
        loads * FixedLoad + tiles * (2 * Copy + Turn) + sums * Start + terms * Term + packs * 4.5 + outputs * FixedOutput;

    /// <summary>Terms of a group's sum that are not left out because all weights are 0.</summary>
    private static int Terms(LaneGroup group) => group.Segments.Sum(s => Enumerable.Range(s.FromTap, s.ToTap - s.FromTap).Count(t => group.Weight(s, t) != 0));
}
