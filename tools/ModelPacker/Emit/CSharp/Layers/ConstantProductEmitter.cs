using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes a product of a matrix of constants and one of activations, as attention with learned queries has it: the constants, less
/// their zero point, are immediates, several rows of them (or columns) in one 64-bit sum, and a loop goes over the columns of
/// activations (or rows). Limit: one batch, and vectors that fit the method's locals; others are left to the kernel.
/// </summary>
internal static class ConstantProductEmitter
{
    private const int MostDepth = 64, WordBits = 64, MostLanes = 3;

    /// <summary>What the kernel takes for a term of a sum and for an output, in additions; the bytes of a requantisation here.</summary>
    private const double KernelTerm = 10, KernelOutput = 60;

    /// <inheritdoc cref="KernelTerm"/>
    private const int OutputBytes = 58;

    /// <summary>A vector of constants, its place among the outputs, and the requantisation of its sums less the least one.</summary>
    private sealed record Row(int[] Weights, int OutAt, long Low, int Bits, RequantiseForm Form);

    /// <summary>Writes a layer, or returns null where its form is another or its time not worth the flash.</summary>
    public static LayerCode? Write(CodeLayer operands, int index, CodeWorth worth)
    {
        Layer layer = operands.Layer;
        if (layer.Kind != PackFormat.KindBatchMatMul || (operands.First ?? operands.Second) is not { } constants) return null;
        int[] p = layer.Parameters;
        bool first = operands.First is not null;
        int depth = p[BatchMatMul.Depth], rows = p[BatchMatMul.Rows], columns = p[BatchMatMul.Columns];
        if (depth > MostDepth || layer.Rows != rows) return null;

        Walk walk = first
            ? new(columns, p[BatchMatMul.ColumnStep], p[BatchMatMul.DepthStep2], 1) : new(rows, p[BatchMatMul.RowStep], p[BatchMatMul.DepthStep], columns);
        var vectors = new List<Row>();
        for (int i = 0; i < (first ? rows : columns); i++)
        {
            int from = i * (first ? p[BatchMatMul.RowStep] : p[BatchMatMul.ColumnStep]), step = first ? p[BatchMatMul.DepthStep] : p[BatchMatMul.DepthStep2];
            int[] weights = [.. Enumerable.Range(0, depth).Select(d => constants[from + d * step] - p[first ? BatchMatMul.ZeroPoint : BatchMatMul.ZeroPoint2])];
            if (RowOf(p, weights, p[first ? BatchMatMul.ZeroPoint2 : BatchMatMul.ZeroPoint], operands.Input, first ? i * columns : i) is not { } row) return null;
            vectors.Add(row);
        }

        List<Row[]> groups = Groups(vectors);
        double adds = walk.Positions * (CodeCost.Turn + CodeCost.Load * depth + groups.Count * (CodeCost.Term * depth + CodeCost.Start) + vectors.Sum(v => v.Form.Adds(raised: false))) + CodeCost.Call;
        double kernel = (double)vectors.Count * walk.Positions * (KernelTerm * depth + KernelOutput);
        int bytes = 60 + 9 * depth + groups.Sum(g => 12 + (g.Length == 1 ? 8 : 13) * depth) + OutputBytes * vectors.Count;
        // The kernel takes constants on the heap, and not too many.
        bool mustPay = constants.Length <= KernelCallEmitter.MostTableBytes;
        if (bytes > worth.Options.MethodIlBytes || mustPay && !worth.Pays(kernel - adds, bytes - constants.Length)) return null;

        CodeMethod method = Method($"Layer{index}_0", groups, walk, depth, p[BatchMatMul.OutMin], p[BatchMatMul.OutMax]);
        string places = $"({Names.Of(first ? layer.Input2 : layer.Input)}, {Names.Of(layer.Output)})";
        string note = $"{constants.Length} constants, {vectors.Count} sums of {depth} products at a time.";
        return new LayerCode(index, [note], [method], [], [new CodeCall(method, places, Names.CallIl)]) { Adds = adds };
    }

    /// <summary>Positions of the activations, bytes between them, bytes between the values of one, and bytes between its outputs and the next one's.</summary>
    private sealed record Walk(int Positions, int Step, int DepthStep, int OutStep);

    private static Row? RowOf(int[] p, int[] weights, int zero, ValueRange x, int outAt)
    {
        long low = 0, high = 0;
        foreach (int w in weights)
        {
            low += w * (long)((w < 0 ? x.Max : x.Min) - zero);
            high += w * (long)((w < 0 ? x.Min : x.Max) - zero);
        }

        RequantiseForm? form = RequantiseForm.Derive(
            new Requantisation(p[BatchMatMul.Multiplier], p[BatchMatMul.Shift]), low, high - low, p[BatchMatMul.OutZeroPoint], p[BatchMatMul.OutMin], p[BatchMatMul.OutMax]);
        // What the sum of weights times activations lacks to begin at 0.
        long lift = -low - (long)zero * weights.Sum();
        return form is null ? null : new Row(weights, outAt, lift, Math.Max(1, WordBits - (int)long.LeadingZeroCount(high - low)), form.Widened());
    }

    /// <summary>Neighbouring vectors, three in a sum where their bits allow.</summary>
    private static List<Row[]> Groups(List<Row> vectors)
    {
        var groups = new List<Row[]>();
        for (int at = 0; at < vectors.Count; at += groups[^1].Length)
        {
            int count = Math.Min(MostLanes, vectors.Count - at);
            while (vectors.Skip(at).Take(count).Sum(v => v.Bits) > WordBits) count--;
            groups.Add([.. vectors.Skip(at).Take(count)]);
        }

        return groups;
    }

    private static CodeMethod Method(string name, List<Row[]> groups, Walk walk, int depth, int min, int max)
    {
        var code = new CodeText(2);
        code.Open($"public static void {name}(sbyte[] x, int xAt, sbyte[] y, int yAt)", 1);
        RequantiseForm.Declare(code, [.. groups.SelectMany(g => g).Select(v => v.Form)], min, max, raised: false);
        foreach (int[] some in Enumerable.Range(0, depth).Chunk(16)) code.Line($"long {string.Join(", ", some.Select(d => $"x{d}"))};");
        code.Open($"for (int position = 0; position < {walk.Positions}; position++)", 16);
        foreach (int[] some in Enumerable.Range(0, depth).Chunk(8)) code.Line(string.Join(' ', some.Select(d => $"x{d} = x[{CodeText.At("xAt", d * walk.DepthStep)}];")), 9 * some.Length);
        foreach (Row[] group in groups)
        {
            var lanes = new Lane[group.Length];
            long start = 0;
            for (int i = 0, shift = 0; i < lanes.Length; shift += lanes[i++].Bits)
            {
                lanes[i] = new Lane(i, shift, i == lanes.Length - 1 ? WordBits - shift : group[i].Bits);
                start += group[i].Low << shift;
            }

            var terms = new List<string> { CodeText.Long(start) };
            int il = 2 + CodeText.LongBytes(start);
            for (int d = 0; d < depth; d++)
            {
                long weight = lanes.Select((lane, i) => (long)group[i].Weights[d] << lane.Shift).Sum();
                if (weight == 0) continue;
                terms.Add($"x{d} * {CodeText.Long(weight)}");
                il += 4 + CodeText.LongBytes(weight);
            }

            code.Sum("a = ", terms, il);
            for (int i = 0; i < group.Length; i++) group[i].Form.Write(code, LaneGroup.Unpack("a", lanes, i), 7, $"y[{CodeText.At("yAt", group[i].OutAt)}]", 4, raised: false);
        }

        code.Line($"xAt += {walk.Step};", 5);
        code.Line($"yAt += {walk.OutStep};", 5);
        code.Close();
        code.Close();
        return new CodeMethod(name, code.ToString(), code.IlBytes);
    }
}
