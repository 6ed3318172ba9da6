using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Float;

/// <summary>
/// One run of one node: the real numbers of its inputs, memory for those of its outputs, and what the node's function
/// keeps from run to run (index maps).
/// </summary>
public sealed class FloatCall
{
    private readonly float[]?[] _inputs;
    private object? _kept;

    internal FloatCall(Node node)
    {
        Node = node;
        Intermediates = new float[node.Intermediates.Count][];
        _inputs = new float[node.Inputs.Count][];
        Outputs = [.. node.Outputs.Select(o => new float[o.Count])];
    }

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>Memory of the outputs, which the function fills.</summary>
    public float[][] Outputs { get; }

    /// <summary>Values between, which a function may leave here for the tensors of the node's intermediates: they are calibrated too.</summary>
    public float[]?[] Intermediates { get; }

    /// <summary>Memory of the first output.</summary>
    public float[] Output => Outputs[0];

    /// <summary>Numbers of an input that must be there.</summary>
    public float[] Input(int index = 0) => _inputs[index]!;

    /// <summary>Numbers of an input, or null where it is absent.</summary>
    public float[]? OptionalInput(int index) => index < _inputs.Length ? _inputs[index] : null;

    /// <summary>Dimensions of an input.</summary>
    public int[] Shape(int index = 0) => Node.Input(index).Shape;

    /// <summary>What is computed at the node's first run and kept.</summary>
    public T Once<T>(Func<T> make)
        where T : class => (T)(_kept ??= make());

    internal void Set(int index, float[]? values) => _inputs[index] = values;

    /// <summary>New memory, because the caller of the last run keeps its values.</summary>
    internal void Renew()
    {
        for (int i = 0; i < Outputs.Length; i++) Outputs[i] = new float[Outputs[i].Length];
    }
}
