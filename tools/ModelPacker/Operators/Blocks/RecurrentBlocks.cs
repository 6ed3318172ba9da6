using System.Buffers.Binary;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators.Blocks;

/// <summary>What the recurrent blocks share: their checks, and the rows of W and R of one gate of a unit with what goes before them.</summary>
internal static class RecurrentBlocks
{
    /// <summary>The value of a gate's sum before its function: Q3.12.</summary>
    public const double GateScale = 1.0 / 4096;

    /// <summary>A value between -1 and 1: Q0.15.</summary>
    public const double UnitScale = 1.0 / 32768;

    /// <summary>The sequence x[time, batch, values] and the matrices W and R of so many gates, at inputs 0, 1 and 2.</summary>
    public static IEnumerable<string> Check(Node node, int gates, int outputs)
    {
        if (node.Inputs.Count < 3 || node.Inputs.Take(3).Any(t => t is null) || node.Outputs.Count < 1 || node.Outputs.Count > outputs)
            return ["it lacks inputs or outputs, the file is damaged or from an unknown converter."];
        Tensor input = node.Input(), w = node.Input(1), r = node.Input(2), output = node.Output;
        string[] wrong = [.. Requirements.Int8(input), .. Requirements.Int8(output), .. Requirements.Rank(input, 3), .. Requirements.Rank(output, 3)];
        if (wrong.Length > 0) return wrong;
        int size = output.Shape[2];
        if (size > 512) return [$"it has {size} units, 512 are the limit."];
        return
        [
            .. Requirements.Shape(output, input.Shape[0], input.Shape[1], size),
            .. BlockConstants.Check(w, gates * size * input.Shape[2], needed: true), .. BlockConstants.Check(r, gates * size * size, needed: true),
            .. node.Outputs.Skip(1).SelectMany(o => RecurrentState.Check(o, input.Shape[1] * size)),
        ];
    }

    /// <summary>
    /// Adds the layer of a cell whose h is the only state that the model gives: state, input and output in memory, then the last
    /// step as the second output where the node has one.
    /// </summary>
    public static void Add(Node node, Lowering lowering, RecurrentState.Part[] parts, int work, bool reverse, Layer layer)
    {
        Tensor input = node.Input(), output = node.Output;
        Place state = RecurrentState.Make(node, lowering, input.Shape[1] * output.Shape[2], parts, work);
        Place from = lowering.PlaceOf(input, node), to = lowering.Create(output);
        lowering.Add(layer with { Input = from, Output = to, Scratch = state, WindowBytes = layer.BlockBytes });
        if (node.Outputs.Count > 1)
            RecurrentState.Give(node, lowering, node.Outputs[1], LastStep(to, input.Shape[0], reverse), output.Scale, output.ZeroPoint, 1);
    }

    /// <summary>
    /// Writes a block: two folded biases and the multiplier and shift of each sum, up to what the header has room for, then the
    /// rows of W and R. Biases are real numbers.
    /// </summary>
    public static void Write(Span<byte> block, int header, Side input, Side state)
    {
        BinaryPrimitives.WriteInt32LittleEndian(block, input.Folded);
        BinaryPrimitives.WriteInt32LittleEndian(block[4..], state.Folded);
        if (header >= 24)
        {
            Words(block[8..], Requantisation.From(input.SumScale / GateScale));
            Words(block[16..], Requantisation.From(state.SumScale / GateScale));
        }

        for (int i = 0; i < input.Row.Length; i++) block[header + i] = (byte)input.Row[i];
        for (int i = 0; i < state.Row.Length; i++) block[header + input.Row.Length + i] = (byte)state.Row[i];
    }

    /// <summary>Bytes of a block, aligned.</summary>
    public static int Aligned(int bytes) => (bytes + PackFormat.Alignment - 1) / PackFormat.Alignment * PackFormat.Alignment;

    /// <summary>The last step of a sequence of outputs, as a place.</summary>
    public static Place LastStep(Place output, int steps, bool reverse)
    {
        int bytes = output.Bytes / steps;
        return new Place(output.Buffer, output.Offset + (reverse ? 0 : output.Bytes - bytes), bytes);
    }

    private static void Words(Span<byte> at, Requantisation scale)
    {
        BinaryPrimitives.WriteInt32LittleEndian(at, scale.Multiplier);
        BinaryPrimitives.WriteInt32LittleEndian(at[4..], scale.Shift);
    }

    /// <summary>One of the two sums of a gate: the row of int8 weights, their scale, the vector that they meet, and a real bias.</summary>
    public readonly ref struct Side(ReadOnlySpan<sbyte> row, double rowScale, double vectorScale, int vectorZero, double bias)
    {
        /// <summary>The weights.</summary>
        public ReadOnlySpan<sbyte> Row { get; } = row;

        /// <summary>What one step of the sum is worth.</summary>
        public double SumScale { get; } = rowScale * vectorScale;

        /// <summary>The bias in steps of the sum, with the vector's zero point folded in.</summary>
        public int Folded { get; } = Fold(row, bias / (rowScale * vectorScale), vectorZero);

        private static int Fold(ReadOnlySpan<sbyte> row, double bias, int zero)
        {
            int sum = 0;
            foreach (sbyte value in row) sum += value;
            return (int)Math.Clamp(Math.Round(bias), -1 << 30, 1 << 30) - zero * sum;
        }
    }
}
