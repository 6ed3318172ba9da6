using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes layers with one output position channel by channel: the weights of a channel are arguments of a method that adds up its
/// products, 32 bits each, and stores the sum. For depthwise convolutions, as streaming models have them, there is no better form, as no
/// two sums share an activation or a weight; for small fully connected layers it takes little flash. What the requantisation needs of a
/// channel is an argument too: the start of its sum where all channels have one scale; or one constant or two where one rounding gives
/// the same; otherwise three for both roundings of the reference in products of a common shift, as <see cref="RoundedScale"/> explains.
/// Limit: taps that fit the arguments of a method.
/// </summary>
internal static class ChannelCallEmitter
{
    /// <summary>Weights of a call, which stand on the caller's evaluation stack.</summary>
    private const int MostTaps = 120;

    /// <summary>A term at an address that varies, or does not; a channel beside its terms: in additions.</summary>
    private const double Term = 6.2, FixedTerm = 4.8, Channel = 24;

    /// <summary>Writes a layer, or returns null where it has another shape; loops is the form that it would have otherwise.</summary>
    public static LayerCode? Write(CodeLayer code, int index, CodeOptions options, LayerCode loops)
    {
        Layer layer = code.Layer;
        if (WeightArguments.OnePosition(code, options) is not { } shape) return null;
        WindowGeometry g = shape.G;
        bool whole = g.GroupIn == g.Channels;
        if (whole ? g.Taps > MostTaps : !DepthwiseEmitter.Takes(code, g)) return null;
        ChannelData[] channels = ChannelData.Of(layer, g.Taps);
        Store? store = OneScale(shape, channels) ?? OneRounding(shape, channels, layer) ?? TwoRoundings(g, channels, code.Input);
        if (store is null) return null;
        CodeMethod method = Method(shape, channels, store, loops.Methods[^1].Name, whole);
        if (method.IlBytes > options.MethodIlBytes) return null;
        var call = new CodeCall(method, $"({Names.BlockOf(layer.Input!.Value)}, {Names.BlockOf(layer.Output!.Value)})", Names.CallIl);
        return new LayerCode(index, [$"Weights as arguments, {g.Taps} of each of {channels.Length} channels."], [method], [], [call])
        {
            Adds = channels.Length * (Channel + (whole ? FixedTerm : Term) * g.Taps) + CodeCost.Call,
        };
    }

    /// <summary>
    /// How sums are requantised and stored: a channel's constants as they are written and their bytes, the parameters that take them, what the
    /// sum begins with, the locals, and the statements.
    /// </summary>
    private sealed record Store(Func<ChannelData, (string[] Text, int Il)> Of, string Parameters, string Comment, Action<CodeText, string> Write)
    {
        public string[] Start { get; init; } = [];

        public Action<CodeText> Declare { get; init; } = code => code.Line("long q;");

        /// <summary>Constants of 64 bits.</summary>
        public static (string[] Text, int Il) Longs(long[] constants) => ([.. constants.Select(CodeText.Long)], constants.Sum(CodeText.LongBytes));
    }

    private static Store? OneScale(ConvShape shape, ChannelData[] channels)
    {
        if (CommonForm.Of(shape, channels) is not { } form) return null;
        return new Store(
            c => ([$"{form.Start(c)}"], CodeText.IntBytes(form.Start(c))), "int s0", ", whose sum begins at s0", (code, target) => form.Store(code, "s", 1, target, 4))
        {
            Start = ["s0"], Declare = form.Declare,
        };
    }

    private static Store? OneRounding(ConvShape shape, ChannelData[] channels, Layer layer)
    {
        Dictionary<int, RequantiseForm> forms = RequantiseForm.Of(shape, channels.Select(c => new LaneGroup([c], [])), layer.Origin.ToString());
        foreach (ChannelData c in channels) forms[c.Index] = forms[c.Index].Lifting(-c.SumRange(shape.Input, 0, c.Taps.Length).Low);
        if (StoreConstants.Of(channels, forms, shape.OutMin, shape.OutMax, pooled: false) is not { } store) return null;
        return new Store(c => Store.Longs(store[c.Index]), store.Parameters(0), store.Comment, (code, target) => store.Write(code, "s", 0, target, 4, $"{store.Down}"));
    }

    /// <summary>(((s * m + c) >> 31) * f + half) >> shift, with f as much larger as a channel's own shift is smaller.</summary>
    private static Store? TwoRoundings(WindowGeometry g, ChannelData[] channels, ValueRange input)
    {
        if (channels.Any(c => c.Scale.IsOnce || c.Scale.Shift > 0 || c.Scale.Multiplier < 0)) return null;
        int right = channels.Max(c => -c.Scale.Shift);
        long v = channels.Max(c =>
        {
            (long low, long high) = c.AccumulatorRange(input);
            return Math.Max(Math.Abs(low), Math.Abs(high)) * c.Scale.Multiplier >> 31;
        });
        int bits = 65 - (int)long.LeadingZeroCount(v), shift = bits + right;
        if (bits + shift > 58 || right == 0) return null;
        bool raises = g is { OutMin: sbyte.MinValue, OutMax: sbyte.MaxValue };
        long half = (1L << (shift - 1)) + ((long)(g.OutZero + (raises ? 128 : 0)) << shift);
        long Factor(ChannelData c) => c.Scale.Shift == 0 ? 1L << shift : ((1L << bits) + 1) << (right + c.Scale.Shift);
        return new Store(
            c => Store.Longs([c.Scale.Multiplier, (1L << 30) + (long)c.Bias * c.Scale.Multiplier, Factor(c)]), "long m, long c, long f", ": ((sum * m + c) >> 31) * f rounds twice",
            (code, target) =>
            {
                code.Line($"q = (((s * m + c) >> 31) * f + {CodeText.Long(half)}) >> {shift};", 22);
                StoreConstants.WriteBounded(code, true, true, raises, g.OutMin, g.OutMax, target, 4);
            });
    }

    private static CodeMethod Method(ConvShape shape, ChannelData[] channels, Store store, string name, bool whole)
    {
        int[] offsets = [.. shape.TapPlaces().Select(p => p.Offset)];
        // Where a channel has inputs of its own, they begin at its index or at that of its group.
        bool grouped = !whole && shape.G.GroupOut > 1;
        string X(int offset) => whole ? $"{shape.XBase + offset}" : CodeText.At(grouped ? "xAt" : "at", shape.XBase + offset);
        var code = new CodeText(2);
        code.Open($"public static void {name}(sbyte[] x, sbyte[] y)", 1);
        foreach (ChannelData c in channels)
        {
            string places = grouped ? $"{c.Index}, {c.Index / shape.G.GroupOut}" : $"{c.Index}";
            (string[] constants, int il) = store.Of(c);
            code.List($"{name}Channel(x, y, {places}", [.. constants, .. c.Taps.Select(w => $"{w}")], ");",
                7 + CodeText.IntBytes(c.Index) + (grouped ? CodeText.IntBytes(c.Index / shape.G.GroupOut) : 0) + il + c.Taps.Sum(w => CodeText.IntBytes(w)));
        }

        code.Close();
        code.Line();
        code.Line($"// One channel{store.Comment}.");
        code.List($"private static void {name}Channel(sbyte[] x, sbyte[] y, int at{(grouped ? ", int xAt" : "")}", [store.Parameters, .. Enumerable.Range(0, offsets.Length).Select(t => $"int w{t}")], ")", 1);
        code.Brace();
        store.Declare(code);
        code.Sum("int s = ", [.. store.Start, .. offsets.Select((o, t) => $"x[{X(o)}] * w{t}")], (whole ? 9 : 12) * offsets.Length);
        store.Write(code, $"y[{CodeText.At("at", shape.YBase)}]");
        code.Close();
        return new CodeMethod(name, code.ToString(), code.IlBytes, Methods: 2);
    }
}
