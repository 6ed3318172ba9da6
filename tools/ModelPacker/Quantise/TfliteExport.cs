using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>Writes a graph as a .tflite file, for this tool and for other runtimes.</summary>
public static class TfliteExport
{
    /// <summary>Every reason why a graph cannot be written.</summary>
    public static List<string> Check(Graph graph)
    {
        List<string> reasons = [.. graph.Nodes.Where(n => n.Operator == BuiltinOperator.CUSTOM)
            .Select(n => $"The {n.Options switch { BlockOptions block => $"operator {n.Origin} {block.Code}", _ => n.ToString() }} has no TensorFlow Lite form: write a pack instead.")];
        reasons.AddRange(graph.Nodes.Where(n => n.FusedPadding is not null && n.FusedPadding.Any(p => p != 0))
            .Select(n => $"The {n} pads each side of its image differently, which a .tflite file cannot say: write a pack instead."));
        reasons.AddRange(graph.Nodes.Where(n => n.Variable is not null).Select(n => $"The {n} keeps a variable: write a pack instead."));
        return reasons;
    }

    /// <summary>The bytes of the file.</summary>
    /// <exception cref="UnsupportedModelException">The graph has nodes that the format lacks.</exception>
    public static byte[] Write(Graph quantised)
    {
        Graph graph = Prepare.GraphCopy.Of(quantised).Graph;
        PlainFunctions.Run(graph);
        RoundDownByBias(graph);
        List<string> reasons = Check(graph);
        if (reasons.Count > 0) throw new UnsupportedModelException(reasons);
        var builder = new TfliteModelBuilder(subgraphName: graph.Name);
        var indices = new Dictionary<Tensor, int>();
        int Index(Tensor? tensor)
        {
            if (tensor is null) return -1;
            if (indices.TryGetValue(tensor, out int known)) return known;
            Quantisation? q = tensor.Quantisation;
            return indices[tensor] = builder.AddTensor(
                tensor.Name, tensor.Type, tensor.Shape, q?.Scales, q is null ? null : [.. q.Scales.Select((_, i) => i < q.ZeroPoints.Length ? q.ZeroPoints[i] : 0)], q?.Axis ?? 0,
                tensor.Data, tensor.IsVariable);
        }

        int[] inputs = [.. graph.Inputs.Select(Index)];
        foreach (Node node in graph.Nodes)
        {
            int[] from = [.. node.Inputs.Select(Index)];
            builder.AddOperator(node.Operator, from, [.. node.Outputs.Select(Index)], node.Options, Version(node));
        }

        return TfliteWriter.Write(builder.SetInputs(inputs).SetOutputs([.. graph.Outputs.Select(Index)]).Build());
    }

    /// <summary>TensorFlow Lite has no layer that rounds down: half a step less in the bias, rounded to nearest, comes near to it.</summary>
    private static void RoundDownByBias(Graph graph)
    {
        foreach (Node node in graph.Nodes.Where(n => n.Outputs is [{ RoundedDown: true }] && n.OptionalInput(2) is { IsConstant: true, Type: TfliteType.INT32 }))
        {
            Tensor bias = node.Input(2);
            Func<int, double> half = Lower.ChannelBlocks.Halves(node.Input(), node.Input(1), node.Output)!;
            int[] lowered = [.. bias.Integers().Select((b, channel) => (int)Math.Round(b + (bias.Fractions?[channel] ?? 0) - half(channel)))];
            node.Inputs[2] = new Tensor
            {
                Name = bias.Name, Type = bias.Type, Shape = bias.Shape, Quantisation = bias.Quantisation, Data = System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(lowered).ToArray(),
            };
        }
    }

    /// <summary>The operator's version that stands for its int8 form (TFLite tools/versioning/op_version.cc).</summary>
    private static int Version(Node node)
    {
        bool int8 = node.Inputs.Concat(node.Outputs).Any(t => t?.Type == TfliteType.INT8);
        if (!int8) return 1;
        return node.Operator switch
        {
            BuiltinOperator.CONV_2D or BuiltinOperator.DEPTHWISE_CONV_2D => 3,
            BuiltinOperator.FULLY_CONNECTED => 4,
            BuiltinOperator.SPLIT_V or BuiltinOperator.TRANSPOSE_CONV or BuiltinOperator.CONCATENATION or BuiltinOperator.PACK or BuiltinOperator.RESIZE_BILINEAR
                or BuiltinOperator.RESIZE_NEAREST_NEIGHBOR or BuiltinOperator.LEAKY_RELU => 2,
            BuiltinOperator.RESHAPE or BuiltinOperator.SQUEEZE or BuiltinOperator.QUANTIZE or BuiltinOperator.PRELU or BuiltinOperator.HARD_SWISH or BuiltinOperator.SHAPE => 1,
            _ => 2,
        };
    }
}
