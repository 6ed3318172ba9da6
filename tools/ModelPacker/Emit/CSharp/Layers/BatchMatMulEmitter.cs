using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes a product of two activations. Columns of the second operand, less its zero point, are packed three to a 64-bit
/// local (two where sums are long), a local for each term of the sums; every row of the first operand then takes one
/// multiplication for all of them. What the first operand's zero point contributes is a part of the columns' start. A small first
/// operand is read once into locals, where that is worth the flash of a text for each row. Limit: sums of so many terms that two lanes
/// cannot hold them, or that the method's locals cannot, are left to the kernel.
/// </summary>
internal static class BatchMatMulEmitter
{
    private const int MostDepth = 64, MostHeld = 64;

    /// <summary>What the kernel and this code cost in additions: a term of a sum, an output; packing an element.</summary>
    private const double KernelTerm = 10, KernelOutput = 60, OwnTerm = 6.3, OwnOutput = 15.2, PackElement = 6.5;

    /// <summary>The same where the first operand is held in locals: a term, an output, and reading a value.</summary>
    private const double HeldTerm = 2.52, HeldOutput = 12.6, HeldLoad = 4.6;

    /// <summary>Writes a layer, or returns null where its form is another or its time not worth the flash.</summary>
    public static LayerCode? Write(CodeLayer operands, int index, CodeWorth worth)
    {
        Layer layer = operands.Layer;
        if (layer.Kind != PackFormat.KindBatchMatMul || operands.First is not null || operands.Second is not null) return null;
        ValueRange input = operands.Input;
        int[] p = layer.Parameters;
        int depth = p[BatchMatMul.Depth], columns = p[BatchMatMul.Columns], rows = p[BatchMatMul.Rows];
        if (depth > MostDepth) return null;
        (int least, int most) = Products(input, p[BatchMatMul.ZeroPoint], p[BatchMatMul.ZeroPoint2]);
        long low = (long)depth * least, range = (long)depth * (most - least);
        int lanes = range < 1 << 21 ? 3 : 2;
        if (range > uint.MaxValue) return null;
        RequantiseForm? form = RequantiseForm.Derive(
            new Requantisation(p[BatchMatMul.Multiplier], p[BatchMatMul.Shift]), low, range, p[BatchMatMul.OutZeroPoint], p[BatchMatMul.OutMin], p[BatchMatMul.OutMax]);
        if (form is null) return null;
        int batches = layer.Rows / rows;
        double outputs = (double)layer.Rows * columns, packed = (double)batches * columns * depth;
        double adds = outputs * (OwnTerm * depth / lanes + OwnOutput) + packed * PackElement;
        int bytes = 60 + (columns % lanes == 0 ? 1 : 2) * (60 * depth + 120);
        if (!worth.Pays(outputs * (KernelTerm * depth + KernelOutput) - adds, bytes)) return null;
        double heldAdds = outputs * (HeldTerm * depth / lanes + HeldOutput) + packed * PackElement + (double)layer.Rows * depth * HeldLoad;
        int heldBytes = 9 * rows * depth - 30 + (rows - 1) * (5 * depth + 45 * lanes) * (columns % lanes == 0 ? 1 : 2);
        bool holds = rows * depth <= MostHeld && worth.Pays(adds - heldAdds, heldBytes);
        if (holds) adds = heldAdds;

        var code = new CodeText(2);
        string name = $"Layer{index}_0";
        code.Open($"public static void {name}(sbyte[] x, int xAt, sbyte[] z, int zAt, sbyte[] y, int yAt)", 1);
        RequantiseForm.Declare(code, [form], p[BatchMatMul.OutMin], p[BatchMatMul.OutMax], raised: false);
        code.Line($"long start, {string.Join(", ", Enumerable.Range(0, depth).Select(d => $"w{d}"))};");
        code.Line(holds ? "int from, to;" : "int from, at, to;");
        int loops = OpenBatches(code, p, batches);
        var columnsCode = new Columns(p, depth, lanes, low, form, holds);
        if (holds) columnsCode.Hold(code);
        if (columns >= lanes)
        {
            code.Open($"for (int column = 0; column <= {columns - lanes}; column += {lanes})", 14);
            columnsCode.Write(code, lanes, "column");
            code.Close();
        }

        if (columns % lanes > 0) columnsCode.Write(code, columns % lanes, $"{columns / lanes * lanes}");
        if (batches > 1) code.Line($"yAt += {rows * columns};", 8);
        for (int i = 0; i < loops; i++) code.Close();
        code.Close();
        var method = new CodeMethod(name, code.ToString(), code.IlBytes);
        string places = $"({Names.Of(layer.Input)}, {Names.Of(layer.Input2)}, {Names.Of(layer.Output)})";
        return new LayerCode(index, [$"Sums of {depth} products, {lanes} columns at a time."], [method], [], [new CodeCall(method, places, Names.CallIl + 12)])
        {
            Adds = adds + CodeCost.Call,
        };
    }

    /// <summary>The least and largest product of the operands less their zero points.</summary>
    private static (int Least, int Most) Products(ValueRange input, int zero, int zero2)
    {
        int[] a = [input.Min - zero, input.Max - zero], b = [-128 - zero2, 127 - zero2];
        int[] products = [.. a.SelectMany(x => b.Select(y => x * y)), 0];
        return (products.Min(), products.Max());
    }

    /// <summary>Loops over the batch dimensions that have more than one entry; x and z are where the operands of one begin.</summary>
    private static int OpenBatches(CodeText code, int[] p, int batches)
    {
        List<string> x = ["xAt"], z = ["zAt"];
        int loops = 0;
        for (int d = 0; d < BatchMatMul.BatchDimensions && batches > 1; d++)
        {
            int size = p[BatchMatMul.BatchSizes + d], step = p[BatchMatMul.BatchSteps + d], step2 = p[BatchMatMul.BatchSteps2 + d];
            if (size == 1) continue;
            code.Open($"for (int b{d} = 0; b{d} < {size}; b{d}++)", 14);
            if (step > 0) x.Add($"b{d} * {step}");
            if (step2 > 0) z.Add($"b{d} * {step2}");
            loops++;
        }

        code.Line($"int first = {string.Join(" + ", x)}, second = {string.Join(" + ", z)};", 10 + 8 * loops);
        return loops;
    }

    /// <summary>The code of some columns that share their locals: packing, then all rows.</summary>
    private sealed record Columns(int[] P, int Depth, int Lanes, long Low, RequantiseForm Form, bool Holds)
    {
        private int Bits => Lanes == 3 ? 21 : 32;

        /// <summary>Reads the first operand.</summary>
        public void Hold(CodeText code)
        {
            for (int r = 0; r < P[BatchMatMul.Rows]; r++)
            {
                int row = r;
                code.Line($"long {string.Join(", ", Enumerable.Range(0, Depth).Select(d => $"x{row}_{d} = x[{CodeText.At("first", row * P[BatchMatMul.RowStep] + d * P[BatchMatMul.DepthStep])}]"))};", 9 * Depth);
            }
        }

        public void Write(CodeText code, int count, string column)
        {
            int step = P[BatchMatMul.ColumnStep], depthStep = P[BatchMatMul.DepthStep2], zero = P[BatchMatMul.ZeroPoint], zero2 = P[BatchMatMul.ZeroPoint2];
            long ones = Enumerable.Range(0, count).Sum(i => 1L << (i * Bits));
            code.Line($"from = second + {(step == 1 ? column : $"{column} * {step}")};", 8);
            if (!Holds) code.Line("at = first;", 2);
            code.Line($"to = yAt + {column};", 4);
            for (int d = 0; d < Depth; d++)
            {
                string[] terms = [.. Enumerable.Range(0, count).Select(i => Shifted($"z[{CodeText.At("from", d * depthStep + i * step)}]", i * Bits))];
                code.Line($"w{d} = {string.Join(" + ", terms)}{(zero2 == 0 ? "" : $" + {CodeText.Long(unchecked(-zero2 * ones))}")};", 4 + 14 * count);
            }

            // The sums begin where the least possible one is 0; the first operand's zero point counts for every row alike.
            string start = CodeText.Long(unchecked(-Low * ones));
            if (zero == 0) code.Line($"start = {start};", 10);
            else code.Sum(
                $"start = {start} + ", [$"{CodeText.Long(-zero)} * (w0{(Depth == 1 ? ")" : "")}", .. Enumerable.Range(1, Depth - 1).Select(d => $"w{d}{(d == Depth - 1 ? ")" : "")}")],
                14 + 3 * Depth);
            for (int r = 0; Holds && r < P[BatchMatMul.Rows]; r++)
            {
                int row = r;
                code.Sum("a = start + ", [.. Enumerable.Range(0, Depth).Select(d => $"x{row}_{d} * w{d}")], 5 + 6 * Depth);
                Stores(code, count, row * P[BatchMatMul.Columns]);
            }

            if (Holds) return;
            code.Open($"for (int row = 0; row < {P[BatchMatMul.Rows]}; row++)", 14);
            code.Sum("a = start + ", [.. Enumerable.Range(0, Depth).Select(d => $"x[{CodeText.At("at", d * P[BatchMatMul.DepthStep])}] * w{d}")], 5 + 11 * Depth);
            Stores(code, count, 0);
            code.Line($"at += {P[BatchMatMul.RowStep]};", 4);
            code.Line($"to += {P[BatchMatMul.Columns]};", 4);
            code.Close();
        }

        private void Stores(CodeText code, int count, int offset)
        {
            for (int i = 0; i < count; i++)
            {
                string sum = i == count - 1 ? Last(i) : $"({(i == 0 ? "a" : $"(a >> {i * Bits})")} & {CodeText.Long((1L << Bits) - 1)})";
                Form.Write(code, sum, 8, $"y[{CodeText.At("to", offset + i)}]", 4, raised: false);
            }
        }

        /// <summary>The highest lane has nothing above it; with two lanes it may reach the sign.</summary>
        private string Last(int lane) => lane == 0 ? "a" : Lanes == 3 ? $"(a >> {lane * Bits})" : $"(long)((ulong)a >> {lane * Bits})";

        private static string Shifted(string value, int bits) => bits == 0 ? $"(long){value}" : $"((long){value} << {bits})";
    }
}
