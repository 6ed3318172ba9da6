namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>Taps from..to-1 of a segment, for groups of three units.</summary>
internal sealed record LstmTile(int Part, int Segment, int From, int To, int FirstGroup, int Groups);

/// <summary>
/// An LSTM whose weights are too many for one method, as tiles of values by units with a method each. Packed sums wait between them
/// in an array of 64-bit integers; a last method takes them from there, unit by unit. Tiles are as wide in units as a method allows,
/// so that values are read seldom.
/// </summary>
internal sealed class LstmTiles
{
    /// <summary>Values of a tile, held in locals.</summary>
    private const int Chunk = 96;

    private const int TermBytes = 13, SumBytes = 22, LoadBytes = 10;

    private readonly LstmPart[] _parts;
    private readonly int _sums;

    private LstmTiles(LstmPart[] parts, List<LstmTile> tiles) => (_parts, Tiles, _sums) = (parts, tiles, 4 * parts.Sum(p => p.Segments.Length));

    /// <summary>The tiles, in the order in which they must be computed.</summary>
    public List<LstmTile> Tiles { get; }

    /// <summary>What the tiles cost beside their products, and what reading the sums again costs, in additions.</summary>
    public double Adds => Tiles.Sum(t => (t.To - t.From) * CodeCost.Load + 4 * t.Groups * 6 + CodeCost.Call + (t.From == 0 ? 4 * t.Groups * 4 : 0));

    /// <summary>Cuts a layer.</summary>
    public static LstmTiles Of(LstmPart[] parts, int groups, CodeOptions options)
    {
        var tiles = new List<LstmTile>();
        for (int part = 0; part < 2; part++)
        {
            for (int k = 0; k < parts[part].Segments.Length; k++)
            {
                LstmSegment segment = parts[part].Segments[k];
                int width = Math.Min(Chunk, options.WindowLocals), cuts = (segment.To - segment.From + width - 1) / width;
                for (int c = 0; c < cuts; c++)
                {
                    int from = segment.From + c * (segment.To - segment.From) / cuts, to = segment.From + (c + 1) * (segment.To - segment.From) / cuts;
                    int most = Math.Max(1, (options.MethodIlBytes - LoadBytes * (to - from)) / (4 * ((to - from) * TermBytes + SumBytes))), count = (groups + most - 1) / most;
                    for (int i = 0; i < count; i++) tiles.Add(new LstmTile(part, k, from, to, i * groups / count, (i + 1) * groups / count - i * groups / count));
                }
            }
        }

        return new LstmTiles(parts, tiles);
    }

    /// <summary>Writes a tile's method.</summary>
    public CodeMethod Write(LstmTile tile, int size, string name)
    {
        LstmPart part = _parts[tile.Part];
        LstmSegment segment = part.Segments[tile.Segment];
        var code = new CodeText(2);
        code.Line($"// {(tile.Part == 0 ? "Input" : "Hidden")} values {tile.From}-{tile.To - 1}, units {tile.FirstGroup * LstmPart.Lanes} and on.");
        code.Open($"public static void {name}(sbyte[] x, int xAt, long[] s)", 1);
        foreach (int[] some in Enumerable.Range(tile.From, tile.To - tile.From).Chunk(8))
            code.Line($"long {string.Join(", ", some.Select(t => $"x{t - tile.From} = x[xAt + {t}]"))};", LoadBytes * some.Length);
        for (int g = tile.FirstGroup; g < tile.FirstGroup + tile.Groups; g++)
        {
            int unit = g * LstmPart.Lanes, count = Math.Min(LstmPart.Lanes, size - unit);
            for (int gate = 0; gate < 4; gate++)
            {
                string slot = $"s[{g * _sums + LstmUnits.Number(_parts, gate, tile.Part, tile.Segment)}]";
                string start = tile.From == segment.From ? CodeText.Long(part.Start(segment, gate, unit, count)) : slot;
                code.IlBytes += tile.From == segment.From ? 7 : 14;
                part.Write(code, $"{slot} = ", start, tile.From, tile.To, tile.From, gate, unit, count, ";");
            }
        }

        code.Close();
        return new CodeMethod(name, code.ToString(), code.IlBytes);
    }

    /// <summary>Writes the method that hands the sums to the method for units.</summary>
    public void Finish(CodeText code, string name, LstmUnits units, int size)
    {
        code.Line("// All values are summed up.");
        code.Open($"public static void {name}Step(long[] s, sbyte[] hidden, int[] cells, int cell, long[] t)", 1);
        code.Line("int at = 0;", 2);
        code.Open($"for (int unit = 0; unit < {size}; unit += {LstmPart.Lanes})", 14);
        int over = size % LstmPart.Lanes;
        string last = over == 0 ? $"{LstmUnits.Last(LstmPart.Lanes)}" : $"unit + {LstmPart.Lanes} > {size} ? {LstmUnits.Last(over)} : {LstmUnits.Last(LstmPart.Lanes)}";
        code.List($"{units.Name}(hidden, cells, cell + unit, t, unit, {last}", Enumerable.Range(0, _sums).Select(k => $"s[at + {k}]"), ");", 20 + 6 * _sums);
        code.Line($"at += {_sums};", 5);
        code.Close();
        code.Close();
    }
}
