using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Quantise.Measure;

/// <summary>Inputs of a model and what its float graph, as it came, makes of them.</summary>
public sealed class ReferenceCases
{
    /// <summary>Computes the outputs.</summary>
    public ReferenceCases(Graph graph, IReadOnlyList<float[][]> inputs)
    {
        (Graph, Inputs) = (graph, inputs);
        var runner = new FloatRunner(graph);
        var outputs = new float[inputs.Count][][];
        for (int c = 0; c < outputs.Length; c++)
        {
            if (!IsStateful) runner.Reset();
            Dictionary<Tensor, float[]> values = runner.Run(inputs[c]);
            outputs[c] = [.. graph.Outputs.Select(o => values[o])];
        }

        Outputs = outputs;
    }

    /// <summary>The float graph.</summary>
    public Graph Graph { get; }

    /// <summary>Inputs of each case.</summary>
    public IReadOnlyList<float[][]> Inputs { get; }

    /// <summary>Outputs of each case.</summary>
    public IReadOnlyList<float[][]> Outputs { get; }

    /// <summary>Number of cases.</summary>
    public int Count => Inputs.Count;

    /// <summary>Whether the model keeps values from case to case.</summary>
    public bool IsStateful => KeepsState(Graph);

    /// <summary>Whether a graph keeps values from case to case.</summary>
    public static bool KeepsState(Graph graph) => graph.Nodes.Any(n => n.Variable is not null || n.Inputs.Any(t => t is { IsVariable: true }));

    /// <summary>The inputs of a case as bytes of the model's own types.</summary>
    public byte[][] Bytes(int index) => [.. Inputs[index].Select((v, i) => RealNumbers.Bytes(v, Graph.Inputs[i].ModelType ?? Graph.Inputs[i].Type))];

    /// <summary>The numbers of an output given in the model's own type.</summary>
    public float[] Real(int output, byte[] bytes) => RealNumbers.Of(Graph.Outputs[output], Graph.Outputs[output].ModelType ?? Graph.Outputs[output].Type, bytes);
}
