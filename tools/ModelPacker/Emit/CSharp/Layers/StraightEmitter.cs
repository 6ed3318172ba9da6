using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes small convolutions without an inner loop. A row of outputs (or a tile of rows, where lanes hold positions) is
/// straight code: windows slide by renaming locals, values that are used once never go through one, and all addresses
/// are constants, because the rows that are needed are copied to a fixed place first, by one Array.Copy per row of
/// outputs. Half of what reading a byte costs the interpreter is the addition of its address.
/// </summary>
internal static class StraightEmitter
{
    /// <summary>Code above this is not worth the trouble.</summary>
    private const int MostIlBytes = 9000;

    /// <summary>Adding an offset to an address; moving a local; the loop and its pointers, per position.</summary>
    private const double AddressAdds = 1.43, MoveAdds = 0.86, LoopAdds = 8, CopyAdds = 45;

    /// <summary>
    /// Writes a layer, or returns null where it has another shape or the time is not worth the flash; loops is the form
    /// that it would have otherwise.
    /// </summary>
    public static LayerCode? Write(CodeLayer code, int index, CodeOptions options, CodeWorth worth, LayerCode loops)
    {
        Layer layer = code.Layer;
        WindowGeometry g = WindowGeometry.Of(layer)!;
        WindowWalk walk = WindowWalk.Of(g, code.Pool, layer.Scratch is not null);
        bool contiguous = g.Vertical.Out == 1 || walk.Outer.OutBytes == g.Horizontal.Out * g.OutChannels;
        if (!options.SlideWindows || code.Pool is not null || g.Batch > 1 || g.GroupIn != g.Channels || g.Horizontal.Out < 2 || !contiguous || g.Taps > 64) return null;
        ValueRange range = g.IsPadded ? code.Input.With(g.ZeroPoint) : code.Input;
        ChannelData[] channels = ChannelData.Of(layer, g.Taps);
        bool positions = g.Channels == 1 && channels.Length % 3 > 0 && channels.Length < 6;
        int tile = 1;
        if (positions) tile = Math.Min(g.Vertical.Out, Math.Clamp(64 / channels.Max(c => Math.Max(1, LanePacking.Width(c, range, 0, g.Taps))), 1, Math.Min(3, options.MostLanes)));
        long size = (long)g.Horizontal.Out * (positions ? channels.Length * (6 * g.Taps + 100) : (channels.Length + 2) / 3 * 13 * g.Taps + 45 * channels.Length);
        if (size > 2 * MostIlBytes) return null;

        (List<CodeMethod> methods, List<CodeCall> calls) = loops.Padding;
        var tiles = new StraightTiles(g, walk, tile, layer.Scratch is not null);
        var shape = new ConvShape(g, walk, range, [g.Taps], 0, g.OutMin, g.OutMax, false) { IsFast = true, Options = options };
        var method = new StraightMethod(shape, tiles, channels, positions, $"Layer{index}_{methods.Count}");
        CodeMethod written = method.Write();
        double outputs = g.Vertical.Out * g.Horizontal.Out;
        double loads = method.Loads * tiles.Count, saved = (loads + outputs * channels.Length) * AddressAdds + outputs / tile * (LoopAdds + MoveAdds * g.Taps / 2) - CopyAdds * tiles.Count;
        if (method.Locals > options.MethodLocals || written.IlBytes > Math.Min(MostIlBytes, options.MethodIlBytes)) return null;
        if (!worth.Pays(saved, written.IlBytes - loops.Methods.Except(methods).Sum(m => m.IlBytes))) return null;

        methods.Add(written);
        var field = new CodeField("sbyte[]", "_tile", $"new sbyte[{tiles.ScratchBytes}]", Accounts.HeapModel.Array(tiles.ScratchBytes, 1), 0);
        Place input = layer.Scratch ?? layer.Input!.Value;
        calls.Add(new CodeCall(written, $"({Names.Of(input)}, {Names.Of(layer.Output)}, _tile)", Names.CallIl));
        string lanes = positions ? $"{tile} output positions in one long" : "three channels in one long";
        return new LayerCode(index, [$"{lanes}; a row of {g.Horizontal.Out} positions is straight code on copied rows."], methods, [field], calls)
        {
            Adds = CodeCost.Straight(loads, tiles.Count, method.Sums * tiles.Count, method.Terms * tiles.Count, method.Packs * tiles.Count, outputs * channels.Length)
                + (layer.Scratch is null ? 0 : PaddingEmitter.Adds(g)),
        };
    }
}

/// <summary>How the rows of a layer are divided into tiles: each is computed from a contiguous run of input rows.</summary>
internal sealed record StraightTiles(WindowGeometry G, WindowWalk Walk, int Tile, bool Padded)
{
    /// <summary>Number of tiles; the last overlaps the one before it rather than being shorter.</summary>
    public int Count => (G.Vertical.Out + Tile - 1) / Tile;

    /// <summary>Rows from the last tile but one to the last.</summary>
    public int LastStep => G.Vertical.Out - Tile - (Count - 2) * Tile;

    /// <summary>Bytes of an input row.</summary>
    public int InRow => (Padded ? G.Horizontal.Extent : G.Horizontal.In) * G.Channels;

    /// <summary>Bytes of an output row.</summary>
    public int OutRow => G.Horizontal.Out * G.OutChannels;

    /// <summary>Bytes from a tile's first input byte to its last.</summary>
    public int InBytes => ((Tile - 1) * G.Vertical.Stride + (G.Vertical.Kernel - 1) * G.Vertical.Dilation) * InRow + G.Horizontal.Extent * G.Channels;

    /// <summary>Bytes of a tile's outputs.</summary>
    public int OutBytes => Tile * OutRow;

    /// <summary>Inputs and outputs of one tile.</summary>
    public int ScratchBytes => InBytes + OutBytes;
}
