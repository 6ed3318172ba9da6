using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes the copy of an input with its padding around it, by one method for all layers. Rows are copied by the firmware's own
/// Array.Copy, which costs the interpreter no more than a call, so that the convolution needs no tests for borders; what lies between
/// the end of a row and the beginning of the next is filled at once.
/// </summary>
internal static class PaddingEmitter
{
    /// <summary>A byte that is filled, and a row with its copy, in additions.</summary>
    private const double FillAdds = 7, RowAdds = 15;

    /// <summary>IL of a call, about.</summary>
    private const int CallIl = 38;

    private static readonly CodeMethod s_method = Method();

    /// <summary>What it costs the interpreter, in additions.</summary>
    public static double Adds(WindowGeometry g)
    {
        (int rows, int columns) = Inside(g);
        return g.Batch * (rows * (CodeCost.Copy + RowAdds) + (g.PaddedBytes / g.Batch - rows * columns * g.Channels) * FillAdds);
    }

    /// <summary>Adds the method and its calls, one for each image, to those of a layer.</summary>
    public static void Write(WindowGeometry g, Place input, Place padded, List<CodeMethod> methods, List<CodeCall> calls)
    {
        (int rows, int columns) = Inside(g);
        int inRow = g.Horizontal.In * g.Channels, row = g.Horizontal.Extent * g.Channels, run = columns * g.Channels, image = g.PaddedBytes / g.Batch;
        int left = Math.Min(g.Horizontal.Before, g.Horizontal.Extent) * g.Channels, between = row - run;
        int before = rows == 0 ? image : Math.Min(g.Vertical.Before, g.Vertical.Extent) * row + left, after = image - before - rows * row + between;
        methods.Add(s_method);
        for (int n = 0; n < g.Batch; n++)
        {
            string places = $"{Names.BlockOf(input)}, {Names.StartOf(input) + n * g.Vertical.In * inRow}, {Names.BlockOf(padded)}, {Names.StartOf(padded) + n * image}";
            calls.Add(new CodeCall(s_method, $"({places}, {rows}, {run}, {inRow}, {before}, {between}, {after}, {g.ZeroPoint})", CallIl));
        }
    }

    /// <summary>Rows and columns of the input that some window touches.</summary>
    private static (int Rows, int Columns) Inside(WindowGeometry g) =>
        (Math.Clamp(g.Vertical.Extent - g.Vertical.Before, 0, g.Vertical.In), Math.Clamp(g.Horizontal.Extent - g.Horizontal.Before, 0, g.Horizontal.In));

    private static CodeMethod Method()
    {
        var code = new CodeText(2);
        code.Line("// Copies rows of an input to where there is padding around them: values before the first, between two, and after the last.");
        code.Open("public static void Pad(sbyte[] x, int xAt, sbyte[] y, int yAt, int rows, int run, int inRow, int before, int between, int after, sbyte value)", 1);
        code.Line("int fill = before;", 3);
        code.Open("for (int row = 0; ; row++)", 8);
        code.Line("for (int end = yAt + fill; yAt < end; yAt++)", 14);
        code.Line("    y[yAt] = value;", 5);
        code.Line("if (row == rows)", 5).Line("    return;", 1);
        code.Line("System.Array.Copy(x, xAt, y, yAt, run);", 11);
        code.Line("yAt += run;", 6);
        code.Line("xAt += inRow;", 5);
        code.Line("fill = row == rows - 1 ? after : between;", 13);
        code.Close();
        code.Close();
        return new CodeMethod("Pad", code.ToString(), code.IlBytes) { IsPadding = true };
    }
}
