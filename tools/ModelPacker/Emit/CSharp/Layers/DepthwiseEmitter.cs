using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes convolutions in which every input channel has kernels of its own. Activations are then not shared between
/// channels, so the lanes hold neighbouring output positions instead: x[p] + (x[p'] &lt;&lt; b) + (x[p''] &lt;&lt; 2b) times one
/// weight advances up to three outputs. The positions lie side by side across the inner loop, along which the packed window
/// slides. The code of a layer is one straight-line method; its weights are arguments, constants of the calls, one call
/// per channel. The last tile overlaps the one before it rather than being shorter.
/// </summary>
internal static class DepthwiseEmitter
{
    /// <summary>Larger windows are left to <see cref="ConvEmitter"/>.</summary>
    private const int MostTaps = 80;

    /// <summary>Whether this is the better form for a layer: few outputs share an input channel.</summary>
    public static bool Takes(CodeLayer code, WindowGeometry g) => code.Pool is null && g.GroupIn == 1 && g.GroupOut < 3 && g.Taps is > 1 and <= MostTaps;

    /// <summary>Writes a layer.</summary>
    /// <exception cref="UnsupportedModelException">Its accumulators can leave 32 bits.</exception>
    public static LayerCode Write(CodeLayer code, int index, CodeOptions options)
    {
        Layer layer = code.Layer;
        WindowGeometry g = WindowGeometry.Of(layer)!;
        ValueRange range = g.IsPadded ? code.Input.With(g.ZeroPoint) : code.Input;
        WindowWalk walk = WindowWalk.Of(g, null, layer.Scratch is not null);
        if (!options.SlideWindows) walk = walk with { Slides = false };
        ChannelData[] channels = ChannelData.Of(layer, g.Taps);
        int width = channels.Max(c => LanePacking.Width(c, range, 0, g.Taps));
        int tile = Math.Min(walk.Outer.Out, Math.Clamp(64 / Math.Max(width, 1), 1, Math.Min(3, options.MostLanes)));

        var methods = new List<CodeMethod>();
        var calls = new List<CodeCall>();
        if (layer.Scratch is { } padded) PaddingEmitter.Write(g, layer.Input!.Value, padded, methods, calls);

        var forms = channels.ToDictionary(c => c, c => Form(c, g, range, layer) with { TwoTests = !options.OneTestForBounds });
        Place input = layer.Scratch ?? layer.Input!.Value;
        foreach (var alike in channels.GroupBy(c => (forms[c].SignCorrection, forms[c].ZeroPoint, forms[c].CanRise)))
        {
            // Calls of about 40 bytes and three per weight; each method has a copy of the worker.
            int most = Math.Max(1, options.MethodIlBytes / (50 + 2 * g.Taps));
            foreach (ChannelData[] some in alike.Chunk(most))
            {
                var shape = new DepthwiseShape(g, walk, tile, alike.Key.SignCorrection, alike.Key.ZeroPoint, alike.Key.CanRise, some.Any(c => forms[c].Low is not null), some.Any(c => forms[c].High is not null));
                CodeMethod method = Method(shape, some, forms, range, $"Layer{index}_{methods.Count}");
                methods.Add(method);
                calls.Add(new CodeCall(method, $"({Names.Of(input)}, {Names.Of(layer.Output)})", Names.CallIl));
            }
        }

        string note = $"{tile} output positions in one long, {g.Taps} taps for each of {channels.Length} channels{(walk.Slides ? "; the window slides" : "")}.";
        double adds = CodeCost.Depthwise(walk, tile, channels.Length, g.Taps) + (layer.Scratch is null ? 0 : PaddingEmitter.Adds(g));
        return new LayerCode(index, [note], methods, [], calls) { Adds = adds };
    }

    private static RequantiseForm Form(ChannelData channel, WindowGeometry g, ValueRange range, Layer layer)
    {
        (long low, long high) = channel.AccumulatorRange(range);
        return RequantiseForm.Derive(channel.Scale, low, high - low, g.OutZero, g.OutMin, g.OutMax) ?? throw new UnsupportedModelException([
            $"The sums of output channel {channel.Index} of {layer.Origin} can leave 32 bits, where the reference wraps: generated code does not imitate that; run the pack instead.",
        ]);
    }

    private static CodeMethod Method(
        DepthwiseShape shape, ChannelData[] channels, Dictionary<ChannelData, RequantiseForm> forms, ValueRange range, string name)
    {
        var code = new CodeText(2);
        code.Line("// One call per output channel: input, output, lifted start, requantisation, weights.");
        code.Open($"public static void {name}(sbyte[] x, int xAt, sbyte[] y, int yAt)", 1);
        foreach (ChannelData c in channels)
        {
            RequantiseForm form = forms[c];
            long lift = -c.SumRange(range, 0, c.Taps.Length).Low, start = 0;
            for (int t = 0; t < shape.Tile; t++) start += lift << (t * shape.LaneBits);
            long bias = shape.IsBiased ? 128L << form.Shift : 0, addend = form.Addend + (shape.SignCorrection ? 0 : bias), addend2 = form.SecondAddend + bias;
            string second = shape.SignCorrection ? $"{CodeText.Long(addend2)}, " : "";
            int from = c.Index / shape.G.GroupOut;
            code.Line(
                $"{name}Channel(x, xAt + {from}, y, yAt + {c.Index}, {CodeText.Long(start)}, {CodeText.Long(form.Multiplier)}, {CodeText.Long(addend)}, {second}{form.Shift}, {string.Join(", ", c.Taps)});",
                15 + CodeText.IntBytes(from) + CodeText.IntBytes(c.Index) + CodeText.LongBytes(start) + CodeText.LongBytes(form.Multiplier) + CodeText.LongBytes(addend)
                + (shape.SignCorrection ? CodeText.LongBytes(addend2) : 0) + c.Taps.Sum(w => CodeText.IntBytes(w)));
        }

        code.Close();
        code.Line();
        new DepthwiseWorker(shape, code).Write($"{name}Channel");
        return new CodeMethod(name, code.ToString(), code.IlBytes, Methods: 2);
    }
}

/// <summary>What the worker of a layer's method depends on.</summary>
internal sealed record DepthwiseShape(WindowGeometry G, WindowWalk Walk, int Tile, bool SignCorrection, int ZeroPoint, bool CanRise, bool Low, bool High)
{
    /// <summary>Whether both bounds of int8 must be applied: the value is computed 128 higher then, see <see cref="RequantiseForm.Write"/>.</summary>
    public bool IsBiased => Low && High && G.OutMin == sbyte.MinValue && G.OutMax == sbyte.MaxValue && CanRise;

    /// <summary>Bits from one position's lane to the next.</summary>
    public int LaneBits => 64 / Tile;
}
