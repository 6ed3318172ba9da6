using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes fully connected layers with packed weights as arguments: one method multiplies some inputs with the weights of all outputs,
/// several to a 64-bit argument, and is called for each block of inputs. Between weights as constants in sums and single weights as
/// arguments (<see cref="DotEmitter"/>) in flash and in time: an argument takes 9 bytes for three weights, and the multiplications stand
/// in flash once. Packed sums wait in a small array between the calls. Limit: few outputs, whose whole sums fit their lanes.
/// </summary>
internal static class DotLanesEmitter
{
    /// <summary>Sums that a call works on; weights of a call, which stand on the caller's evaluation stack.</summary>
    private const int MostGroups = 8, MostArguments = 64;

    /// <summary>Bytes of a call beside its weights, of the method for an input, for a sum and for each weight.</summary>
    private const int CallBytes = 14, InputBytes = 9, SumBytes = 11, TermBytes = 6;

    /// <summary>A call, a weight as its argument, and a sum of it that waits in the array: in additions.</summary>
    private const double CallAdds = 7, ArgumentAdds = 0.4, SumAdds = 6.5;

    /// <summary>
    /// Writes a layer, or returns null where it has another shape or the time that constants save is worth their flash; constants is
    /// the form that it would have otherwise.
    /// </summary>
    public static LayerCode? Write(CodeLayer code, int index, CodeOptions options, CodeWorth worth, LayerCode constants)
    {
        if (constants.Adds is null || WeightArguments.ShapeOf(code, options) is not { } shape) return null;
        Layer layer = code.Layer;
        WindowGeometry g = shape.G;
        ChannelData[] channels = ChannelData.Of(layer, g.Taps);
        if (channels.Length < 2 || channels.Length > MostGroups * 2 || options.MostLanes < 2) return null;

        // Bounds of taps at which sums could be divided, so that packing reports sums that do not fit and does not fail.
        int[] ends = [.. Enumerable.Range(1, (g.Taps + 63) / 64).Select(i => Math.Min(i * 64, g.Taps))];
        List<LaneGroup> groups = LanePacking.Pack(channels, code.Input, ends, options.MostLanes);
        if (groups.Count > MostGroups || groups.Any(group => group.Segments.Length > 1)) return null;

        int Calls(int some) => (g.Taps + some - 1) / some;
        // A byte and an addition weigh about alike in a small model.
        int inputs = Enumerable.Range(1, Math.Min(g.Taps, MostArguments / groups.Count))
            .MinBy(n => Calls(n) * (CallBytes + CallAdds + groups.Count * (SumAdds + 9 * n)) + n * (InputBytes + TermBytes * groups.Count));
        CodeMethod method = Method(shape, groups, inputs, $"Layer{index}_0");
        double adds = Calls(inputs) * (CallAdds + inputs * (CodeCost.Load + groups.Count * (ArgumentAdds + CodeCost.LocalTerm)) + groups.Count * SumAdds)
            + channels.Length * CodeCost.FixedOutput + groups.Count * 4 + CodeCost.Call;
        int saved = constants.FlashBytes - method.IlBytes;
        if (method.IlBytes > options.MethodIlBytes || saved <= 0 || worth.Pays(adds - constants.Adds.Value, saved)) return null;

        var field = new CodeField("long[]", "_sums", $"new long[{groups.Count}]", HeapModel.Array(groups.Count, 8), 0);
        var call = new CodeCall(method, $"({Names.BlockOf(layer.Input!.Value)}, {Names.BlockOf(layer.Output!.Value)}, _sums)", Names.CallIl);
        string note = $"Weights as arguments, those of up to {groups.Max(group => group.Channels.Length)} outputs in one long; {inputs} inputs times {channels.Length} outputs a call.";
        return new LayerCode(index, [note], [method], [field], [call]) { Adds = adds };
    }

    private static CodeMethod Method(ConvShape shape, List<LaneGroup> groups, int inputs, string name)
    {
        var code = new CodeText(2);
        Dictionary<int, RequantiseForm> forms = RequantiseForm.Of(shape, groups, name);
        int taps = shape.G.Taps;
        code.Open($"public static void {name}(sbyte[] x, sbyte[] y, long[] s)", 1);
        RequantiseForm.Declare(code, forms.Values, shape.OutMin, shape.OutMax, raised: false);
        for (int i = 0; i < groups.Count; i++)
        {
            long start = groups[i].Segments[0].Start;
            code.Line($"s[{i}] = {CodeText.Long(start)};", 3 + CodeText.LongBytes(start));
        }

        foreach ((int from, int done) in WeightArguments.Blocks(taps, inputs))
        {
            long[] weights = [.. groups.SelectMany(g => Enumerable.Range(from, inputs).Select(t => t >= done ? g.Weight(g.Segments[0], t) : 0))];
            code.List($"{name}Dots(x, {shape.XBase + from}, s", weights.Select(CodeText.Long), ");", 8 + CodeText.IntBytes(shape.XBase + from) + weights.Sum(CodeText.LongBytes));
        }

        for (int i = 0; i < groups.Count; i++)
        {
            code.Line($"a = s[{i}];", 4);
            LaneGroup group = groups[i];
            for (int l = 0; l < group.Channels.Length; l++)
            {
                int channel = group.Channels[l].Index;
                RequantiseForm form = shape.IsFast ? forms[channel].Widened() : forms[channel];
                form.Write(code, LaneGroup.Unpack("a", group.Segments[0].Lanes, l), 7, $"y[{shape.Y(channel)}]", 1 + shape.IndexBytes(channel, shape.YBase), raised: false);
            }
        }

        code.Close();
        Dots(code, $"{name}Dots", inputs, groups.Count);
        return new CodeMethod(name, code.ToString(), code.IlBytes, Methods: 2);
    }

    private static void Dots(CodeText code, string name, int inputs, int groups)
    {
        code.Line();
        code.Line("// Adds the products of some inputs with their packed weights, sum by sum.");
        WeightArguments.OpenDots(code, $"{name}(sbyte[] x, int xAt, long[] s", "long", inputs * groups, inputs, InputBytes);
        for (int i = 0; i < groups; i++)
            code.Sum($"s[{i}] = ", [$"s[{i}]", .. Enumerable.Range(0, inputs).Select(n => $"x{n} * w{i * inputs + n}")], SumBytes + TermBytes * inputs);
        code.Close();
    }
}
