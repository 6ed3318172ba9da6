using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Float;

/// <summary>Values that stay from run to run: resource variables, and tensors that are variables themselves.</summary>
internal sealed class FloatState
{
    private readonly Dictionary<Variable, float[]> _variables = [];
    private readonly Dictionary<Tensor, float[]> _tensors = [];

    /// <summary>Whether a node is about variables only.</summary>
    public static bool Handles(Node node) =>
        node.Operator is BuiltinOperator.VAR_HANDLE or BuiltinOperator.READ_VARIABLE or BuiltinOperator.ASSIGN_VARIABLE
        || node.Options is CacheOptions;

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        _variables.Clear();
        _tensors.Clear();
    }

    /// <summary>The value of a tensor that is a variable, which its node may change in place; null for any other.</summary>
    public float[]? Find(Tensor tensor)
    {
        if (!tensor.IsVariable) return null;
        if (!_tensors.TryGetValue(tensor, out float[]? value)) _tensors[tensor] = value = new float[tensor.Count];
        return value;
    }

    /// <summary>Runs a node that <see cref="Handles"/> names.</summary>
    public void Run(Node node, Dictionary<Tensor, float[]> values)
    {
        if (node.Operator == BuiltinOperator.READ_VARIABLE) values[node.Output] = Value(node.Variable!, node.Output);
        if (node.Options is CacheOptions) values[node.Output] = Write(node, Value(node.Variable!, node.Output), values);
        if (node.Operator == BuiltinOperator.ASSIGN_VARIABLE) _variables[node.Variable!] = values[node.Input(1)];
    }

    /// <summary>The cache with the new rows of every head at the position, which is held inside it as on the device.</summary>
    private float[] Write(Node node, float[] old, Dictionary<Tensor, float[]> values)
    {
        var cache = (float[])old.Clone();
        float[] x = values[node.Input()];
        int[] shape = node.Input().Shape;
        (int added, int width, int length) = (shape[^2], shape[^1], ((CacheOptions)node.Options!).Length);
        int position = (int)Math.Clamp(values[node.Input(1)][0], 0, length - added), piece = added * width;
        for (int row = 0; row < x.Length / piece; row++) x.AsSpan(row * piece, piece).CopyTo(cache.AsSpan((row * length + position) * width));
        return _variables[node.Variable!] = cache;
    }

    private float[] Value(Variable variable, Tensor tensor)
    {
        if (_variables.TryGetValue(variable, out float[]? value)) return value;
        return _variables[variable] = variable.Initial is { } bytes ? RealNumbers.Of(tensor, bytes) : new float[tensor.Count];
    }
}
