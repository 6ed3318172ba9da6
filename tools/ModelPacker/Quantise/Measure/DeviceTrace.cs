using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Quantise.Prepare;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Quantise.Measure;

/// <summary>
/// Runs an int8 graph with the device runtime so that the integers of its tensors can be looked at: a pack of the same
/// graph that gives out every integer tensor beside its outputs. Fusions that this prevents change no byte.
/// </summary>
public sealed class DeviceTrace
{
    private readonly ModelRunner _runner;
    private readonly List<(Tensor Source, Tensor Integers)> _outputs = [];

    /// <summary>Packs a graph for tracing.</summary>
    /// <param name="quantised">The int8 graph with the float tensors it was made of.</param>
    /// <param name="inner">Whether tensors inside are wanted, not only the outputs.</param>
    public DeviceTrace(QuantisedGraph quantised, bool inner = true)
    {
        (Graph graph, Dictionary<Tensor, Tensor> copies) = GraphCopy.Of(quantised.Graph);
        Outputs = graph.Outputs.Count;
        if (inner)
        {
            foreach ((Tensor source, Tensor integers) in quantised.Integers)
            {
                if (source.Type != TfliteType.FLOAT32 || !copies.TryGetValue(integers, out Tensor? copy) || graph.Outputs.Contains(copy)) continue;
                if (graph.Inputs.Contains(copy) || graph.Producer(copy) is null or { Operator: BuiltinOperator.READ_VARIABLE }) continue;
                _outputs.Add((source, integers));
                graph.Outputs.Add(copy);
            }
        }

        PassList.Run(graph);
        OperatorTable.Require(graph);
        _runner = new ModelRunner(Packer.Pack(Lowering.Run(graph), new Metadata(), int.MaxValue).Pack);
    }

    /// <summary>Number of outputs that are the model's own.</summary>
    public int Outputs { get; }

    /// <summary>Gives states their initial values.</summary>
    public void Reset() => _runner.Reset();

    /// <summary>One run: the model's outputs in its own types, and the real numbers of the integers for each float tensor inside.</summary>
    public (byte[][] Outputs, Dictionary<Tensor, float[]> Inner) Run(byte[][] inputs)
    {
        byte[][] results = _runner.Run(inputs);
        var inner = new Dictionary<Tensor, float[]>();
        for (int i = 0; i < _outputs.Count; i++) inner[_outputs[i].Source] = RealNumbers.Of(_outputs[i].Integers, results[Outputs + i]);
        return (results[..Outputs], inner);
    }
}
