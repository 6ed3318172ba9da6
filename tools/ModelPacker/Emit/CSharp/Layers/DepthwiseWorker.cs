using TinyAI.ModelPacker.Emit.CSharp.Sums;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>Writes the method that convolves one channel, weights in its arguments; see <see cref="DepthwiseEmitter"/>.</summary>
internal sealed class DepthwiseWorker(DepthwiseShape shape, CodeText code)
{
    private readonly WalkAxis _inner = shape.Walk.Inner;
    private readonly WalkAxis _outer = shape.Walk.Outer;

    public void Write(string name)
    {
        string second = shape.SignCorrection ? "long addend2, " : "";
        int taps = shape.G.Taps, tile = shape.Tile;
        code.Line("// Activations of neighbouring positions share a long: each weight is multiplied once for all of them.");
        code.Open(
            $"private static void {name}(sbyte[] x, int xAt, sbyte[] y, int yAt, long start, long multiplier, long addend, {second}int shift, "
            + $"{string.Join(", ", Enumerable.Range(0, taps).Select(t => $"int v{t}"))})", 1);
        string bounds = shape.IsBiased ? ", middle = 128L" : $"{(shape.Low ? $", low = {CodeText.Long(shape.G.OutMin)}" : "")}{(shape.High ? $", high = {CodeText.Long(shape.G.OutMax)}" : "")}";
        code.Line($"long q, a{bounds};", 8);
        int kept = shape.Walk.Slides ? _inner.Kernel - _inner.SlideTaps : 0;
        bool warmUp = kept > 0 && kept % _inner.SlideTaps == 0;
        int before = warmUp ? kept / _inner.SlideTaps : 0;
        for (int c = 0; c < _inner.Kernel; c++)
        {
            code.Line($"long {string.Join(", ", Column(c).Select(t => kept > 0 && c >= _inner.SlideTaps ? $"x{t} = 0" : $"x{t}"))};", kept > 0 ? 4 * _outer.Kernel : 0);
        }

        foreach (int[] some in Enumerable.Range(0, taps).Chunk(16)) code.Line($"long {string.Join(", ", some.Select(t => $"w{t} = v{t}"))};", 6 * some.Length);
        int[] rows = Rows();
        if (tile > 1) code.Line($"long {string.Join(", ", rows.Select((_, i) => $"r{i}"))};");

        int tiles = (_outer.Out + tile - 1) / tile, lastStep = _outer.Out - tile - (tiles - 2) * tile;
        if (shape.Walk.Batch > 1) code.Open($"for (int n = 0; n < {shape.Walk.Batch}; n++)", 16);
        if (tiles > 1) code.Open($"for (int i = 0; i < {tiles}; i++)", 16);
        if (kept > 0 && !warmUp) Load(0, kept, _inner.SlideTaps);
        Advance("xAt", -before * _inner.Advance);
        bool loop = _inner.Out > 1 || before > 0;
        if (loop) code.Open($"for (int j = {-before}; j < {_inner.Out}; j++)", 16);
        if (kept > 0) Slide(kept);
        Load(kept, _inner.Kernel, 0);
        if (loop) Advance("xAt", _inner.Advance);
        if (before > 0) code.Line("if (j < 0) continue;", 6);
        code.Sum("a = ", ["start", .. Enumerable.Range(0, taps).Select(t => $"x{t} * w{t}")], 4 + 6 * taps);
        for (int lane = 0; lane < tile; lane++) Store(lane);
        if (loop) Advance("yAt", _inner.OutBytes);
        if (loop) code.Close();

        (int movedX, int movedY) = loop ? (_inner.Out * _inner.Advance, _inner.Out * _inner.OutBytes) : (0, 0);
        if (tiles > 1)
        {
            if (lastStep == tile)
            {
                Advance("xAt", tile * _outer.Advance - movedX);
                Advance("yAt", tile * _outer.OutBytes - movedY);
            }
            else
            {
                // The last tile begins earlier, so that it ends with the last output.
                code.Line($"xAt += i == {tiles - 2} ? {lastStep * _outer.Advance - movedX} : {tile * _outer.Advance - movedX};", 18);
                code.Line($"yAt += i == {tiles - 2} ? {lastStep * _outer.OutBytes - movedY} : {tile * _outer.OutBytes - movedY};", 18);
            }

            code.Close();
            int steps = (tiles - 2) * tile + lastStep + tile;
            (movedX, movedY) = (steps * _outer.Advance, steps * _outer.OutBytes);
        }

        if (shape.Walk.Batch > 1)
        {
            Advance("xAt", shape.Walk.InImageBytes - movedX);
            Advance("yAt", shape.Walk.OutImageBytes - movedY);
            code.Close();
        }

        code.Close();
    }

    private int[] Column(int column) => [.. Enumerable.Range(0, _outer.Kernel).Select(o => column * _inner.TapStep + o * _outer.TapStep)];

    /// <summary>Distances, across the inner loop, of the activations that one column of the packed window is made of.</summary>
    private int[] Rows() =>
        [.. Enumerable.Range(0, _outer.Kernel).SelectMany(o => Enumerable.Range(0, shape.Tile).Select(t => o * _outer.TapBytes + t * _outer.Advance)).Distinct().Order()];

    private void Advance(string variable, int by)
    {
        if (by != 0) code.Line(by > 0 ? $"{variable} += {by};" : $"{variable} -= {-by};", 4 + CodeText.IntBytes(by));
    }

    private void Slide(int kept)
    {
        for (int c = 0; c < kept; c++)
        {
            int[] to = Column(c), from = Column(c + _inner.SlideTaps);
            code.Line(string.Join(' ', to.Zip(from, (a, b) => $"x{a} = x{b};")), 4 * to.Length);
        }
    }

    private void Load(int from, int to, int shift)
    {
        int[] rows = Rows();
        for (int c = from; c < to; c++)
        {
            int at = c * _inner.TapBytes;
            int[] targets = Column(c + shift);
            if (shape.Tile == 1)
            {
                code.Line(string.Join(' ', targets.Select((t, o) => $"x{t} = x[xAt + {at + o * _outer.TapBytes}];")), 10 * targets.Length);
                continue;
            }

            code.Line(string.Join(' ', rows.Select((r, i) => $"r{i} = x[xAt + {at + r}];")), 10 * rows.Length);
            for (int o = 0; o < targets.Length; o++)
            {
                var lanes = Enumerable.Range(0, shape.Tile).Select(t =>
                {
                    int row = Array.IndexOf(rows, o * _outer.TapBytes + t * _outer.Advance);
                    return t == 0 ? $"r{row}" : $"(r{row} << {t * shape.LaneBits})";
                });
                code.Line($"x{targets[o]} = {string.Join(" + ", lanes)};", 4 + 6 * (shape.Tile - 1));
            }
        }
    }

    private void Store(int lane)
    {
        int bits = shape.LaneBits, up = 64 - bits * (lane + 1);
        string sum = shape.Tile == 1 ? "a" : lane == shape.Tile - 1 ? $"(a >>> {bits * lane})" : lane == 0 ? $"((a << {64 - bits}) >>> {64 - bits})" : $"((a << {up}) >>> {64 - bits})";
        if (shape.SignCorrection)
        {
            code.Line($"q = {sum} * multiplier + addend;", 14);
            code.Line($"q = (q + ((q >> 63) << 31) + addend2) >> shift;", 16);
        }
        else
        {
            code.Line($"q = ({sum} * multiplier + addend) >> shift;", 17);
        }

        if (shape.ZeroPoint != 0) code.Line($"q += {CodeText.Long(shape.ZeroPoint)};", 6);
        int at = lane * _outer.OutBytes;
        string target = at == 0 ? "y[yAt]" : $"y[yAt + {at}]";
        if (shape.IsBiased)
        {
            code.Line("if ((q >> 8) != 0) q = (~q >> 63) & 255;", 17);
            code.Line($"{target} = (sbyte)(q ^ middle);", 11 + CodeText.IntBytes(at));
            return;
        }

        if (shape.Low) code.Line("if (q < low) q = low;", 6);
        if (shape.High) code.Line($"{(shape.Low ? "else " : "")}if (q > high) q = high;", 8);
        code.Line($"{target} = (sbyte)q;", 8 + CodeText.IntBytes(at));
    }
}
