using TinyAI.ModelPacker.Emit.CSharp.Sums;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes the copy of an input with its padding around it. Rows are copied by the firmware's own Array.Copy, which costs
/// the interpreter no more than a call, so that the convolution needs no tests for borders.
/// </summary>
internal static class PaddingEmitter
{
    /// <summary>What it costs the interpreter, in additions: filled bytes one by one, rows by one copy each.</summary>
    public static double Adds(WindowGeometry g)
    {
        int rows = Math.Clamp(g.Vertical.Extent - g.Vertical.Before, 0, g.Vertical.In), columns = Math.Clamp(g.Horizontal.Extent - g.Horizontal.Before, 0, g.Horizontal.In);
        return g.Batch * (rows * (CodeCost.Copy + 10) + (g.PaddedBytes / g.Batch - rows * columns * g.Channels) * 6.5);
    }

    /// <summary>The method that fills the padded copy.</summary>
    public static CodeMethod Write(WindowGeometry g, string name)
    {
        WindowAxis v = g.Vertical, h = g.Horizontal;
        int inRow = h.In * g.Channels, row = h.Extent * g.Channels;
        int rows = Math.Clamp(v.Extent - v.Before, 0, v.In), columns = Math.Clamp(h.Extent - h.Before, 0, h.In);
        int top = Math.Min(v.Before, v.Extent) * row, bottom = v.Extent * row - top - rows * row;
        int left = Math.Min(h.Before, h.Extent) * g.Channels, run = columns * g.Channels, right = row - left - run;
        var code = new CodeText(2);
        code.Line("// The input with its padding around it.");
        code.Open($"public static void {name}(sbyte[] x, int xAt, sbyte[] y, int yAt)", 1);
        if (g.Batch > 1) code.Open($"for (int n = 0; n < {g.Batch}; n++)", 16);
        Fill(code, top, g.ZeroPoint);
        if (rows > 1) code.Open($"for (int i = 0; i < {rows}; i++)", 16);
        if (rows > 0)
        {
            Fill(code, left, g.ZeroPoint);
            if (run > 0)
            {
                code.Line($"System.Array.Copy(x, xAt, y, yAt, {run});", 14);
                code.Line($"yAt += {run};", 6);
            }

            Fill(code, right, g.ZeroPoint);
            code.Line($"xAt += {inRow};", 6);
        }

        if (rows > 1) code.Close();
        Fill(code, bottom, g.ZeroPoint);
        if (g.Batch > 1 && v.In != rows) code.Line($"xAt += {(v.In - rows) * inRow};", 6);
        if (g.Batch > 1) code.Close();
        code.Close();
        return new CodeMethod(name, code.ToString(), code.IlBytes) { IsPadding = true };
    }

    private static void Fill(CodeText code, int count, int value)
    {
        if (count == 0) return;
        if (count <= 4)
        {
            for (int i = 0; i < count; i++) code.Line($"y[yAt++] = {value};", 9);
            return;
        }

        code.Line($"for (int end = yAt + {count}; yAt < end; yAt++)", 18);
        code.Line($"    y[yAt] = {value};", 5);
    }
}
