using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>What fully connected layers with their weights as arguments have in common: their shape, their blocks of inputs, and how a method begins that multiplies one.</summary>
internal static class WeightArguments
{
    /// <summary>The shape of a layer with one position, all of whose inputs stand in the order of its weights; null for any other.</summary>
    public static ConvShape? ShapeOf(CodeLayer code, CodeOptions options) =>
        OnePosition(code, options) is { } shape && shape.G.GroupIn == shape.G.Channels && shape.TapPlaces().Select(p => p.Offset).SequenceEqual(Enumerable.Range(0, shape.G.Taps)) ? shape : null;

    /// <summary>The shape of a layer with one position, or null.</summary>
    public static ConvShape? OnePosition(CodeLayer code, CodeOptions options)
    {
        Layer layer = code.Layer;
        WindowGeometry g = WindowGeometry.Of(layer)!;
        if (code.Pool is not null || g.Batch * g.Vertical.Out * g.Horizontal.Out != 1 || layer.Scratch is not null) return null;
        return new ConvShape(g, WindowWalk.Of(g, null, false), code.Input, [g.Taps], 0, g.OutMin, g.OutMax, false)
        {
            XBase = Names.StartOf(layer.Input!.Value), YBase = Names.StartOf(layer.Output!.Value), IsFast = options.Optimise == Optimise.Speed, Options = options,
        };    }

    /// <summary>
    /// Where blocks of inputs begin, and where what they add does: the last begins earlier, so that it ends with the last input, and the
    /// weights of what is done already are 0.
    /// </summary>
    public static IEnumerable<(int From, int New)> Blocks(int taps, int inputs)
    {
        for (int done = 0; done < taps; done += inputs) yield return (Math.Min(done, taps - inputs), done);
    }

    /// <summary>Begins the method of a block: its parameters after the first ones, and its inputs in locals; type is that of weights and inputs.</summary>
    public static void OpenDots(CodeText code, string head, string type, int weights, int inputs, int inputIl)
    {
        code.List($"private static void {head}", Enumerable.Range(0, weights).Select(i => $"{type} w{i}"), ")", 1);
        code.Brace();
        foreach (int[] some in Enumerable.Range(0, inputs).Chunk(8))
            code.Line($"{type} {string.Join(", ", some.Select(i => $"x{i} = x[{CodeText.At("xAt", i)}]"))};", inputIl * some.Length);
    }
}
