using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// Takes a PAD with the zero point on height and width into the convolution that alone reads it, whose border
/// arithmetic is the same. Between the two there may be a reshape that only adds a dimension of one (a 1-D convolution).
/// Limits: the convolution must have VALID padding; batch and channels must not be padded.
/// </summary>
public static class FusePad
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        foreach (Node convolution in graph.Nodes.ToArray())
        {
            if (!IsValidConvolution(convolution) || convolution.FusedPadding is not null || convolution.OptionalInput(0) is not { } image) continue;
            if (!graph.HasOneReader(image) || graph.Producer(image) is not { } producer) continue;
            if (OperatorTable.Find(producer) is ReshapeOperator reshape && !reshape.Check(producer).Any() && graph.HasOneReader(producer.Input())
                && graph.Producer(producer.Input()) is { } before && Padding(before) is { } narrow && Widen(producer, narrow) is { } widened)
            {
                Tensor source = before.Input();
                var wide = new Tensor
                {
                    Name = source.Name, Type = source.Type, Quantisation = source.Quantisation,
                    Shape = [.. image.Shape.Select((n, d) => n - widened[2 * d] - widened[2 * d + 1])],
                };
                if (!Fuse(convolution, wide, widened)) continue;
                graph.Nodes[graph.Nodes.IndexOf(producer)] = new Node { Operator = BuiltinOperator.RESHAPE, Inputs = [source], Outputs = [wide], Origin = producer.Origin };
                graph.Nodes.Remove(before);
            }
            else if (Padding(producer) is { } pads && Fuse(convolution, producer.Input(), pads))
            {
                graph.Nodes.Remove(producer);
            }
        }
    }

    /// <summary>Whether the node is a convolution whose window stays inside its input.</summary>
    internal static bool IsValidConvolution(Node node) =>
        node is { Operator: BuiltinOperator.CONV_2D, Options: Conv2DOptions { Padding: TflitePadding.VALID } }
            or { Operator: BuiltinOperator.DEPTHWISE_CONV_2D, Options: DepthwiseConv2DOptions { Padding: TflitePadding.VALID } };

    private static bool Fuse(Node convolution, Tensor image, int[] pads)
    {
        if (pads.Length != 8 || pads[0] != 0 || pads[1] != 0 || pads[6] != 0 || pads[7] != 0) return false;
        convolution.FusedPadding = [pads[2], pads[4], pads[3], pads[5]];
        convolution.Inputs[0] = image;
        return true;
    }

    /// <summary>The paddings of a sound PAD node that pads with the zero point, or null.</summary>
    private static int[]? Padding(Node node)
    {
        if (OperatorTable.Find(node) is not PadOperator pad || pad.Check(node).Any()) return null;
        if (node.Input().Quantisation is null || (node.OptionalInput(2) is { } value && !value.Data.AsSpan().SequenceEqual(Movement.Zero(node.Output)))) return null;
        return Movement.Values(node.Input(1));
    }

    /// <summary>Paddings with nothing added around the dimension of one that a reshape puts in; null for any other reshape.</summary>
    private static int[]? Widen(Node reshape, int[] pads)
    {
        int[] from = reshape.Input().Shape, to = reshape.Output.Shape;
        if (to.Length != from.Length + 1) return null;
        for (int at = 0; at < to.Length; at++)
        {
            if (Movement.Insert(from, at, 1).AsSpan().SequenceEqual(to)) return [.. pads[..(2 * at)], 0, 0, .. pads[(2 * at)..]];
        }

        return null;
    }
}
