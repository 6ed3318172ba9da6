using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// SPACE_TO_DEPTH: the pixels of a block become channels, row by row; DEPTH_TO_SPACE is the way back. Both are the same
/// copy between [batch, height, blockRow, width, blockColumn, channels] and [batch, height, width, blockRow, blockColumn, channels].
/// </summary>
internal sealed class SpaceDepthOperator : MovementOperator
{
    protected override IEnumerable<string> CheckMoves(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong = [.. Movement.SameKind(input, output), .. Requirements.Rank(input, 4), .. Requirements.Rank(output, 4)];
        if (wrong.Length > 0) return wrong;
        int block = Block(node);
        (Tensor space, Tensor depth) = node.Operator == BuiltinOperator.SPACE_TO_DEPTH ? (input, output) : (output, input);
        if (block is < 1 or > 4096) return [$"its block size is {block}."];
        if (space.Shape[1] != (long)depth.Shape[1] * block || space.Shape[2] != (long)depth.Shape[2] * block
            || depth.Shape[3] != (long)space.Shape[3] * block * block || space.Shape[0] != depth.Shape[0])
            return [$"blocks of {block}x{block} do not turn {input} into {output}."];
        return [];
    }

    public override MovePlan Plan(Node node, int output)
    {
        bool toDepth = node.Operator == BuiltinOperator.SPACE_TO_DEPTH;
        int[] small = (toDepth ? node.Output : node.Input()).Shape;
        int block = Block(node), channels = small[3] / (block * block);
        int[] space = CopyAxis.Steps([small[0], small[1], block, small[2], block, channels], 1);
        int[] depth = CopyAxis.Steps([small[0], small[1], small[2], block, block, channels], 1);
        (int Count, int Space, int Depth)[] axes =
        [
            (small[0], space[0], depth[0]), (small[1], space[1], depth[1]), (block, space[2], depth[3]), (small[2], space[3], depth[2]),
            (block, space[4], depth[4]), (channels, 1, 1),
        ];
        return Movement.Reorder(node.Output.ElementBytes, axes.Select(a => toDepth ? new CopyAxis(a.Count, a.Space, a.Depth) : new CopyAxis(a.Count, a.Depth, a.Space)));
    }

    private static int Block(Node node) => node.Options switch
    {
        SpaceToDepthOptions s => s.BlockSize,
        DepthToSpaceOptions d => d.BlockSize,
        _ => 1,
    };
}
