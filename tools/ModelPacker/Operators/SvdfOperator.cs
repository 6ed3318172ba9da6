using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// SVDF: feature weights [filters, inSize] int8, time weights [filters, memory] int8 or int16, state [batch, filters *
/// memory] of the same type. The fused activation has no part in the arithmetic of the reference.
/// </summary>
internal sealed class SvdfOperator : Operator
{
    internal const int Features = 1, Times = 2, Bias = 3, State = 4;

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 3)];
        if (wrong.Length > 0) return wrong;
        if (node.OptionalInput(State) is not { } state) return ["it has no state, the file is damaged or from an unknown converter."];
        var options = node.Options as SvdfOptions ?? new SvdfOptions();
        Tensor input = node.Input(), features = node.Input(Features), times = node.Input(Times), output = node.Output;
        wrong =
        [
            .. Requirements.Int8(input), .. Requirements.Int8(features), .. Requirements.Int8(output),
            .. Requirements.Rank(input, 2), .. Requirements.Rank(features, 2), .. Requirements.Rank(times, 2), .. Requirements.Rank(output, 2),
            .. Requirements.Constant(features, TfliteType.INT8), .. CheckTimes(times, state),
        ];
        if (wrong.Length > 0) return wrong;
        if (options.Activation is not (TfliteActivation.NONE or TfliteActivation.RELU))
            return [$"its activation is {options.Activation}; only NONE and RELU are possible."];
        int filters = features.Shape[0], inSize = features.Shape[1], memory = times.Shape[1];
        if (options.Rank < 1 || filters % options.Rank != 0) return [$"its rank {options.Rank} does not divide its {filters} filters."];
        if (memory < 1 || times.Shape[0] != filters) return [$"its time weights {times} do not fit its {filters} filters."];
        if (features.ZeroPoint != 0 || times.ZeroPoint != 0) return ["its weights have a zero point other than 0: only symmetric weights are supported."];
        int batches = input.Shape[0], units = filters / options.Rank;
        if (node.OptionalInput(Bias) is { } bias && (!bias.IsConstant || bias.Type != TfliteType.INT32 || bias.Count != units))
            return [$"the bias {bias.Name} must be {units} constants of int32, it is {bias}."];
        return
        [
            .. Requirements.Shape(input, batches, inSize), .. Requirements.Shape(output, batches, units),
            .. Requirements.Shape(state, batches, filters * memory),
        ];
    }

    public override long Macs(Node node) => (long)node.Input().Shape[0] * (node.Input(Features).Count + node.Input(Times).Count);

    public override void Lower(Node node, Lowering lowering)
    {
        var options = node.Options as SvdfOptions ?? new SvdfOptions();
        Tensor input = node.Input(), features = node.Input(Features), times = node.Input(Times), state = node.Input(State), output = node.Output;
        int units = features.Shape[0] / options.Rank, filterBytes = 4 + features.Shape[1] + times.Shape[1] * times.ElementBytes;
        var p = new int[Svdf.ParameterCount];
        p[Svdf.InSize] = features.Shape[1];
        p[Svdf.Units] = units;
        p[Svdf.Rank] = options.Rank;
        p[Svdf.Memory] = times.Shape[1];
        p[Svdf.StateBytes] = times.ElementBytes;
        p[Svdf.StateZeroPoint] = state.ZeroPoint;
        p[Svdf.OutZeroPoint] = output.ZeroPoint;
        p[Svdf.BlockBytes] = (4 + options.Rank * filterBytes + PackFormat.Alignment - 1) / PackFormat.Alignment * PackFormat.Alignment;
        // Both products and both quotients are rounded to float (TFLite Micro svdf_common.cc).
        float toState = (float)((float)(input.Scale * features.Scale) / state.Scale);
        float toOutput = (float)((float)(state.Scale * times.Scale) / output.Scale);
        (p[Svdf.StateMultiplier], p[Svdf.StateShift]) = Requantisation.From(toState);
        (p[Svdf.OutMultiplier], p[Svdf.OutShift]) = Requantisation.From(toOutput);
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindSvdf,
            Name = "Svdf",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Scratch = lowering.CreateState(state.Name, state.Bytes, state.ElementBytes, state.Type == TfliteType.INT8 ? state.ZeroPoint : 0, null),
            Rows = input.Shape[0],
            Parameters = p,
            Weights = Blocks(node, p, filterBytes),
            BlockBytes = p[Svdf.BlockBytes],
            WindowBytes = p[Svdf.BlockBytes],
            Macs = Macs(node),
            WeightCount = features.Count + times.Count + (node.OptionalInput(Bias)?.Count ?? 0),
        });
    }

    /// <summary>One block per unit, as <see cref="Svdf"/> describes, with the zero points folded in.</summary>
    private static byte[] Blocks(Node node, int[] p, int filterBytes)
    {
        Tensor features = node.Input(Features), times = node.Input(Times);
        long[] timeValues = times.Integers();
        int inSize = p[Svdf.InSize], memory = p[Svdf.Memory], rank = p[Svdf.Rank], step = p[Svdf.BlockBytes];
        var blocks = new byte[checked(p[Svdf.Units] * step)];
        for (int unit = 0; unit < p[Svdf.Units]; unit++)
        {
            Span<byte> block = blocks.AsSpan(unit * step, step);
            long start = node.OptionalInput(Bias) is { } bias ? BitConverter.ToInt32(bias.Data!, 4 * unit) : 0;
            for (int i = 0; i < rank; i++)
            {
                int filter = unit * rank + i;
                Span<byte> part = block.Slice(4 + i * filterBytes, filterBytes);
                ReadOnlySpan<byte> taps = features.Data.AsSpan(filter * inSize, inSize);
                int sum = 0;
                foreach (byte tap in taps) sum += (sbyte)tap;
                BinaryPrimitives.WriteInt32LittleEndian(part, -node.Input().ZeroPoint * sum);
                taps.CopyTo(part[4..]);
                times.Data.AsSpan(filter * memory * times.ElementBytes, memory * times.ElementBytes).CopyTo(part[(4 + inSize)..]);
                for (int t = 0; t < memory; t++) start -= p[Svdf.StateZeroPoint] * timeValues[filter * memory + t];
            }

            BinaryPrimitives.WriteInt32LittleEndian(block, unchecked((int)start));
        }

        return blocks;
    }

    private static IEnumerable<string> CheckTimes(Tensor times, Tensor state)
    {
        if (times.Type is not (TfliteType.INT8 or TfliteType.INT16) || state.Type != times.Type)
            return [$"its time weights {times} and its state {state} must both be int8 or both int16: convert with full integer quantisation."];
        if (!times.IsConstant) return [$"tensor {times.Name} must be constant, but is computed."];
        if (!state.IsVariable) return [$"its state {state.Name} is not a variable of the model."];
        if (times.Quantisation is not { IsPerChannel: false } || state.Quantisation is not { IsPerChannel: false })
            return ["its time weights and its state must have one scale each: convert with full integer quantisation."];
        (int low, int high) = state.Type == TfliteType.INT8 ? (-128, 127) : (0, 0);
        return [.. Requirements.Scales(times, -128, 127), .. Requirements.Scales(state, low, high)];
    }
}
