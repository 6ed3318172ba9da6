using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>Writes a mean or sum over few values as one expression per output, with the requantisation of convolutions.</summary>
internal static class MeanEmitter
{
    /// <summary>More values are left to the kernel's loops.</summary>
    private const int MostTaps = 64;

    /// <summary>What the kernel takes for an output more than this code, and for each value; the bytes of code.</summary>
    private const double OutputAdds = 55, TapAdds = 2;

    /// <summary>Writes a layer, or returns null where its form is another or its time not worth the flash.</summary>
    public static LayerCode? Write(Layer layer, int index, ValueRange input, CodeWorth worth)
    {
        int[] p = layer.Parameters;
        if (layer.Kind != PackFormat.KindMean || p[Mean.Mode] != Mean.ModeSum) return null;
        int[] taps = [.. Offsets(p, Mean.ReducedSizes, Mean.ReducedStrides)];
        int[] sizes = p[Mean.KeptSizes..(Mean.KeptSizes + 3)], strides = p[Mean.KeptStrides..(Mean.KeptStrides + 3)];
        int outputs = sizes[0] * sizes[1] * sizes[2];
        if (taps.Length > MostTaps || !worth.Pays((OutputAdds + TapAdds * taps.Length) * outputs, 130 + 8 * taps.Length)) return null;
        int least = taps.Length * input.Min;
        RequantiseForm? form = RequantiseForm.Derive(
            new Requantisation(p[Mean.Multiplier], p[Mean.Shift]), least - p[Mean.ZeroSum], (long)taps.Length * (input.Max - input.Min), p[Mean.OutZeroPoint],
            p[Mean.OutMin], p[Mean.OutMax]);
        if (form is null) return null;

        var code = new CodeText(2);
        string name = $"Layer{index}_0";
        code.Open($"public static void {name}(sbyte[] x, int xAt, sbyte[] y, int yAt)", 1);
        RequantiseForm.Declare(code, [form], p[Mean.OutMin], p[Mean.OutMax], raised: false);
        int moved = 0;
        string[] counters = ["i", "j", "k"];
        var open = new Stack<(int Size, int Stride)>();
        for (int d = 0; d < 3; d++)
        {
            if (sizes[d] == 1) continue;
            code.Open($"for (int {counters[d]} = 0; {counters[d]} < {sizes[d]}; {counters[d]}++)", 14);
            open.Push((sizes[d], strides[d]));
        }

        code.Sum("a = ", [.. taps.Select(t => t == 0 ? "x[xAt]" : $"x[xAt + {t}]")], 4 + taps.Sum(t => 6 + CodeText.IntBytes(t)));
        // The form takes a sum that begins at 0.
        form.Lifting(-least).Widened().Write(code, "a", 2, "y[yAt]", 2, raised: false);
        code.Line("yAt++;", 5);
        while (open.TryPop(out (int Size, int Stride) axis))
        {
            int by = axis.Stride - moved;
            if (by != 0) code.Line(by > 0 ? $"xAt += {by};" : $"xAt -= {-by};", 6);
            moved = axis.Size * axis.Stride;
            code.Close();
        }

        code.Close();
        var method = new CodeMethod(name, code.ToString(), code.IlBytes);
        return new LayerCode(index, [$"Sums of {taps.Length} values."], [method], [], [new CodeCall(method, $"({Names.Of(layer.Input)}, {Names.Of(layer.Output)})", Names.CallIl)])
        {
            Adds = outputs * (taps.Length * 5.0 + CodeCost.Output + CodeCost.Turn) + CodeCost.Call,
        };
    }

    private static IEnumerable<int> Offsets(int[] p, int sizes, int strides)
    {
        for (int i = 0; i < p[sizes]; i++)
        {
            for (int j = 0; j < p[sizes + 1]; j++)
            {
                for (int k = 0; k < p[sizes + 2]; k++) yield return i * p[strides] + j * p[strides + 1] + k * p[strides + 2];
            }
        }
    }
}
