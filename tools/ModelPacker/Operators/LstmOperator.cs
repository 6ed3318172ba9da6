using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// UNIDIRECTIONAL_SEQUENCE_LSTM, the full-integer form that Keras' LSTM layer becomes: int8 input [batch, time, values]
/// (or time first), int8 weights, int16 cell. The variants that TFLite Micro does not compute either (coupled gates,
/// peephole, projection, layer normalisation) are refused by name.
/// </summary>
internal sealed class LstmOperator : Operator
{
    // Inputs of the node, TFLite lstm_shared.h. Gates stand in the order input, forget, cell, output.
    private const int Weights = 1, Recurrent = 5, Peephole = 9, Bias = 12, Projection = 16, OutputState = 18, CellState = 19, LayerNorm = 20;

    /// <summary>The file's gate number of each of the kernel's gates forget, input, cell, output.</summary>
    private static readonly int[] s_gates = [1, 0, 2, 3];

    public override IEnumerable<string> Check(Node node)
    {
        if (node.OptionalInput(Weights) is null)
            return ["it has no weights for the input gate, which means that input and forget gate are coupled (CIFG): use a plain LSTM layer."];
        if (Any(node, Peephole, 3)) return ["it has peephole weights, which are not supported: use a plain LSTM layer."];
        if (Any(node, Projection, 2)) return ["it projects its output, which is not supported: use a plain LSTM layer, and a Dense layer after it."];
        if (Any(node, LayerNorm, 4)) return ["it normalises inside the layer (layer norm), which is not supported: use a plain LSTM layer."];
        int[] needed = [0, .. Enumerable.Range(Weights, 8), .. Enumerable.Range(Bias, 4), OutputState, CellState];
        if (needed.Any(i => node.OptionalInput(i) is null) || node.Outputs.Count != 1)
            return ["it lacks weights, biases, states or its output, the file is damaged or from an unknown converter."];

        var options = node.Options as UnidirectionalSequenceLstmOptions ?? new UnidirectionalSequenceLstmOptions();
        Tensor input = node.Input(), output = node.Output, h = node.Input(OutputState), cell = node.Input(CellState);
        string[] wrong =
        [
            .. Requirements.Int8(input), .. Requirements.Int8(output), .. Requirements.Int8(h),
            .. Requirements.Rank(input, 3), .. Requirements.Rank(output, 3), .. CheckCell(cell),
        ];
        if (wrong.Length > 0) return wrong;
        wrong = [.. CheckOptions(options, cell)];
        if (wrong.Length > 0) return wrong;
        if (!h.IsVariable || !cell.IsVariable) return ["its states are not variables of the model: convert the layer without an initial state."];
        int size = output.Shape[2], batches = options.TimeMajor ? input.Shape[1] : input.Shape[0];
        return
        [
            .. Requirements.Shape(output, input.Shape[0], input.Shape[1], size),
            .. CheckCount(h, batches * size), .. CheckCount(cell, batches * size),
            .. Enumerable.Range(Weights, 4).SelectMany(i => CheckMatrix(node.Input(i), size, input.Shape[2])),
            .. Enumerable.Range(Recurrent, 4).SelectMany(i => CheckMatrix(node.Input(i), size, size)),
            .. Enumerable.Range(Bias, 4).SelectMany(i => CheckBias(node.Input(i), size)),
        ];
    }

    public override long Macs(Node node) =>
        (long)node.Output.Count * 4 * (node.Input().Shape[2] + node.Output.Shape[2]);

    public override void Lower(Node node, Lowering lowering)
    {
        var options = node.Options as UnidirectionalSequenceLstmOptions ?? new UnidirectionalSequenceLstmOptions();
        Tensor input = node.Input(), output = node.Output, h = node.Input(OutputState), cell = node.Input(CellState);
        int inSize = input.Shape[2], size = output.Shape[2], states = h.Count;
        var p = new int[Lstm.ParameterCount];
        p[Lstm.InSize] = inSize;
        p[Lstm.StateSize] = size;
        p[Lstm.Steps] = input.Shape[options.TimeMajor ? 0 : 1];
        p[Lstm.Batches] = states / size;
        p[Lstm.TimeMajor] = options.TimeMajor ? 1 : 0;
        p[Lstm.OutZeroPoint] = h.ZeroPoint;
        p[Lstm.CellClip] = (int)Math.Clamp((double)options.CellClip / cell.Scale, -32768.0, 32767.0);
        int tanhShift = TanhShift(cell);
        p[Lstm.TanhMultiplier] = tanhShift < 0 ? 3 << -tanhShift : 3;
        p[Lstm.TanhShift] = Math.Max(tanhShift, 0);
        p[Lstm.BlockBytes] = Align(Lstm.BlockHeader + inSize + size);

        // Gates are Q3.12 before and Q0.15 after their function; a gate's sums are scaled like a fully connected layer.
        const float gateScale = 1f / 4096, valueScale = 1f / 32768;
        for (int gate = 0; gate < 4; gate++)
        {
            float weights = node.Input(Weights + s_gates[gate]).Scale, recurrent = node.Input(Recurrent + s_gates[gate]).Scale;
            Put(p, Lstm.Scales + 4 * gate, (double)(float)(input.Scale * weights) / gateScale);
            Put(p, Lstm.Scales + 4 * gate + 2, (double)(float)(h.Scale * recurrent) / gateScale);
        }

        Put(p, Lstm.ForgetScale, (double)valueScale * cell.Scale / cell.Scale);
        Put(p, Lstm.InputScale, (double)valueScale * valueScale / cell.Scale);
        Put(p, Lstm.OutScale, (double)valueScale * valueScale / h.Scale);

        var initial = new byte[3 * states];
        Array.Fill(initial, (byte)h.ZeroPoint, 0, states);
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindLstm,
            Name = "Lstm",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Scratch = lowering.CreateState(h.Name, initial.Length, 1, h.ZeroPoint, initial),
            Rows = input.Shape[0] * input.Shape[1],
            Parameters = p,
            Weights = Blocks(node, p),
            BlockBytes = p[Lstm.BlockBytes],
            WindowBytes = p[Lstm.BlockBytes],
            Macs = Macs(node),
            WeightCount = 4 * size * (inSize + size + 1),
        });
    }

    /// <summary>One block per gate of a unit, as <see cref="Lstm"/> describes, with the zero points folded in.</summary>
    private static byte[] Blocks(Node node, int[] p)
    {
        int inSize = p[Lstm.InSize], size = p[Lstm.StateSize], step = p[Lstm.BlockBytes];
        int inZero = node.Input().ZeroPoint, hZero = node.Input(OutputState).ZeroPoint;
        var blocks = new byte[checked(4 * size * step)];
        for (int i = 0; i < 4 * size; i++)
        {
            (int unit, int gate) = (i / 4, s_gates[i % 4]);
            Span<byte> block = blocks.AsSpan(i * step, step);
            ReadOnlySpan<byte> row = node.Input(Weights + gate).Data.AsSpan(unit * inSize, inSize);
            ReadOnlySpan<byte> recurrent = node.Input(Recurrent + gate).Data.AsSpan(unit * size, size);
            int bias = BitConverter.ToInt32(node.Input(Bias + gate).Data!, 4 * unit);
            BinaryPrimitives.WriteInt32LittleEndian(block, unchecked(bias - inZero * Sum(row)));
            BinaryPrimitives.WriteInt32LittleEndian(block[4..], -hZero * Sum(recurrent));
            row.CopyTo(block[Lstm.BlockHeader..]);
            recurrent.CopyTo(block[(Lstm.BlockHeader + inSize)..]);
        }

        return blocks;
    }

    /// <summary>
    /// Right shift (negative: left) of three times the cell that makes the argument of tanh: 3 - 15 - log2 of the
    /// scale, rounded as CheckedLog2 does (TFLite quantization_util.cc).
    /// </summary>
    private static int TanhShift(Tensor cell) => -(12 + (int)Math.Round(Math.Log2(cell.Scale), MidpointRounding.AwayFromZero));

    private static IEnumerable<string> CheckCell(Tensor cell)
    {
        if (cell.Type != TfliteType.INT16)
            return [$"its cell state {cell.Name} is {cell.Type.ToString().ToLowerInvariant()}, not int16: convert with full integer quantisation."];
        if (cell.Quantisation is not { IsPerChannel: false }) return [$"its cell state {cell.Name} carries no scale: convert with full integer quantisation."];
        string[] wrong = [.. Requirements.Scales(cell, 0, 0)];
        if (wrong.Length > 0) return wrong;
        double power = Math.Log2(cell.Scale);
        if (power != Math.Round(power) || TanhShift(cell) is < -14 or > 16)
            return [$"the scale {cell.Scale} of its cell state {cell.Name} is not a power of two from 2^-28 to 4, as the converter makes it."];
        return [];
    }

    private static IEnumerable<string> CheckOptions(UnidirectionalSequenceLstmOptions options, Tensor cell)
    {
        if (options.Activation != TfliteActivation.TANH) yield return $"its activation is {options.Activation}; only TANH is possible.";
        if (options.DiagonalRecurrentTensors) yield return "its recurrent weights are diagonal, which is not supported: use a plain LSTM layer.";
        if (!float.IsFinite(options.CellClip) || options.CellClip < 0 || (options.CellClip > 0 && options.CellClip < cell.Scale))
            yield return $"its cell clip is {options.CellClip}, which is no limit for a cell in steps of {cell.Scale}.";
    }

    private static IEnumerable<string> CheckMatrix(Tensor matrix, int rows, int columns)
    {
        string[] wrong = [.. Requirements.Int8(matrix), .. Requirements.Constant(matrix, TfliteType.INT8), .. Requirements.Shape(matrix, rows, columns)];
        if (wrong.Length > 0) return wrong;
        return matrix.ZeroPoint == 0 ? [] : [$"tensor {matrix.Name} has a zero point other than 0: only symmetric weights are supported."];
    }

    private static IEnumerable<string> CheckBias(Tensor bias, int size) =>
        bias.IsConstant && bias.Type == TfliteType.INT32 && bias.Count == size
            ? [] : [$"the bias {bias.Name} must be {size} constants of int32, it is {bias}."];

    private static IEnumerable<string> CheckCount(Tensor state, int count) =>
        state.Count == count ? [] : [$"its state {state.Name} has {state.Count} values where {count} are needed."];

    private static bool Any(Node node, int from, int count) => Enumerable.Range(from, count).Any(i => node.OptionalInput(i) is not null);

    private static void Put(int[] p, int at, double real) => (p[at], p[at + 1]) = Requantisation.From(real);

    private static int Sum(ReadOnlySpan<byte> row)
    {
        int sum = 0;
        foreach (byte value in row) sum += (sbyte)value;
        return sum;
    }

    private static int Align(int bytes) => (bytes + PackFormat.Alignment - 1) / PackFormat.Alignment * PackFormat.Alignment;
}
