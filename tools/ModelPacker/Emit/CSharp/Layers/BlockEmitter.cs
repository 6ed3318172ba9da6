using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes convolutions and fully connected layers with the weights, three to a long, as arguments: one method multiplies a
/// block of taps (some input channels, or some rows of the kernel) with the weights of some groups of channels at all
/// positions, and is called for each block. So multiplications stand in flash once and a constant takes 9 bytes in place of 13. Lanes have
/// 21 bits and weights 8 at most, so that a long has room for two of each lane or more, which the method takes apart first: 4.5 bytes
/// for three weights then. Each activation is read once for all groups of a call; sums wait in an array between the calls, where a block costs one addition to each, and are stored when all
/// blocks are done, the largest of a pooling window where one follows. Limits: whole pooling windows, no groups of input channels,
/// one batch.
/// </summary>
internal static class BlockEmitter
{
    private const int Lanes = 3;

    /// <summary>What stores a group, where no method does.</summary>
    private const int StoreBytes = 190;

    /// <summary>Writes a layer, or returns null where it has another shape.</summary>
    public static LayerCode? Write(CodeLayer code, int index, CodeOptions options, CodeWorth worth, LayerCode constants)
    {
        Layer layer = code.Layer;
        WindowGeometry g = WindowGeometry.Of(layer)!;
        if (g.Batch > 1 || g.GroupIn != g.Channels || g.OutChannels < Lanes || options.MostLanes < Lanes) return null;
        ValueRange range = g.IsPadded ? code.Input.With(g.ZeroPoint) : code.Input;
        if (BlockWalk.Of(g, code.Pool, layer.Scratch is not null, options.SlideWindows) is not { } walk) return null;
        (int min, int max) = ConvEmitter.PooledClamp(g, code.Pool);
        ChannelData[][] groups = [.. ChannelData.Of(layer, g.Taps).Chunk(Lanes)];
        sbyte[] weights = [.. groups.SelectMany(group => group).SelectMany(c => c.Taps)];

        var plans = BlockPlan.All(g, walk, groups.Length, options.MethodLocals, BlockPlan.FieldsFor(weights.Min(), weights.Max())).Select(p => (Plan: p, Bytes: p.Bytes(p.ConstantBytes)))
            .Select(p => (p.Plan, p.Bytes, Parts: PartsOf(p.Plan, p.Bytes, options))).Where(p => p.Parts <= p.Plan.Ranges).ToList();
        if (plans.Count == 0) return null;
        (BlockPlan plan, _, int parts) = plans.MinBy(p => worth.Price(p.Plan.Adds, p.Bytes));
        Place input = layer.Scratch ?? layer.Input!.Value;
        var shape = new ConvShape(g, walk.Conv, range, [g.Taps], 0, min, max, false) { IsFast = options.Optimise == Optimise.Speed, Options = options };
        var writer = new BlockWriter(shape, plan, groups, $"layer {index}", worth);
        if (!writer.CanWrite) return null;
        (List<CodeMethod> methods, List<CodeCall> calls) = constants.Padding;
        for (int part = 0; part < parts; part++)
        {
            CodeMethod method = writer.Write(plan.Ranges * part / parts, plan.Ranges * (part + 1) / parts, $"Layer{index}_{methods.Count}");
            if (method.IlBytes > options.MethodIlBytes) return null;
            methods.Add(method);
            calls.Add(new CodeCall(method, $"({Names.Of(input)}, {Names.Of(layer.Output)}, _sums)", Names.CallIl + 6));
        }

        var field = new CodeField("long[]", "_sums", $"new long[{writer.Sums}]", HeapModel.Array(writer.Sums, 8), 0);
        string note = $"Weights as arguments, {(plan.Fields == 1 ? "three" : $"{Lanes * plan.Fields}")} to a long: {plan.Taps} taps of {Lanes * plan.Groups} channels a call{(walk.Conv.Slides ? "; the window slides" : "")}.";
        double adds = plan.Adds + layer.Output!.Value.Bytes * writer.StoreAdds + SharedStore.ChannelAdds * writer.SharedChannels * walk.Windows + (layer.Scratch is null ? 0 : PaddingEmitter.Adds(g));
        return new LayerCode(index, [note], methods, [field], calls) { Adds = adds };
    }

    /// <summary>Methods that a layer is divided into, ranges of groups to each.</summary>
    private static int PartsOf(BlockPlan plan, double bytes, CodeOptions options)
    {
        double own = plan.Bytes(0), range = (bytes - own + StoreBytes * plan.AllGroups) / plan.Ranges;
        int ranges = (int)((options.MethodIlBytes - own) / range);
        return ranges < 1 ? int.MaxValue : (plan.Ranges + ranges - 1) / ranges;
    }
}

/// <summary>The weights of a plan's calls.</summary>
internal sealed class BlockWeights(BlockPlan plan, ChannelData[][] groups)
{
    private static readonly Lane[] s_lanes = LanePacking.EvenLanes(3);

    /// <summary>A value in each lane.</summary>
    public static long InLanes(long value) => s_lanes.Sum(l => value << l.Shift);

    /// <summary>The arguments of a call.</summary>
    public IEnumerable<long> Of(int range, TapBlock block)
    {
        IEnumerable<long> weights = Weights(range, block);
        if (plan.Fields == 1) return weights;
        long raised = InLanes(1L << (plan.FieldBits - 1));
        return weights.Chunk(plan.Fields).Select(some => some.Select((w, field) => (w + raised) << (field * plan.FieldBits)).Sum());
    }

    /// <summary>The weights of a call, group by group; 0 where a tap has been done or a group is none.</summary>
    private IEnumerable<long> Weights(int range, TapBlock block)
    {
        WindowGeometry g = plan.G;
        for (int k = range * plan.Groups; k < (range + 1) * plan.Groups; k++)
        {
            for (int row = block.Row; row < block.Row + plan.Rows; row++)
            {
                for (int column = 0; column < g.Horizontal.Kernel; column++)
                {
                    for (int c = block.Channel; c < block.Channel + plan.Channels; c++)
                    {
                        bool done = row < block.RowsDone || c < block.ChannelsDone || k >= groups.Length;
                        int tap = row * g.Vertical.TapStep + column * g.Horizontal.TapStep + c;
                        yield return done ? 0 : groups[k].Select((channel, lane) => (long)channel.Taps[tap] << s_lanes[lane].Shift).Sum();
                    }
                }
            }
        }
    }
}
