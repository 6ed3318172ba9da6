using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators.Blocks;

/// <summary>Rotary positions: the tables of cosines and sines become Q1.14 pairs in the pack, a row per position.</summary>
internal sealed class RotaryOperator : Operator
{
    private const int FractionBits = 14;

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 3)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), cos = node.Input(1), sin = node.Input(2), output = node.Output;
        wrong = [.. Requirements.Int8(input), .. Requirements.Int8(output), .. Requirements.Shape(output, input.Shape)];
        if (wrong.Length > 0) return wrong;
        if (input.Shape.Length < 2 || input.Shape[^1] % 2 != 0) return [$"its input {input} is no sequence of pairs."];
        int pairs = input.Shape[^1] / 2, steps = input.Shape[^2];
        if (cos.Shape.Length < 1 || cos.Count % pairs != 0) return [$"its table {cos} does not have {pairs} angles for each position."];
        wrong = [.. BlockConstants.Check(cos, cos.Count), .. BlockConstants.Check(sin, cos.Count)];
        if (wrong.Length > 0) return wrong;
        if (BlockConstants.Reals(cos).Concat(BlockConstants.Reals(sin)).Any(v => Math.Abs(v) > 1.001)) return ["its tables hold numbers beyond 1, which are no cosines and sines."];
        Tensor? position = node.OptionalInput(3);
        if (position is not null && (position.Type != TfliteType.INT32 || position.Count != 1)) return [$"its position {position.Name} {position} must be one int32."];
        return position is null && cos.Count < steps * pairs ? [$"its table {cos} has fewer positions than its input {input}."] : [];
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), output = node.Output;
        double[] cos = BlockConstants.Reals(node.Input(1)), sin = BlockConstants.Reals(node.Input(2));
        var table = new byte[4 * cos.Length];
        for (int i = 0; i < cos.Length; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(table.AsSpan(4 * i), Fixed(cos[i]));
            BinaryPrimitives.WriteInt16LittleEndian(table.AsSpan(4 * i + 2), Fixed(sin[i]));
        }

        int length = input.Shape[^1];
        var p = new int[Rotary.ParameterCount];
        p[Rotary.RowLength] = length;
        p[Rotary.Steps] = input.Shape[^2];
        p[Rotary.TableRows] = cos.Length / (length / 2);
        p[Rotary.PairStep] = ((RotaryOptions)node.Options!).Interleaved ? 1 : length / 2;
        p[Rotary.InZeroPoint] = input.ZeroPoint;
        p[Rotary.OutZeroPoint] = output.ZeroPoint;
        (p[Rotary.Multiplier], p[Rotary.Shift]) = Requantisation.From(Math.ScaleB((double)input.Scale / output.Scale, -FractionBits));
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindRotary,
            Name = "Rotary",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Scratch = node.OptionalInput(3) is { } position ? lowering.PlaceOf(position, node) : null,
            Output = lowering.Create(output),
            Rows = input.Count / length,
            Parameters = p,
            Weights = table,
            WindowBytes = 2 * length,
            InPlace = true,
        });
    }

    private static short Fixed(double value) => (short)Math.Round(Math.Clamp(value, -1, 1) * (1 << FractionBits));
}
