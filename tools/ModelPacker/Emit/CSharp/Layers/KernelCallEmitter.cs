using System.Reflection;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>
/// Writes layers without learned weights as calls of the device kernels, with parameter arrays and small tables that
/// the model makes once. The order of a kernel's arguments is read from the kernel itself, by the names that all
/// kernels share: p, x or x1, x2 or slopes, y, s, table, each of these but p followed by its offset, and rowFrom, rowTo.
/// </summary>
internal static class KernelCallEmitter
{
    /// <summary>Tables live on the heap; a larger one is no table but weights.</summary>
    public const int MostTableBytes = 4096;

    private static readonly Dictionary<int, (string Class, string Method)> s_kernels = new()
    {
        [PackFormat.KindMaxPool2D] = ("MaxPool2D", "Run"),
        [PackFormat.KindAveragePool2D] = ("AveragePool2D", "Run"),
        [PackFormat.KindAdd] = ("Add", "Run"),
        [PackFormat.KindMul] = ("Mul", "Run"),
        [PackFormat.KindSquaredDifference] = ("SquaredDifference", "Run"),
        [PackFormat.KindMean] = ("Mean", "Run"),
        [PackFormat.KindSoftmax] = ("Softmax", "Run"),
        [PackFormat.KindLookup] = ("Lookup", "Run"),
        [PackFormat.KindConvert] = ("Convert", "Run"),
        [PackFormat.KindStridedCopy] = ("StridedCopy", "Copy"),
        [PackFormat.KindFill] = ("Fill", "Run"),
        [PackFormat.KindResizeNearest] = ("ResizeNearest", "Run"),
        [PackFormat.KindResizeBilinear] = ("ResizeBilinear", "Run"),
        [PackFormat.KindBatchMatMul] = ("BatchMatMul", "Run"),
        [PackFormat.KindPRelu] = ("PRelu", "Run"),
        [PackFormat.KindMinMax] = ("MinMax", "Run"),
        [PackFormat.KindL2Normalise] = ("L2Normalise", "Run"),
        [PackFormat.KindDiv] = ("Div", "Run"),
        [PackFormat.KindGroupNorm] = ("GroupNorm", "Run"),
        [PackFormat.KindArgMinMax] = ("ArgMinMax", "Run"),
        [PackFormat.KindPool2DInt16] = ("Pool2DInt16", "Run"),
    };

    /// <summary>Writes a layer.</summary>
    /// <exception cref="UnsupportedModelException">There is no such kernel, or its constants are too large for the heap.</exception>
    public static LayerCode Write(CodeLayer code, int index)
    {
        Layer layer = code.Layer;
        var fields = new List<CodeField>();
        int constants = layer.Weights.Length + (code.First ?? code.Second ?? []).Length;
        if (constants > MostTableBytes)
        {
            throw new UnsupportedModelException([
                $"The {layer.Origin} has {constants:N0} bytes of constants, more than the {MostTableBytes:N0} that generated code keeps on the heap: run the pack instead.",
            ]);
        }

        if (layer.Kind == PackFormat.KindConstant) return Constant(layer, index, fields);
        bool hasTable = layer.Weights.Length > 0;
        MethodInfo? kernel = s_kernels.TryGetValue(layer.Kind, out var name)
            ? Find(name.Class, hasTable && layer.Kind == PackFormat.KindSoftmax ? "RunTable" : name.Method) : null;
        if (kernel is null)
            throw new UnsupportedModelException([$"The {layer.Origin} has no generated form ({layer.Name}): run the pack instead."]);

        var arguments = new List<string>();
        foreach (ParameterInfo parameter in kernel.GetParameters())
        {
            arguments.Add(parameter.Name switch
            {
                "p" => Field(fields, "int[]", $"_p{index}", layer.Parameters, 4),
                "x" or "x1" => Operand(fields, layer.Input, code.First, index),
                "x2" or "slopes" => Operand(fields, layer.Input2, code.Second, index),
                "y" => Names.Of(layer.Output),
                "s" => Names.Of(layer.Scratch),
                "table" => Field(fields, "byte[]", $"_t{index}", [.. layer.Weights], 1) + ", 0",
                "xAt" or "x1At" or "x2At" or "slopesAt" or "yAt" or "sAt" or "tableAt" => "",
                "rowFrom" or "from" => "0",
                "rowTo" or "to" => layer.Rows.ToString(),
                _ => throw new UnsupportedModelException([$"The {layer.Origin} has no generated form: {layer.Name} takes {parameter.Name}; run the pack instead."]),
            });
        }

        string call = $"TinyAI.Kernels.{name.Class}.{kernel.Name}({string.Join(", ", arguments.Where(a => a.Length > 0))});";
        return new LayerCode(index, [$"Kernel {name.Class} of TinyAI.Kernels, {layer.Rows} rows."], [], fields, [new CodeCall(null, call, 42)]);
    }

    private static LayerCode Constant(Layer layer, int index, List<CodeField> fields)
    {
        string field = Field(fields, "sbyte[]", $"_t{index}", [.. layer.Weights.Select(b => (sbyte)b)], 1);
        (string block, int offset) = ($"_block{layer.Output!.Value.Buffer.Block}", layer.Output.Value.Buffer.Offset + layer.Output.Value.Offset);
        return new LayerCode(
            index, [$"{layer.Weights.Length} constants."], [], fields,
            [new CodeCall(null, $"System.Array.Copy({field}, 0, {block}, {offset}, {layer.Weights.Length});", 30)]);
    }

    private static string Operand(List<CodeField> fields, Place? place, sbyte[]? constants, int index) =>
        constants is null ? Names.Of(place) : Field(fields, "sbyte[]", $"_c{index}", [.. constants], 1) + ", 0";

    private static MethodInfo? Find(string type, string method) =>
        typeof(Conv2D).Assembly.GetType($"TinyAI.Kernels.{type}")?.GetMethod(method, BindingFlags.Public | BindingFlags.Static);

    private static string Field(List<CodeField> fields, string type, string name, IReadOnlyList<int> values, int elementBytes)
    {
        fields.Add(CodeField.Numbers(type, name, values, elementBytes));
        return name;
    }
}
