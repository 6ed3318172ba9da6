using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes fully connected layers with the weights as arguments: one method multiplies a block of inputs with a block of
/// weights, and is called for each. A weight takes one byte or two of flash then, where lanes in constants take four and more,
/// because the multiplications stand in flash once; but each costs more than a lane. It is right for layers whose weights
/// are many and used once, beside others that take most of the time. Sums wait in a small array between the calls.
/// </summary>
internal static class DotEmitter
{
    /// <summary>Weights of one call; they stand on the caller's evaluation stack, 12 bytes of heap each while it runs.</summary>
    private const int MostArguments = 120;

    /// <summary>Bytes of a call beside its weights, and of the method for each weight of a call: where both grow alike the layer is smallest.</summary>
    private const double CallBytes = 16, ArgumentBytes = 8.5;

    /// <summary>What a multiplication costs here, a call, a sum of each call, one with a constant place, an input, and an output, in additions.</summary>
    private const double MacAdds = 2.85, CallAdds = 7, SumAdds = 5.7, OnceSumAdds = 3.2, LoadAdds = 4, OutputAdds = 19;

    /// <summary>Straight code of an output; a call of the method that does the same, without its constants; that method.</summary>
    private const int StraightBytes = 60, StoreBytes = 16, StoreMethodBytes = 110;

    /// <summary>
    /// Writes a layer, or returns null where it has another shape or the time that lanes save is worth their flash; lanes is the
    /// form that it would have otherwise.
    /// </summary>
    public static LayerCode? Write(CodeLayer code, int index, CodeOptions options, CodeWorth worth, LayerCode lanes)
    {
        if (WeightArguments.ShapeOf(code, options) is not { } shape) return null;
        Layer layer = code.Layer;
        WindowGeometry g = shape.G;
        ChannelData[] channels = ChannelData.Of(layer, g.Taps);
        int outputs = Math.Min(channels.Length, Enumerable.Range(5, 6).MinBy(n => (channels.Length + n - 1) / n * n - channels.Length));
        int arguments = Math.Min(options.MethodLocals / 2, Math.Clamp((int)Math.Sqrt(CallBytes / ArgumentBytes * g.Taps * channels.Length), 3 * outputs, MostArguments));
        int inputs = Math.Min(g.Taps, Math.Max(1, arguments / outputs));
        CodeMethod method = Method(shape, channels, inputs, outputs, $"Layer{index}_0", layer.Origin.ToString());
        double calls = Math.Ceiling(g.Taps / (double)inputs) * Math.Ceiling(channels.Length / (double)outputs);
        double adds = MacAdds * g.Taps * channels.Length + OutputAdds * channels.Length + calls * (CallAdds + (outputs >= channels.Length ? OnceSumAdds : SumAdds) * outputs + LoadAdds * inputs);
        int saved = lanes.FlashBytes - method.IlBytes;
        if (method.IlBytes > options.MethodIlBytes || saved <= 0 || worth.Pays(adds - lanes.Adds!.Value, saved)) return null;

        int sums = (channels.Length + outputs - 1) / outputs * outputs;
        var field = new CodeField("int[]", "_dots", $"new int[{sums}]", HeapModel.Array(sums, 4), 0);
        var call = new CodeCall(method, $"({Names.BlockOf(layer.Input!.Value)}, {Names.BlockOf(layer.Output!.Value)}, _dots)", Names.CallIl);
        string note = $"Weights as arguments, {inputs} inputs times {outputs} outputs a call; {channels.Length} sums of {g.Taps} products each.";
        return new LayerCode(index, [note], [method], [field], [call]) { Adds = adds };
    }

    private static CodeMethod Method(ConvShape shape, ChannelData[] channels, int inputs, int outputs, string name, string origin)
    {
        var code = new CodeText(2);
        int taps = shape.G.Taps;
        bool once = outputs >= channels.Length;
        CommonForm? one = CommonForm.Of(shape, channels);
        code.Open($"public static void {name}(sbyte[] x, sbyte[] y, int[] s)", 1);
        if (one is null) code.Line($"System.Array.Clear(s, 0, {(channels.Length + outputs - 1) / outputs * outputs});", 9);
        else foreach (ChannelData[] some in channels.Chunk(8))
        {
            code.Line(string.Join(' ', some.Select(c => $"s[{c.Index}] = {one.Start(c)};")), some.Sum(c => 2 + CodeText.IntBytes(c.Index) + CodeText.IntBytes(one.Start(c))));
        }

        for (int o = 0; o < channels.Length; o += outputs)
        {
            foreach ((int from, int done) in WeightArguments.Blocks(taps, inputs))
            {
                int[] weights =
                [
                    .. Enumerable.Range(o, outputs).SelectMany(c => Enumerable.Range(from, inputs).Select(t => c < channels.Length && t >= done ? channels[c].Taps[t] : 0)),
                ];
                code.List($"{name}Dots(x, {shape.XBase + from}, s{(once ? "" : $", {o}")}", weights.Select(w => $"{w}"), ");",
                    8 + CodeText.IntBytes(shape.XBase + from) + (once ? 0 : CodeText.IntBytes(o)) + weights.Sum(CodeText.IntBytes));
            }
        }

        Dictionary<int, RequantiseForm> forms = one is null ? RequantiseForm.Of(shape, channels.Select(c => new LaneGroup([c], [])), origin) : [];
        bool shared = one is null && Stores(code, shape, channels, forms, name);
        if (one is not null)
        {
            one.Declare(code);
            code.Open($"for (int i = 0; i < {channels.Length}; i++)", 14);
            one.Store(code, "s[i]", 4, $"y[{CodeText.At("i", shape.YBase)}]", 3 + CodeText.IntBytes(shape.YBase));
            code.Close();
        }

        code.Close();
        Dots(code, $"{name}Dots", inputs, outputs, once);
        if (shared) StoreMethod(code, shape, forms.Values, $"{name}Store");
        return new CodeMethod(name, code.ToString(), code.IlBytes, Methods: shared ? 3 : 2);
    }

    /// <summary>Writes what requantises and stores the sums, and tells whether it calls a method for each.</summary>
    private static bool Stores(CodeText code, ConvShape shape, ChannelData[] channels, Dictionary<int, RequantiseForm> forms, string name)
    {
        int shift = forms.Values.Max(f => f.Shift);
        RequantiseForm Lifted(ChannelData c) => forms[c.Index].Lifting(-c.SumRange(shape.Input, 0, c.Taps.Length).Low);
        bool shared = (StraightBytes - StoreBytes - 14) * channels.Length > StoreMethodBytes
            && forms.Values.All(f => f is { SignCorrection: false, ZeroPoint: 0, TwoTests: false } && f.Multiplier << (shift - f.Shift) < int.MaxValue && f.Largest < 1L << (60 - shift + f.Shift));
        if (!shared) RequantiseForm.Declare(code, forms.Values, shape.OutMin, shape.OutMax, raised: false);
        foreach (ChannelData channel in channels)
        {
            RequantiseForm form = Lifted(channel);
            if (!shared)
            {
                form.Write(code, $"s[{channel.Index}]", 4, $"y[{shape.Y(channel.Index)}]", 1 + shape.IndexBytes(channel.Index, shape.YBase), raised: false);
                continue;
            }

            int up = shift - form.Shift;
            long addend = (form.Addend << up) + (Raises(shape, forms.Values) ? 128L << shift : 0);
            code.Line($"{name}Store(y, {shape.Y(channel.Index)}, s[{channel.Index}], {form.Multiplier << up}, {CodeText.Long(addend)});",
                StoreBytes + CodeText.IntBytes((int)(form.Multiplier << up)) + CodeText.LongBytes(addend));
        }

        return shared;
    }

    private static bool Raises(ConvShape shape, IReadOnlyCollection<RequantiseForm> forms) =>
        forms.Any(f => f.NeedsLow(false)) && forms.Any(f => f.High is not null) && shape is { OutMin: sbyte.MinValue, OutMax: sbyte.MaxValue };

    private static void StoreMethod(CodeText code, ConvShape shape, IReadOnlyCollection<RequantiseForm> forms, string name)
    {
        code.Line();
        code.Open($"private static void {name}(sbyte[] y, int at, int sum, int multiplier, long addend)", 1);
        code.Line($"long q = ((long)sum * multiplier + addend) >> {forms.Max(f => f.Shift)};", 12);
        StoreConstants.WriteBounded(
            code, forms.Any(f => f.NeedsLow(false)), forms.Any(f => f.High is not null), Raises(shape, forms), shape.OutMin, shape.OutMax, "y[at]", 2);
        code.Close();
    }

    /// <summary>Writes the method for a block; once tells whether a block has all outputs, whose sums then have constant places.</summary>
    private static void Dots(CodeText code, string name, int inputs, int outputs, bool once)
    {
        code.Line();
        code.Line("// Adds the products of some inputs with their weights, output by output, to the sums.");
        WeightArguments.OpenDots(code, $"{name}(sbyte[] x, int xAt, int[] s{(once ? "" : ", int sAt")}", "int", inputs * outputs, inputs, 8);
        for (int o = 0; o < outputs; o++)
        {
            string sum = once ? $"s[{o}]" : $"s[{CodeText.At("sAt", o)}]";
            code.Sum($"{sum} = ", [sum, .. Enumerable.Range(0, inputs).Select(i => $"x{i} * w{o * inputs + i}")], (once ? 8 : 11) + 6 * inputs);
        }

        code.Close();
    }
}
