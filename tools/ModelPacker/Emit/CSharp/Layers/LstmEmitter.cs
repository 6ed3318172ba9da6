using TinyAI.Kernels;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes LSTM layers. The gates' sums of three neighbouring units share a 64-bit integer, with the weights as constants of straight
/// code that stands in flash once and is called for every step; what follows them is the same for all units and a method of its own
/// (<see cref="LstmUnits"/>). A small layer is one method for a step, with its input and state in locals; a larger one is cut into
/// tiles of values by units (<see cref="LstmTiles"/>). Cells are kept as integers while the layer runs. The limit: no sum over all
/// values may need more than eight times what a lane of 21 bits holds.
/// </summary>
internal static class LstmEmitter
{
    /// <summary>IL of a term of a sum, of a value that is read, and of the method for three units.</summary>
    private const int TermBytes = 13, LoadBytes = 10, UnitsBytes = 2800;

    /// <summary>A call of the method for three units; the methods and copies of a step; a cell read and written back: in additions.</summary>
    private const double UnitsCall = 14, StepAdds = 60, CellAdds = 34;

    /// <summary>Writes a layer.</summary>
    /// <exception cref="UnsupportedModelException">Sums are too wide for lanes.</exception>
    public static LayerCode Write(CodeLayer code, int index, CodeOptions options)
    {
        Layer layer = code.Layer;
        int[] p = layer.Parameters;
        int inSize = p[Lstm.InSize], size = p[Lstm.StateSize], batches = p[Lstm.Batches], taps = inSize + size;
        LstmPart[] parts = LstmPart.Of(layer, code.Input);
        string name = $"Layer{index}";
        var units = new LstmUnits(layer, parts, $"{name}Units");
        int groups = (size + LstmPart.Lanes - 1) / LstmPart.Lanes;
        bool tiled = taps > options.WindowLocals || groups * 4 * taps * TermBytes + taps * LoadBytes + UnitsBytes > options.MethodIlBytes;

        Place state = layer.Scratch!.Value, cells = state with { Offset = state.Offset + batches * size };
        CodeMethod unpack = Cells(batches * size, read: true, $"{name}In"), pack = Cells(batches * size, read: false, $"{name}Out"), table = LstmUnits.TableMaker($"{name}Lines");
        var calls = new List<CodeCall> { new(unpack, $"({Names.Of(cells)}, _cells)", Names.CallIl) };
        bool loops = layer.Rows > 1;
        if (loops)
        {
            bool reverse = p[Lstm.TimeMajor] > 1;
            calls.Add(new CodeCall(null, reverse ? $"for (int row = {layer.Rows - 1}; row >= 0; row--)" : $"for (int row = 0; row < {layer.Rows}; row++)", 14));
            calls.Add(new CodeCall(null, "{", 0));
        }

        string Row(Place? place, int step) => Names.Of(place) + (loops ? $" + row * {step}" : "");
        string batch = batches == 1 ? "" : p[Lstm.TimeMajor] != 0 ? $"row % {batches} * {size}" : $"row / {p[Lstm.Steps]} * {size}";
        string hidden = Names.Of(state) + (batch.Length > 0 ? $" + {batch}" : ""), rest = $"_hidden, _cells, {(batch.Length > 0 ? batch : "0")}, _lines";
        var methods = new List<CodeMethod> { table, unpack };
        double sums;
        if (tiled)
        {
            LstmTiles tiles = LstmTiles.Of(parts, groups, options);
            foreach (LstmTile tile in tiles.Tiles)
            {
                CodeMethod method = tiles.Write(tile, size, $"{name}_{methods.Count}");
                methods.Add(method);
                calls.Add(new CodeCall(method, $"({(tile.Part == 0 ? Row(layer.Input, inSize) : hidden)}, _sums)", Names.CallIl + 8));
            }

            CodeMethod last = Method(name, code => tiles.Finish(code, name, units, size), units, straight: false, size);
            methods.Add(last);
            calls.Add(new CodeCall(last, $"(_sums, {rest})", Names.CallIl));
            sums = tiles.Adds;
        }
        else
        {
            CodeMethod method = Method(name, code => Step(code, name, parts, units, size), units, straight: options.Optimise == Optimise.Speed, size);
            methods.Add(method);
            calls.Add(new CodeCall(method, $"({Row(layer.Input, inSize)}, {hidden}, {rest})", Names.CallIl + 16));
            sums = taps * CodeCost.Load + units.Sums * groups * CodeCost.Start;
        }

        calls.Add(new CodeCall(null, $"System.Array.Copy(_hidden, 0, {Row(layer.Output, size)}, {size});", 26));
        calls.Add(new CodeCall(null, $"System.Array.Copy(_hidden, 0, {hidden}, {size});", 24));
        if (loops) calls.Add(new CodeCall(null, "}", 0));
        methods.Add(pack);
        calls.Add(new CodeCall(pack, $"({Names.Of(cells)}, _cells)", Names.CallIl));

        var fields = new List<CodeField>
        {
            new("sbyte[]", "_hidden", $"new sbyte[{size}]", HeapModel.Array(size, 1), 0),
            new("int[]", "_cells", $"new int[{batches * size}]", HeapModel.Array(batches * size, 4), 0),
            new("long[]", "_lines", "", LstmUnits.TableBytes, 0, table),
        };
        if (tiled) fields.Add(new CodeField("long[]", "_sums", $"new long[{groups * units.Sums}]", HeapModel.Array(groups * units.Sums, 8), 0));
        string note = $"{layer.Rows} steps; {groups} times four gates of up to {LstmPart.Lanes} units in one long, {taps} values each in {units.Sums / 4} sums{(tiled ? $", {methods.Count - 4} tiles" : "")}.";
        double step = 4.0 * groups * taps * CodeCost.Term + sums + groups * UnitsCall + size * LstmUnits.UnitAdds + StepAdds;
        return new LayerCode(index, [note], methods, fields, calls) { Adds = layer.Rows * step + batches * size * CellAdds };
    }

    private static CodeMethod Method(string name, Action<CodeText> write, LstmUnits units, bool straight, int size)
    {
        var code = new CodeText(2);
        write(code);
        units.Write(code, straight, size);
        return new CodeMethod($"{name}Step", code.ToString(), code.IlBytes, Methods: 2);
    }

    /// <summary>Writes the method of a step: packed sums go from expressions right into the method for units.</summary>
    private static void Step(CodeText code, string name, LstmPart[] parts, LstmUnits units, int size)
    {
        int inSize = parts[1].FirstTap;
        code.Line("// x is the step's input, h the hidden values of the step before.");
        code.Open($"public static void {name}Step(sbyte[] x, int xAt, sbyte[] h, int hAt, sbyte[] hidden, int[] cells, int cell, long[] t)", 1);
        foreach (int[] some in Enumerable.Range(0, inSize + size).Chunk(8))
        {
            code.Line($"long {string.Join(", ", some.Select(t => $"x{t} = {(t < inSize ? $"x[xAt + {t}]" : $"h[hAt + {t - inSize}]")}"))};", LoadBytes * some.Length);
        }

        for (int unit = 0; unit < size; unit += LstmPart.Lanes)
        {
            int count = Math.Min(LstmPart.Lanes, size - unit);
            code.Line($"{units.Name}(hidden, cells, cell{(unit == 0 ? "" : $" + {unit}")}, t, {unit}, {LstmUnits.Last(count)},", 16);
            for (int gate = 0; gate < 4; gate++)
            {
                foreach (LstmPart part in parts)
                {
                    foreach (LstmSegment segment in part.Segments)
                        part.Write(code, "    ", CodeText.Long(part.Start(segment, gate, unit, count)), segment.From, segment.To, -part.FirstTap, gate, unit, count, gate == 3 && part == parts[1] && segment == part.Segments[^1] ? ");" : ",");
                }
            }
        }

        code.Close();
    }

    /// <summary>Writes the method that reads cells from the state, or writes them back.</summary>
    private static CodeMethod Cells(int count, bool read, string name)
    {
        var code = new CodeText(2);
        code.Line(read ? "// Cells lie in the state as 16 bits, little-endian." : "// Cells go back into the state.");
        code.Open($"public static void {name}(sbyte[] s, int at, int[] cells)", 1);
        code.Open($"for (int i = 0; i < {count}; i++, at += 2)", 18);
        if (read)
        {
            code.Line("cells[i] = (s[at] & 255) | (s[at + 1] << 8);", 20);
        }
        else
        {
            code.Line("s[at] = (sbyte)cells[i];", 7);
            code.Line("s[at + 1] = (sbyte)(cells[i] >> 8);", 12);
        }

        code.Close();
        code.Close();
        return new CodeMethod(name, code.ToString(), code.IlBytes);
    }
}
