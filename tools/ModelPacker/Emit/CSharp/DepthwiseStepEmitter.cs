using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Writes depthwise convolutions with one output position, as streaming models have them. No two sums share an activation or a
/// weight, so there are no lanes: each channel is one sum of 32-bit products. Its weights are arguments of a method, with one
/// constant for the requantisation beside them. Limit: taps that fit the arguments of a method.
/// </summary>
internal static class DepthwiseStepEmitter
{
    /// <summary>A term; a channel beside its terms: in additions.</summary>
    private const double Term = 6.2, Channel = 24;

    /// <summary>Writes a layer, or returns null where it has another shape; loops is the form that it would have otherwise.</summary>
    public static LayerCode? Write(CodeLayer code, int index, CodeOptions options, LayerCode loops)
    {
        Layer layer = code.Layer;
        WindowGeometry g = WindowGeometry.Of(layer)!;
        if (!DepthwiseEmitter.Takes(code, g) || g.Batch * g.Vertical.Out * g.Horizontal.Out != 1 || layer.Scratch is not null) return null;
        ChannelData[] channels = ChannelData.Of(layer, g.Taps);
        ConvShape shape = new(g, WindowWalk.Of(g, null, false), code.Input, [g.Taps], 0, g.OutMin, g.OutMax, false)
        {
            XBase = Names.StartOf(layer.Input!.Value), YBase = Names.StartOf(layer.Output!.Value), IsFast = true, Options = options,
        };
        Dictionary<int, RequantiseForm> forms = RequantiseForm.Of(shape, channels.Select(c => new LaneGroup([c], [])), layer.Origin.ToString());
        foreach (ChannelData c in channels) forms[c.Index] = forms[c.Index].Lifting(-c.SumRange(code.Input, 0, c.Taps.Length).Low);
        if (StoreConstants.Of(channels, forms, g.OutMin, g.OutMax, pooled: false) is not { } store) return null;
        CodeMethod method = Method(shape, channels, store, loops.Methods[^1].Name);
        if (method.IlBytes > options.MethodIlBytes) return null;
        var call = new CodeCall(method, $"({Names.BlockOf(layer.Input.Value)}, {Names.BlockOf(layer.Output.Value)})", Names.CallIl);
        return new LayerCode(index, [$"Weights as arguments, {g.Taps} of each of {channels.Length} channels."], [method], [], [call])
        {
            Adds = channels.Length * (Channel + Term * g.Taps) + CodeCost.Call,
        };
    }

    private static CodeMethod Method(ConvShape shape, ChannelData[] channels, StoreConstants store, string name)
    {
        int[] offsets = [.. shape.TapPlaces().Select(p => p.Offset)];
        bool one = shape.G.GroupOut == 1;
        var code = new CodeText(2);
        code.Open($"public static void {name}(sbyte[] x, sbyte[] y)", 1);
        foreach (ChannelData c in channels)
        {
            string places = one ? $"{c.Index}" : $"{c.Index}, {c.Index / shape.G.GroupOut}";
            code.List($"{name}Channel(x, y, {places}", [.. store[c.Index].Select(CodeText.Long), .. c.Taps.Select(w => $"{w}")], ");",
                7 + CodeText.IntBytes(c.Index) + (one ? 0 : CodeText.IntBytes(c.Index / shape.G.GroupOut)) + store[c.Index].Sum(CodeText.LongBytes) + c.Taps.Sum(w => CodeText.IntBytes(w)));
        }

        code.Close();
        code.Line();
        code.Line($"// One channel{store.Comment}.");
        string from = one ? "at" : "xAt";
        code.List($"private static void {name}Channel(sbyte[] x, sbyte[] y, int at{(one ? "" : ", int xAt")}", [store.Parameters(0), .. Enumerable.Range(0, offsets.Length).Select(t => $"int w{t}")], ")", 1);
        code.Brace();
        code.Line("long q;");
        code.Sum("int s = ", [.. offsets.Select((o, t) => $"x[{At(from, shape.XBase + o)}] * w{t}")], 12 * offsets.Length);
        store.Write(code, "s", 0, $"y[{At("at", shape.YBase)}]", 4);
        code.Close();
        return new CodeMethod(name, code.ToString(), code.IlBytes, Methods: 2);
    }

    private static string At(string index, int offset) => offset == 0 ? index : $"{index} + {offset}";
}
