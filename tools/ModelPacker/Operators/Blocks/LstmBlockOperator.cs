using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators.Blocks;

/// <summary>
/// LSTM with ONNX's gate order, on the kernel of TensorFlow Lite's LSTM: int8 activations and weights, one scale per gate,
/// cell of 16 bits in steps of 2^-11.
/// </summary>
internal sealed class LstmBlockOperator : Operator
{
    /// <summary>What one step of the cell is worth: it saturates at +-16, where tanh has been flat for long.</summary>
    public const float CellScale = 1f / 2048;

    /// <summary>ONNX's number (input, output, forget, cell) of each of the kernel's gates forget, input, cell, output.</summary>
    private static readonly int[] s_gates = [2, 0, 3, 1];

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. RecurrentBlocks.Check(node, 4, 3)];
        if (wrong.Length > 0) return wrong;
        int size = node.Output.Shape[2], count = node.Input().Shape[1] * size;
        return
        [
            .. BlockConstants.Check(node.OptionalInput(3), 8 * size),
            .. RecurrentState.Check(node.OptionalInput(4), count), .. RecurrentState.Check(node.OptionalInput(5), count),
        ];
    }

    public override long Macs(Node node) => (long)node.Output.Count * 4 * (node.Input().Shape[2] + node.Output.Shape[2]);

    public override void Lower(Node node, Lowering lowering)
    {
        bool reverse = ((LstmBlockOptions)node.Options!).Reverse;
        Tensor input = node.Input(), output = node.Output;
        int inSize = input.Shape[2], size = output.Shape[2], batches = input.Shape[1], count = batches * size;
        var p = new int[Lstm.ParameterCount];
        p[Lstm.InSize] = inSize;
        p[Lstm.StateSize] = size;
        p[Lstm.Steps] = input.Shape[0];
        p[Lstm.Batches] = batches;
        p[Lstm.TimeMajor] = reverse ? 2 : 1;
        p[Lstm.OutZeroPoint] = output.ZeroPoint;
        p[Lstm.BlockBytes] = RecurrentBlocks.Aligned(Lstm.BlockHeader + inSize + size);
        byte[] blocks = Blocks(node, p);
        const double unit = RecurrentBlocks.UnitScale;
        Put(p, Lstm.ForgetScale, unit);
        Put(p, Lstm.InputScale, unit * unit / CellScale);
        Put(p, Lstm.OutScale, unit * unit / output.Scale);

        // The argument of tanh is three times a Q3.12 number; a step of the cell is two of those.
        p[Lstm.TanhMultiplier] = (int)(3 * CellScale / RecurrentBlocks.GateScale);
        Place state = RecurrentState.Make(
            node, lowering, count,
            [
                new RecurrentState.Part(1, output.Scale, output.ZeroPoint, node.OptionalInput(4)),
                new RecurrentState.Part(2, CellScale, 0, node.OptionalInput(5)),
            ],
            work: 0);
        Place from = lowering.PlaceOf(input, node), to = lowering.Create(output);
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindLstm,
            Name = "Lstm",
            Origin = node,
            Input = from,
            Output = to,
            Scratch = state,
            Rows = input.Shape[0] * batches,
            Parameters = p,
            Weights = blocks,
            BlockBytes = p[Lstm.BlockBytes],
            WindowBytes = p[Lstm.BlockBytes],
            Macs = Macs(node),
            WeightCount = 4 * size * (inSize + size + 2),
        });
        if (node.Outputs.Count > 1)
            RecurrentState.Give(node, lowering, node.Outputs[1], RecurrentBlocks.LastStep(to, input.Shape[0], reverse), output.Scale, output.ZeroPoint, 1);
        if (node.Outputs.Count > 2)
            RecurrentState.Give(node, lowering, node.Outputs[2], new Place(state.Buffer, count, 2 * count), CellScale, 0, 2);
    }

    /// <summary>One block per gate of a unit, as <see cref="Lstm"/> describes; sets the multipliers of the gates' sums.</summary>
    private static byte[] Blocks(Node node, int[] p)
    {
        Tensor input = node.Input(), output = node.Output;
        int inSize = p[Lstm.InSize], size = p[Lstm.StateSize], step = p[Lstm.BlockBytes];
        (sbyte[] w, double[] scales) = BlockConstants.Quantise(node.Input(1), 4 * size, size);
        (sbyte[] r, double[] stateScales) = BlockConstants.Quantise(node.Input(2), 4 * size, size);
        double[] bias = BlockConstants.Reals(node.OptionalInput(3), 8 * size, 0);
        var blocks = new byte[checked(4 * size * step)];
        for (int i = 0; i < 4 * size; i++)
        {
            int row = s_gates[i % 4] * size + i / 4;
            var inSide = new RecurrentBlocks.Side(
                w.AsSpan(row * inSize, inSize), scales[row], input.Scale, input.ZeroPoint, bias[row] + bias[4 * size + row]);
            var stateSide = new RecurrentBlocks.Side(r.AsSpan(row * size, size), stateScales[row], output.Scale, output.ZeroPoint, 0);
            RecurrentBlocks.Write(blocks.AsSpan(i * step, step), Lstm.BlockHeader, inSide, stateSide);
            Put(p, Lstm.Scales + 4 * (i % 4), inSide.SumScale / RecurrentBlocks.GateScale);
            Put(p, Lstm.Scales + 4 * (i % 4) + 2, stateSide.SumScale / RecurrentBlocks.GateScale);
        }

        return blocks;
    }

    private static void Put(int[] p, int at, double real) => (p[at], p[at + 1]) = Requantisation.From(real);
}
