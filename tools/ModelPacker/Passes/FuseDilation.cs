using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Passes;

/// <summary>
/// SPACE_TO_BATCH_ND, a convolution with VALID padding and stride 1, and BATCH_TO_SPACE_ND are one dilated convolution:
/// the blocks are the dilation, the borders the padding, less what is cropped. Reshapes in between that only add or
/// take away a dimension of one (1-D convolutions) are looked through.
/// Limits: each tensor in between has one reader; crops before the image are no larger than the padding there.
/// </summary>
public static class FuseDilation
{
    /// <summary>Runs the pass.</summary>
    public static void Run(Graph graph)
    {
        foreach (Node convolution in graph.Nodes.ToArray())
        {
            if (FusePad.IsValidConvolution(convolution) && graph.Nodes.Contains(convolution)) TryFuse(graph, convolution);
        }
    }

    private static void TryFuse(Graph graph, Node convolution)
    {
        if (convolution.FusedPadding is not null || convolution.OptionalInput(0) is not { Shape.Length: 4 } image || convolution.Outputs.Count != 1) return;
        if (!graph.HasOneReader(image) || !graph.HasOneReader(convolution.Output) || convolution.Output.Shape.Length != 4) return;
        Node? before = graph.Producer(image), after = graph.Consumers(convolution.Output).First();
        Node? widen = null, narrow = null;
        if (IsReshape(before) && graph.HasOneReader(before!.Input())) (widen, before) = (before, graph.Producer(before.Input()));
        if (IsReshape(after) && graph.HasOneReader(after!.Output)) (narrow, after) = (after, graph.Consumers(after.Output).First());
        if (before is not { Operator: BuiltinOperator.SPACE_TO_BATCH_ND } || after is not { Operator: BuiltinOperator.BATCH_TO_SPACE_ND }) return;
        if (OperatorTable.Find(before)!.Check(before).Any() || OperatorTable.Find(after)!.Check(after).Any()) return;
        if (!graph.HasOneReader(before.Output) || before.Input().Quantisation is null) return;
        if (Borders(before, widen?.Output ?? before.Output) is not { } pads || Borders(after, narrow?.Input() ?? after.Input()) is not { } crops) return;
        if (pads.BlockHeight != crops.BlockHeight || pads.BlockWidth != crops.BlockWidth) return;
        int[] padding = [pads.Top - crops.Top, pads.Left - crops.Left, pads.Bottom - crops.Bottom, pads.Right - crops.Right];
        if (padding[0] < 0 || padding[1] < 0 || Dilated(convolution.Options, pads.BlockHeight, pads.BlockWidth) is not { } options) return;

        // The convolution takes and gives four dimensions; where the model has three, reshapes around it stay.
        Tensor source = before.Input(), result = after.Output;
        Tensor input = widen is null ? source : FourDimensional(source, widen.Output, pads);
        Tensor output = narrow is null ? result : FourDimensional(result, narrow.Input(), crops);
        convolution.Options = options;
        convolution.FusedPadding = padding;
        convolution.Inputs[0] = input;
        convolution.Outputs[0] = output;
        if (widen is not null) Put(graph, before, source, input);
        if (narrow is not null) Put(graph, after, output, result);
        foreach (Node? gone in new[] { widen is null ? before : widen, narrow is null ? after : narrow }) graph.Nodes.Remove(gone!);
    }

    private sealed record Blocks(int BlockHeight, int BlockWidth, int Top, int Bottom, int Left, int Right, int HeightAxis);

    private static bool IsReshape(Node? node) => node is not null && OperatorTable.Find(node) is ReshapeOperator reshape && !reshape.Check(node).Any();

    /// <summary>
    /// Blocks and borders of height and width as the convolution sees them. One blocked dimension of three is height or
    /// width, depending on where the reshape to four dimensions puts the one.
    /// </summary>
    private static Blocks? Borders(Node node, Tensor four)
    {
        int[] block = Movement.Values(node.Input(1)), border = Movement.Values(node.Input(2));
        int[] batch = (node.Operator == BuiltinOperator.SPACE_TO_BATCH_ND ? node.Output : node.Input()).Shape;
        if (four.Shape.Length != 4) return null;
        if (batch.Length == 4 && batch.AsSpan().SequenceEqual(four.Shape))
        {
            return block.Length switch
            {
                1 => new Blocks(block[0], 1, border[0], border[1], 0, 0, 0),
                2 => new Blocks(block[0], block[1], border[0], border[1], border[2], border[3], 0),
                _ => null,
            };
        }

        if (batch.Length != 3 || block.Length != 1) return null;
        if (four.Shape.AsSpan().SequenceEqual(Movement.Insert(batch, 1, 1))) return new Blocks(1, block[0], 0, 0, border[0], border[1], 1);
        if (four.Shape.AsSpan().SequenceEqual(Movement.Insert(batch, 2, 1))) return new Blocks(block[0], 1, border[0], border[1], 0, 0, 2);
        return null;
    }

    private static TfliteOptions? Dilated(TfliteOptions? options, int height, int width) => options switch
    {
        Conv2DOptions { StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1 } c => c with { DilationH = height, DilationW = width },
        DepthwiseConv2DOptions { StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1 } d => d with { DilationH = height, DilationW = width },
        _ => null,
    };

    private static Tensor FourDimensional(Tensor tensor, Tensor like, Blocks blocks) => new()
    {
        Name = tensor.Name, Type = tensor.Type, Quantisation = tensor.Quantisation ?? like.Quantisation,
        Shape = Movement.Insert(tensor.Shape, blocks.HeightAxis, 1),
    };

    private static void Put(Graph graph, Node old, Tensor input, Tensor output) =>
        graph.Nodes[graph.Nodes.IndexOf(old)] = new Node { Operator = BuiltinOperator.RESHAPE, Inputs = [input], Outputs = [output], Origin = old.Origin };
}
