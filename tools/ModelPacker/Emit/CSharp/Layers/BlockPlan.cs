using TinyAI.ModelPacker.Emit.CSharp.Sums;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// How a layer is divided into blocks for <see cref="BlockEmitter"/>: each call of its method takes some rows of the kernel, some
/// input channels and some groups of output channels. Fields are the weights of a lane that share an argument. What all that costs is
/// reckoned here, so that the best of all divisions can be written.
/// </summary>
internal sealed record BlockPlan(WindowGeometry G, BlockWalk Walk, int Rows, int Channels, int Groups, int AllGroups, int Fields)
{
    /// <summary>Arguments of a call; sums that may wait.</summary>
    private const int MostArguments = 116, MostSums = 1024;

    /// <summary>Bits of a lane, and the fields that are tried.</summary>
    private const int LaneBits = 21, MostFields = 5;

    /// <summary>Adding to a sum that waits, an argument, taking the weights of a field out of it, and reading a sum that is ready, in additions.</summary>
    private const double SumAdds = 7, ArgumentAdds = 0.4, FieldAdds = 3.1, ReadAdds = 6, MaximumAdds = 20;

    /// <summary>Bytes of a call beside its weights, of a weight and a sum in the method, of taking a field out, and of the method's loops.</summary>
    private const int CallBytes = 10, WeightBytes = 6, SumBytes = 14, FieldBytes = 10, LoopBytes = 60;

    /// <summary>Taps of a block.</summary>
    public int Taps => Rows * G.Horizontal.Kernel * Channels;

    /// <summary>Weights of a call, three to a long.</summary>
    public int Weights => Taps * Groups;

    /// <summary>Arguments of a call.</summary>
    public int Arguments => (Weights + Fields - 1) / Fields;

    /// <summary>Bits of a field.</summary>
    public int FieldBits => LaneBits / Fields;

    /// <summary>Ranges of groups: each is computed for all blocks and stored before the next begins.</summary>
    public int Ranges => (AllGroups + Groups - 1) / Groups;

    /// <summary>Where the blocks begin, in rows of the kernel and in channels; the last overlaps the one before it.</summary>
    public IEnumerable<TapBlock> Blocks =>
        from row in Steps(G.Vertical.Kernel, Rows)
        from channel in Steps(G.GroupIn, Channels)
        select new TapBlock(Math.Min(row, G.Vertical.Kernel - Rows), Math.Min(channel, G.GroupIn - Channels), row, channel);

    /// <summary>Number of blocks.</summary>
    public int Count => ((G.Vertical.Kernel + Rows - 1) / Rows) * ((G.GroupIn + Channels - 1) / Channels);

    /// <summary>Output positions.</summary>
    public int Positions => Walk.Conv.Outer.Out * Walk.Conv.Inner.Out;

    /// <summary>The geometry of a block.</summary>
    public WindowGeometry Geometry => G with
    {
        GroupIn = Channels,
        Vertical = G.Vertical with { Kernel = Rows, TapStep = G.Horizontal.Kernel * Channels },
        Horizontal = G.Horizontal with { TapStep = Channels },
    };

    /// <summary>The constants of all calls: 9 bytes each, or 2 where it is for no weight that has not been done and nothing shares it.</summary>
    public int ConstantBytes
    {
        get
        {
            int all = Ranges * Count * Arguments, used = Fields > 1 ? all : G.Taps * AllGroups;
            return 9 * used + 2 * (all - used);
        }
    }

    /// <summary>Roughly, the bytes that depend on the division; constants is what the weights of all calls take.</summary>
    public double Bytes(double constants) =>
        constants + Ranges * Count * CallBytes + Weights * (WeightBytes + (Fields > 1 ? FieldBytes : 0)) + (Fields > 1 ? 22 : 0) + Taps * 9 + Groups * SumBytes + (Positions > 1 ? LoopBytes : 0) + Ranges * LoopBytes;

    /// <summary>The cost of a run in additions, without requantisation.</summary>
    public double Adds
    {
        get
        {
            (WalkAxis outer, WalkAxis inner) = (Walk.Conv.Outer, Walk.Conv.Inner);
            (double window, double row) = CodeCost.Window(inner, Taps, Walk.Conv.Slides, CodeCost.Load);
            double loops = Positions > 1 ? outer.Out * (inner.Out * window + row) : Taps * CodeCost.Load;
            double call = Positions * (Weights * CodeCost.LocalTerm + Groups * SumAdds) + loops + CodeCost.Call + Arguments * ArgumentAdds + (Fields > 1 ? Weights * FieldAdds : 0);
            double store = Positions * Groups * ReadAdds + Walk.Windows * CodeCost.Turn + (Positions - Walk.Windows) * Groups * MaximumAdds;
            return Ranges * (Count * call + store + CodeCost.Copy);
        }
    }

    /// <summary>How many weights of one lane an argument has room for: two of 8 bits, more where the least and the most are smaller.</summary>
    public static int FieldsFor(sbyte least, sbyte most) =>
        Enumerable.Range(2, MostFields - 1).Last(f => Math.Min(least, -1 - most) >= -(1 << (LaneBits / f - 1)));

    /// <summary>All divisions that the limits allow; fields is what <see cref="FieldsFor"/> allows.</summary>
    public static IEnumerable<BlockPlan> All(WindowGeometry g, BlockWalk walk, int groups, int mostLocals, int fields)
    {
        int[] ranges = [.. Enumerable.Range(1, groups).Select(r => (groups + r - 1) / r).Distinct()];
        IEnumerable<int> rows = g.GroupIn > 1 ? [g.Vertical.Kernel] : Sizes(g.Vertical.Kernel);
        return
            from row in rows
            from channel in Sizes(g.GroupIn)
            from some in ranges
            from shared in (int[])[.. new[] { 1, fields }.Distinct()]
            let plan = new BlockPlan(g, walk, row, channel, some, groups, shared)
            where plan.Count > 1 && plan.Arguments <= MostArguments && plan.Taps <= 64 && plan.Positions * some <= MostSums && plan.Taps + (shared > 1 ? plan.Weights + 2 : 0) + 8 <= mostLocals
            select plan;
    }

    /// <summary>Sizes of blocks that leave few taps over.</summary>
    private static IEnumerable<int> Sizes(int count) => Enumerable.Range(1, count).Select(n => (count + n - 1) / n).Distinct();

    private static IEnumerable<int> Steps(int count, int size) => Enumerable.Range(0, (count + size - 1) / size).Select(i => i * size);
}

/// <summary>The taps of one call: where it begins among the kernel's rows and the input channels, and how many of these earlier blocks have done.</summary>
internal readonly record struct TapBlock(int Row, int Channel, int RowsDone, int ChannelsDone);

/// <summary>The order in which a block visits the positions of a convolution, and in which the sums are stored, pooled or not.</summary>
/// <param name="Conv">Over positions, without those that no pooling window has.</param>
/// <param name="OuterPool">Positions of a pooling window along the outer loop.</param>
/// <param name="InnerPool">The same along the inner loop.</param>
/// <param name="OuterBytes">Bytes from one stored output to the next along the outer loop.</param>
/// <param name="InnerBytes">The same along the inner loop.</param>
internal sealed record BlockWalk(WindowWalk Conv, int OuterPool, int InnerPool, int OuterBytes, int InnerBytes)
{
    /// <summary>Stored positions.</summary>
    public int Windows => (Conv.Outer.Out / OuterPool) * (Conv.Inner.Out / InnerPool);

    /// <summary>The walk of a layer, or null where pooling windows are cut off at the border.</summary>
    public static BlockWalk? Of(WindowGeometry g, int[]? pool, bool padded, bool slides)
    {
        WindowWalk conv = WindowWalk.Of(g, null, padded), pooled = WindowWalk.Of(g, pool, padded);
        if (!slides) conv = conv with { Slides = false };
        (WalkAxis outer, WalkAxis inner) = pooled.IsTurned == conv.IsTurned ? (pooled.Outer, pooled.Inner) : (pooled.Inner, pooled.Outer);
        if (outer.HasPartialPool || inner.HasPartialPool) return null;
        return new BlockWalk(
            conv with { Outer = conv.Outer with { Out = outer.Out, Pooled = outer.Out }, Inner = conv.Inner with { Out = inner.Out, Pooled = inner.Out } }, outer.Pool, inner.Pool, outer.OutBytes, inner.OutBytes);
    }
}
