using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators.Blocks;

/// <summary>A liquid cell: Euler steps of time step / unfold steps, weights as int8 with a scale per unit.</summary>
internal sealed class LiquidOperator : Operator
{
    private const int StateFractionBits = 16;

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. RecurrentBlocks.Check(node, 1, 2)];
        if (wrong.Length > 0) return wrong;
        var options = (LiquidOptions)node.Options!;
        int size = node.Output.Shape[2];
        wrong =
        [
            .. BlockConstants.Check(node.OptionalInput(3), size), .. BlockConstants.Check(node.OptionalInput(4), size, needed: true),
            .. RecurrentState.Check(node.OptionalInput(5), node.Input().Shape[1] * size),
        ];
        if (wrong.Length > 0) return wrong;
        if (options.UnfoldSteps is < 1 or > Liquid.MostRepeats) return [$"it makes {options.UnfoldSteps} steps at a time; 1 to {Liquid.MostRepeats} are possible."];
        if (!float.IsFinite(options.TimeStep) || options.TimeStep <= 0) return [$"its time step is {options.TimeStep}, not a positive number."];
        double step = Step(options);
        return BlockConstants.Reals(node.Input(4)).Any(tau => tau < step)
            ? [$"a time constant is shorter than its step of {step}, so that Euler steps do not come to rest: use more unfold steps."] : [];
    }

    public override long Macs(Node node) =>
        (long)node.Output.Count * ((LiquidOptions)node.Options!).UnfoldSteps * (node.Input().Shape[2] + node.Output.Shape[2]);

    public override void Lower(Node node, Lowering lowering)
    {
        var options = (LiquidOptions)node.Options!;
        Tensor input = node.Input(), output = node.Output;
        int inSize = input.Shape[2], size = output.Shape[2];
        var p = new int[Liquid.ParameterCount];
        p[Liquid.InSize] = inSize;
        p[Liquid.StateSize] = size;
        p[Liquid.Batches] = input.Shape[1];
        p[Liquid.Repeats] = options.UnfoldSteps;
        p[Liquid.OutZeroPoint] = output.ZeroPoint;
        double stateScale = Math.ScaleB(output.Scale, -StateFractionBits);
        (p[Liquid.StepScale], p[Liquid.StepScale + 1]) = Requantisation.From(Step(options) * RecurrentBlocks.UnitScale / stateScale);
        p[Liquid.BlockBytes] = RecurrentBlocks.Aligned(Liquid.BlockHeader + inSize + size);
        Tensor? initial = node.OptionalInput(5);
        RecurrentState.Part[] parts = [new(1, output.Scale, output.ZeroPoint, initial), new(4, stateScale, 0, initial)];
        RecurrentBlocks.Add(node, lowering, parts, 0, false, new Layer
        {
            Kind = PackFormat.KindLiquid, Name = "Liquid", Origin = node, Rows = input.Shape[0] * input.Shape[1], Parameters = p, Weights = Blocks(node, p), BlockBytes = p[Liquid.BlockBytes],
            Macs = Macs(node), WeightCount = size * (inSize + size + 2),
        });
    }

    private static double Step(LiquidOptions options) => (double)options.TimeStep / options.UnfoldSteps;

    private static byte[] Blocks(Node node, int[] p)
    {
        Tensor input = node.Input(), output = node.Output;
        int inSize = p[Liquid.InSize], size = p[Liquid.StateSize], step = p[Liquid.BlockBytes];
        (sbyte[] w, double[] scales) = BlockConstants.Quantise(node.Input(1), size, 1);
        (sbyte[] r, double[] stateScales) = BlockConstants.Quantise(node.Input(2), size, 1);
        double[] bias = BlockConstants.Reals(node.OptionalInput(3), size, 0), tau = BlockConstants.Reals(node.Input(4));
        double time = Step((LiquidOptions)node.Options!);
        var blocks = new byte[checked(size * step)];
        for (int unit = 0; unit < size; unit++)
        {
            Span<byte> block = blocks.AsSpan(unit * step, step);
            RecurrentBlocks.Write(
                block, Liquid.BlockHeader,
                new RecurrentBlocks.Side(w.AsSpan(unit * inSize, inSize), scales[unit], input.Scale, input.ZeroPoint, bias[unit]),
                new RecurrentBlocks.Side(r.AsSpan(unit * size, size), stateScales[unit], output.Scale, output.ZeroPoint, 0));
            BinaryPrimitives.WriteInt32LittleEndian(block[24..], (int)Math.Min(Math.Round(Math.ScaleB(time / tau[unit], 31)), int.MaxValue));
        }

        return blocks;
    }
}
