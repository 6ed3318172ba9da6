using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators.Blocks;

/// <summary>GRU with ONNX's gate order; weights become int8 with a scale per unit and gate.</summary>
internal sealed class GruOperator : Operator
{
    // Gates as ONNX counts them.
    private const int Update = 0, Reset = 1, New = 2;

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. RecurrentBlocks.Check(node, 3, 2)];
        if (wrong.Length > 0) return wrong;
        int size = node.Output.Shape[2];
        return [.. BlockConstants.Check(node.OptionalInput(3), 6 * size), .. RecurrentState.Check(node.OptionalInput(4), node.Input().Shape[1] * size)];
    }

    public override long Macs(Node node) => (long)node.Output.Count * 3 * (node.Input().Shape[2] + node.Output.Shape[2]);

    public override void Lower(Node node, Lowering lowering)
    {
        var options = (GruOptions)node.Options!;
        Tensor input = node.Input(), output = node.Output;
        int inSize = input.Shape[2], size = output.Shape[2];
        var p = new int[Gru.ParameterCount];
        p[Gru.InSize] = inSize;
        p[Gru.StateSize] = size;
        p[Gru.Batches] = input.Shape[1];
        p[Gru.Reverse] = options.Reverse ? 1 : 0;
        p[Gru.Repeats] = 1;
        p[Gru.OutZeroPoint] = output.ZeroPoint;
        (p[Gru.OutScale], p[Gru.OutScale + 1]) = Requantisation.From(RecurrentBlocks.UnitScale / output.Scale);
        p[Gru.ResetAfter] = options.LinearBeforeReset ? 1 : 0;
        p[Gru.BlockBytes] = RecurrentBlocks.Aligned(Gru.BlockHeader + inSize + size);
        Tensor? initial = node.OptionalInput(4);
        RecurrentState.Part[] parts = [new(1, output.Scale, output.ZeroPoint, initial), new(2, RecurrentBlocks.UnitScale, 0, initial)];
        RecurrentBlocks.Add(node, lowering, parts, 2 * size, options.Reverse, new Layer
        {
            Kind = PackFormat.KindGru, Name = "Gru", Origin = node, Rows = input.Shape[0] * input.Shape[1], Parameters = p, Weights = Blocks(node, p), BlockBytes = p[Gru.BlockBytes],
            Macs = Macs(node), WeightCount = 3 * size * (inSize + size + 2),
        });
    }

    private static byte[] Blocks(Node node, int[] p)
    {
        Tensor input = node.Input(), output = node.Output;
        int inSize = p[Gru.InSize], size = p[Gru.StateSize], step = p[Gru.BlockBytes];
        (sbyte[] w, double[] scales) = BlockConstants.Quantise(node.Input(1), 3 * size, 1);
        (sbyte[] r, double[] stateScales) = BlockConstants.Quantise(node.Input(2), 3 * size, 1);
        double[] bias = BlockConstants.Reals(node.OptionalInput(3), 6 * size, 0);
        var blocks = new byte[checked(3 * size * step)];
        for (int i = 0; i < 3 * size; i++)
        {
            (int gate, int unit) = i < size ? (Reset, i) : ((i - size) % 2 == 0 ? Update : New, (i - size) / 2);
            int row = gate * size + unit;
            bool apart = gate == New && p[Gru.ResetAfter] != 0;
            double inBias = bias[row] + (apart ? 0 : bias[3 * size + row]), stateBias = apart ? bias[3 * size + row] : 0;
            RecurrentBlocks.Write(
                blocks.AsSpan(i * step, step), Gru.BlockHeader,
                new RecurrentBlocks.Side(w.AsSpan(row * inSize, inSize), scales[row], input.Scale, input.ZeroPoint, inBias),
                new RecurrentBlocks.Side(r.AsSpan(row * size, size), stateScales[row], output.Scale, output.ZeroPoint, stateBias));
        }

        return blocks;
    }
}
