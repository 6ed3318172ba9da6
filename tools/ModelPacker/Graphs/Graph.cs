namespace TinyAI.ModelPacker.Graphs;

/// <summary>A model as a list of nodes in an order in which they can run. Passes change it in place.</summary>
public sealed class Graph
{
    /// <summary>Name of the model.</summary>
    public required string Name { get; set; }

    /// <summary>
    /// Whether the model says its quantisation by float operators between DEQUANTIZE and QUANTIZE, as ONNX does, so that they
    /// still have to become integer ones. In .tflite models such an operator is meant to be float.
    /// </summary>
    public bool SaysQuantisation { get; init; }

    /// <summary>Nodes in execution order.</summary>
    public List<Node> Nodes { get; init; } = [];

    /// <summary>Inputs of the model, in its own order.</summary>
    public List<Tensor> Inputs { get; init; } = [];

    /// <summary>Outputs of the model, in its own order.</summary>
    public List<Tensor> Outputs { get; init; } = [];

    /// <summary>The nodes that read a tensor.</summary>
    public IEnumerable<Node> Consumers(Tensor tensor) => Nodes.Where(node => node.Inputs.Contains(tensor));

    /// <summary>The node that computes a tensor, or null for inputs and constants.</summary>
    public Node? Producer(Tensor tensor) => Nodes.Find(node => node.Outputs.Contains(tensor));

    /// <summary>Makes every reader of a tensor, and the model's outputs, read another instead.</summary>
    public void Replace(Tensor old, Tensor replacement)
    {
        foreach (Node node in Nodes)
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (node.Inputs[i] == old) node.Inputs[i] = replacement;
            }
        }

        for (int i = 0; i < Outputs.Count; i++)
        {
            if (Outputs[i] == old) Outputs[i] = replacement;
        }
    }

    /// <summary>Whether exactly one node reads the tensor and the model does not give it out.</summary>
    public bool HasOneReader(Tensor tensor) => !Outputs.Contains(tensor) && Nodes.Sum(n => n.Inputs.Count(i => i == tensor)) == 1;
}
