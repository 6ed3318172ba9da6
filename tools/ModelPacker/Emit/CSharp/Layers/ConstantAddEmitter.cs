using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes a sum or difference of activations and constants. For one constant the kernel's output is a step function of 256
/// activations, so (x * m + c) >> s in 32-bit arithmetic is the same where a common m and s and a c for each constant exist,
/// which is looked for among all of them; no constant is left then but c. These repeat inside a loop, or they are arguments of a method
/// that is called for a few elements each time. Limit: the activations are as many as the outputs; others are left to the kernel.
/// </summary>
internal static class ConstantAddEmitter
{
    /// <summary>The largest shift at which products and sums stay within 32 bits.</summary>
    private const int MostShift = 20;

    /// <summary>Elements of one turn of a loop, and of a call.</summary>
    private const int MostInTurn = 16, MostInCall = 8;

    /// <summary>What an element takes in the kernel and here, and a call, in additions; the bytes of an element, of its constant and of a call.</summary>
    private const double KernelAdds = 61, OwnAdds = 15, CallAdds = 9;

    /// <inheritdoc cref="KernelAdds"/>
    private const int ElementBytes = 50, ConstantBytes = 5, CallBytes = 12;

    /// <summary>Writes a layer, or returns null where its form is another or its time not worth the flash.</summary>
    public static LayerCode? Write(CodeLayer operands, int index, CodeWorth worth)
    {
        Layer layer = operands.Layer;
        if (layer.Kind != PackFormat.KindAdd || (operands.First ?? operands.Second) is not { } constants) return null;
        int[] p = layer.Parameters;
        int count = layer.Output!.Value.Bytes, inner = p[Broadcast.Inner];
        bool first = operands.First is not null;
        int[] Offsets(int strides, int step) => [.. Enumerable.Range(0, count).Select(i => Broadcast.Offset(p, strides, step, i / inner) + i % inner * step)];
        int[] at1 = Offsets(Broadcast.Strides1, p[Broadcast.InnerStride1]), at2 = Offsets(Broadcast.Strides2, p[Broadcast.InnerStride2]);
        if (!(first ? at2 : at1).SequenceEqual(Enumerable.Range(0, count))) return null;
        sbyte[] values = [.. (first ? at1 : at2).Select(at => constants[at])];
        if (Solution.Of(p, [.. values.Distinct()], first, operands.Input) is not { } solution) return null;

        int period = Enumerable.Range(1, count).First(n => count % n == 0 && Enumerable.Range(n, count - n).All(i => values[i] == values[i - n]));
        bool loops = period < count && period <= MostInTurn;
        // A byte and an addition weigh about alike in a small model.
        int turn = loops ? period : Enumerable.Range(1, Math.Min(MostInCall, count)).Where(n => count % n == 0).MinBy(n => n * ElementBytes + count / n * (CallBytes + CallAdds));
        int bytes = turn * ElementBytes + (loops ? 30 + period * ConstantBytes : count / turn * CallBytes + count * ConstantBytes);
        double adds = count * OwnAdds + (loops ? count / turn * CodeCost.Turn : count / turn * CallAdds) + CodeCost.Call;
        // The kernel takes constants on the heap, and not too many.
        bool mustPay = constants.Length <= KernelCallEmitter.MostTableBytes;
        if (bytes > worth.Options.MethodIlBytes || mustPay && !worth.Pays(count * KernelAdds - adds, bytes - constants.Length)) return null;

        var code = new CodeText(2);
        string name = $"Layer{index}_0";
        string[] addends = [.. values.Take(loops ? period : count).Select(v => $"{solution.Addends[v]}")];
        string x = "xAt", y = "yAt";
        code.Open($"public static void {name}(sbyte[] x, int xAt, sbyte[] y, int yAt)", 1);
        if (loops)
        {
            code.Line("int q;");
            code.Open($"for (int i = 0; i < {count / period}; i++)", 14);
            for (int i = 0; i < period; i++) solution.Write(code, CodeText.At(x, i), CodeText.At(y, i), addends[i]);
            code.Line($"xAt += {period};", 5);
            code.Line($"yAt += {period};", 5);
            code.Close();
            code.Close();
        }
        else
        {
            for (int i = 0; i < count; i += turn)
                code.Line($"{name}Some(x, {CodeText.At(x, i)}, y, {CodeText.At(y, i)}, {string.Join(", ", addends[i..(i + turn)])});", CallBytes + turn * ConstantBytes);
            code.Close();
            code.Line();
            code.Open($"private static void {name}Some(sbyte[] x, int xAt, sbyte[] y, int yAt, {string.Join(", ", Enumerable.Range(0, turn).Select(i => $"int c{i}"))})", 1);
            code.Line("int q;");
            for (int i = 0; i < turn; i++) solution.Write(code, CodeText.At(x, i), CodeText.At(y, i), $"c{i}");
            code.Close();
        }

        var method = new CodeMethod(name, code.ToString(), code.IlBytes, Methods: loops ? 1 : 2);
        var call = new CodeCall(method, $"({Names.Of(first ? layer.Input2 : layer.Input)}, {Names.Of(layer.Output)})", Names.CallIl);
        return new LayerCode(index, [$"{constants.Length} constants in addends, {turn} elements at a time."], [method], [], [call]) { Adds = adds };
    }

    /// <summary>The common factor and shift, and the addend of every constant; Raised tells whether results are 128 higher, for one test of both bounds.</summary>
    private sealed record Solution(int Multiplier, int Shift, Dictionary<sbyte, int> Addends, int? Low, int? High, bool Raised)
    {
        /// <summary>Looks for the smallest shift, or returns null.</summary>
        public static Solution? Of(int[] p, sbyte[] constants, bool first, ValueRange range)
        {
            sbyte[] x = [.. Enumerable.Range(range.Min, range.Max - range.Min + 1).Select(v => (sbyte)v)];
            Dictionary<sbyte, sbyte[]> wanted = constants.ToDictionary(c => c, c => Outputs(p, x, c, first));
            double slope = Math.ScaleB(p[first ? Add.Multiplier2 : Add.Multiplier1], 20 - 31 - p[first ? Add.Right2 : Add.Right1])
                * Math.ScaleB(p[Add.OutMultiplier], -31 - p[Add.OutRight]) * (first && p[Add.Sign] < 0 ? -1 : 1);
            for (int shift = 4; shift <= MostShift; shift++)
            {
                double exact = slope * (1 << shift);
                if (Math.Abs(exact) > 1 << MostShift) return null;
                foreach (int multiplier in (int[])[(int)Math.Floor(exact), (int)Math.Floor(exact) + 1])
                {
                    if (Fit(p, x, wanted, multiplier, shift) is { } addends) return Bounded(p, x, addends, multiplier, shift);
                }
            }

            return null;
        }

        /// <summary>Writes the statements for one element.</summary>
        public void Write(CodeText code, string from, string to, string addend)
        {
            code.Line($"q = (x[{from}] * {Multiplier} + {addend}) >> {Shift};", 20);
            if (Raised) code.Line("if ((q >> 8) != 0) q = (~q >> 31) & 255;", 16);
            else if (Low is { } low) code.Line($"if (q < {low}) q = {low};", 9);
            if (!Raised && High is { } high) code.Line($"if (q > {high}) q = {high};", 9);
            code.Line($"y[{to}] = (sbyte){(Raised ? "(q ^ 128)" : "q")};", 14);
        }

        /// <summary>The kernel's outputs for one constant.</summary>
        private static sbyte[] Outputs(int[] p, sbyte[] x, sbyte constant, bool first)
        {
            var own = (int[])p.Clone();
            (own[Broadcast.OuterRank], own[Broadcast.Inner], own[Broadcast.InnerStride1], own[Broadcast.InnerStride2]) = (0, x.Length, first ? 0 : 1, first ? 1 : 0);
            var y = new sbyte[x.Length];
            if (first) Add.Run(own, [constant], 0, x, 0, y, 0, 0, 1);
            else Add.Run(own, x, 0, [constant], 0, y, 0, 0, 1);
            return y;
        }

        private static Dictionary<sbyte, int>? Fit(int[] p, sbyte[] x, Dictionary<sbyte, sbyte[]> wanted, int multiplier, int shift)
        {
            var addends = new Dictionary<sbyte, int>();
            foreach ((sbyte constant, sbyte[] y) in wanted)
            {
                long least = int.MinValue, most = int.MaxValue;
                for (int i = 0; i < x.Length; i++)
                {
                    long product = (long)x[i] * multiplier;
                    if (y[i] > p[Add.OutMin]) least = Math.Max(least, ((long)y[i] << shift) - product);
                    if (y[i] < p[Add.OutMax]) most = Math.Min(most, ((y[i] + 1L) << shift) - 1 - product);
                }

                if (least > most) return null;
                // Where a clamp decides all outputs any addend will do that makes it decide.
                long addend = least == int.MinValue ? most : most == int.MaxValue ? least : least + (most - least) / 2;
                if (Math.Abs(addend) > 1 << (MostShift + 9)) return null;
                addends[constant] = (int)addend;
            }

            return addends;
        }

        private static Solution Bounded(int[] p, sbyte[] x, Dictionary<sbyte, int> addends, int multiplier, int shift)
        {
            int Result(sbyte value, int addend) => (value * multiplier + addend) >> shift;
            int least = addends.Values.Min(c => Math.Min(Result(x[0], c), Result(x[^1], c))), most = addends.Values.Max(c => Math.Max(Result(x[0], c), Result(x[^1], c)));
            bool low = least < p[Add.OutMin], high = most > p[Add.OutMax], raised = low && high && p[Add.OutMin] == sbyte.MinValue && p[Add.OutMax] == sbyte.MaxValue;
            if (raised) addends = addends.ToDictionary(a => a.Key, a => a.Value + (128 << shift));
            return new Solution(multiplier, shift, addends, low ? p[Add.OutMin] : null, high ? p[Add.OutMax] : null, raised);
        }
    }
}
