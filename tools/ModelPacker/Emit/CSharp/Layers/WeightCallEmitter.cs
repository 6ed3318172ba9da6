using System.Globalization;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes weighted layers that are not code as calls of the device kernels. Their blocks of weights are arrays that the
/// model makes once from initialisers in flash, a page of whole blocks each: they take as much heap as flash.
/// </summary>
internal static class WeightCallEmitter
{
    /// <summary>Bytes of one array: larger ones are at risk in a fragmented heap.</summary>
    private const int PageBytes = 16_000;

    /// <summary>Kernels, and whether they take one row at a time (rows then come before pages) or a range of rows.</summary>
    private static readonly Dictionary<int, (string Class, bool HasState, bool RowByRow)> s_kernels = new()
    {
        [PackFormat.KindConv2D] = ("Conv2D", false, false),
        [PackFormat.KindDepthwiseConv2D] = ("DepthwiseConv2D", false, false),
        [PackFormat.KindFullyConnected] = ("FullyConnected", false, false),
        [PackFormat.KindTransposeConv2D] = ("TransposeConv2D", false, false),
        [PackFormat.KindConv2DInt16] = ("Conv2DInt16", false, false),
        [PackFormat.KindSvdf] = ("Svdf", true, false),
        [PackFormat.KindLstm] = ("Lstm", true, true),
    };

    /// <summary>Whether a layer has blocks of weights and a kernel that takes them.</summary>
    public static bool Takes(Layer layer) => s_kernels.ContainsKey(layer.Kind) || layer.Kind == PackFormat.KindSoftmaxInt16;

    /// <summary>Writes a layer.</summary>
    /// <exception cref="UnsupportedModelException">One block of weights is larger than an array may be.</exception>
    public static LayerCode Write(Layer layer, int index)
    {
        var methods = new List<CodeMethod>();
        var fields = new List<CodeField>
        {
            CodeField.Numbers("int[]", $"_p{index}", layer.Parameters, 4),
        };
        var calls = new List<CodeCall>();
        if (layer.Kind == PackFormat.KindSoftmaxInt16) Softmax(layer, index, methods, fields, calls);
        else Blocks(layer, index, methods, fields, calls);
        string name = layer.Kind == PackFormat.KindSoftmaxInt16 ? "SoftmaxInt16" : s_kernels[layer.Kind].Class;
        return new LayerCode(
            index, [$"Kernel {name} of TinyAI.Kernels, {layer.Rows} rows, {layer.Weights.Length:N0} bytes of weights on the heap."], methods, fields, calls);
    }

    private static void Blocks(Layer layer, int index, List<CodeMethod> methods, List<CodeField> fields, List<CodeCall> calls)
    {
        (string kernel, bool hasState, bool rowByRow) = s_kernels[layer.Kind];
        int blocks = layer.Weights.Length / layer.BlockBytes, page = Math.Min(blocks, PageBytes / layer.BlockBytes);
        if (page == 0)
        {
            throw new UnsupportedModelException([
                $"One output of the {layer.Origin} has {layer.BlockBytes:N0} bytes of weights, more than the {PageBytes:N0} of an array in a generated library: run the pack instead.",
            ]);
        }

        string indent = "";
        if (rowByRow)
        {
            bool reverse = layer.Parameters[Kernels.Lstm.TimeMajor] > 1;
            calls.Add(new CodeCall(null, reverse ? $"for (int row = {layer.Rows - 1}; row >= 0; row--)" : $"for (int row = 0; row < {layer.Rows}; row++)", 14));
            calls.Add(new CodeCall(null, "{", 0));
            indent = "    ";
        }

        for (int from = 0; from < blocks; from += page)
        {
            int to = Math.Min(from + page, blocks);
            string field = Array(index, methods, fields, layer.Weights.AsSpan(from * layer.BlockBytes, (to - from) * layer.BlockBytes));
            string state = hasState ? $", {Names.Of(layer.Scratch)}" : "", rows = rowByRow ? "row" : $"0, {layer.Rows}";
            calls.Add(new CodeCall(null, $"{indent}TinyAI.Kernels.{kernel}.Run(_p{index}, {Names.Of(layer.Input)}, {Names.Of(layer.Output)}{state}, {field}, 0, {from}, {to}, {rows});", 46));
        }

        if (rowByRow) calls.Add(new CodeCall(null, "}", 0));
    }

    /// <summary>The 16-bit softmax looks single entries of its tables up; its loop over a row is written here.</summary>
    private static void Softmax(Layer layer, int index, List<CodeMethod> methods, List<CodeField> fields, List<CodeCall> calls)
    {
        string table = Array(index, methods, fields, layer.Weights);
        int size = layer.Parameters[Kernels.SoftmaxInt16.Size], reciprocals = 2 * Kernels.SoftmaxInt16.TableCount;
        var code = new CodeText(2);
        string name = $"Layer{index}_{methods.Count}";
        code.Open($"public static void {name}(int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, byte[] table)", 1);
        code.Open($"for (int row = 0; row < {layer.Rows}; row++)", 14);
        code.Line($"int max = TinyAI.Kernels.SoftmaxInt16.Max(x, xAt, {size}), sum = 0;", 16);
        code.Open($"for (int i = 0; i < {2 * size}; i += 2)", 14);
        code.Line("int argument = TinyAI.Kernels.SoftmaxInt16.ExpArgument(p, x, xAt + i, max);", 14);
        code.Line("int power = TinyAI.Kernels.SoftmaxInt16.Interpolate(table, TinyAI.Kernels.SoftmaxInt16.TableOffset(argument), argument);", 14);
        code.Line("y[yAt + i] = (sbyte)power;", 8);
        code.Line("y[yAt + i + 1] = (sbyte)(power >> 8);", 12);
        code.Line("sum += power;", 4);
        code.Close();
        code.Line("int inverse = TinyAI.Kernels.SoftmaxInt16.ReciprocalArgument(sum);", 7);
        code.Line($"int reciprocal = TinyAI.Kernels.SoftmaxInt16.Interpolate(table, {reciprocals} + TinyAI.Kernels.SoftmaxInt16.TableOffset(inverse), inverse);", 20);
        code.Line($"TinyAI.Kernels.SoftmaxInt16.Divide(y, yAt, {size}, sum, reciprocal);", 14);
        code.Line($"xAt += {2 * size};", 5);
        code.Line($"yAt += {2 * size};", 5);
        code.Close();
        code.Close();
        var method = new CodeMethod(name, code.ToString(), code.IlBytes);
        methods.Add(method);
        calls.Add(new CodeCall(method, $"(_p{index}, {Names.Of(layer.Input)}, {Names.Of(layer.Output)}, {table})", Names.CallIl));
    }

    /// <summary>Adds an array with the method that makes it and returns its name.</summary>
    private static string Array(int index, List<CodeMethod> methods, List<CodeField> fields, ReadOnlySpan<byte> bytes)
    {
        var code = new CodeText(2);
        string name = $"Weights{index}_{methods.Count}", field = $"_w{index}_{methods.Count}";
        code.Open($"public static byte[] {name}()", 1);
        code.Line("return new byte[]", 20);
        code.Line("{");
        for (int at = 0; at < bytes.Length; at += 40)
        {
            string line = "";
            foreach (byte b in bytes[at..Math.Min(at + 40, bytes.Length)]) line += b.ToString(CultureInfo.InvariantCulture) + ", ";
            code.Line("    " + line.TrimEnd());
        }

        code.Line("};");
        code.Close();
        var method = new CodeMethod(name, code.ToString(), code.IlBytes, DataBytes: bytes.Length);
        methods.Add(method);
        fields.Add(new CodeField("byte[]", field, "", HeapModel.Array(bytes.Length, 1), 0, method));
        return field;
    }
}
