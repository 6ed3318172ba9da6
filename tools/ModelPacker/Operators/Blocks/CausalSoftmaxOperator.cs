using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators.Blocks;

/// <summary>Softmax over the keys that a query may see; arithmetic and output as of SOFTMAX on int8.</summary>
internal sealed class CausalSoftmaxOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input();
        wrong = [.. SoftmaxOperator.CheckInt8(node, Options(node).Beta)];
        if (wrong.Length > 0) return wrong;
        if (input.Shape.Length < 2) return [$"its input {input} is no matrix of queries and keys."];
        if (node.OptionalInput(1) is { } first && (first.Type != TfliteType.INT32 || first.Count != 1)) return [$"its offset {first.Name} {first} must be one int32."];
        if (node.OptionalInput(2) is not { } mask) return [];
        if (mask.ElementBytes != 1) return [$"its mask {mask.Name} {mask} must be bool or int8."];
        return MaskRows(input.Shape, mask.Shape) is null ? [$"its mask {mask.Name} {mask} does not spread over {input}."] : [];
    }

    public override void Lower(Node node, Lowering lowering)
    {
        CausalSoftmaxOptions options = Options(node);
        Tensor input = node.Input();
        Tensor? first = node.OptionalInput(1), mask = node.OptionalInput(2);
        int offset = first is { IsConstant: true } ? (int)first.Integers()[0] : options.Offset;
        (int Repeat, int Rows)? rows = mask is null ? null : MaskRows(input.Shape, mask.Shape);
        Add(node, lowering, options.Beta, offset, first is { IsConstant: false } ? first : null, mask, rows, options.Hides);
    }

    /// <summary>Adds the layer, also for a SOFTMAX over rows that its own kernel cannot sum.</summary>
    public static void Add(Node node, Lowering lowering, float beta, int first, Tensor? position = null, Tensor? mask = null, (int Repeat, int Rows)? rows = null, bool hides = false)
    {
        Tensor input = node.Input();
        byte[] table = SoftmaxOperator.Exponentials(SoftmaxOperator.Parameters(node, beta));
        var p = new int[CausalSoftmax.ParameterCount];
        p[CausalSoftmax.RowLength] = input.Shape[^1];
        p[CausalSoftmax.Queries] = input.Shape.Length < 2 ? 1 : input.Shape[^2];
        p[CausalSoftmax.First] = first;
        p[CausalSoftmax.TableLength] = table.Length / 4;
        (p[CausalSoftmax.MaskRepeat], p[CausalSoftmax.MaskRows]) = rows ?? (0, 0);

        // A mask that was float and has been quantised has its 0 at the zero point, and its 1 as many steps above as the scale says.
        int one = mask?.Quantisation is { } q ? (int)Math.Min(Math.Round(1 / q.Scale), 255) : 1;
        p[CausalSoftmax.MaskZero] = (mask?.Quantisation?.ZeroPoint ?? 0) + (hides ? one : 0);
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindCausalSoftmax,
            Name = "CausalSoftmax",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Input2 = mask is null ? null : lowering.PlaceOf(mask, node),
            Scratch = position is null ? null : lowering.PlaceOf(position, node),
            Output = lowering.Create(node.Output),
            Rows = input.Count / input.Shape[^1],
            Parameters = p,
            Weights = table,
            WindowBytes = table.Length,
            InPlace = true,
        });
    }

    private static CausalSoftmaxOptions Options(Node node) => (CausalSoftmaxOptions)node.Options!;

    /// <summary>
    /// How many rows one row of the mask stands for, and how many rows the mask has, where its dimensions are those of the
    /// matrix with ones at the front or in one stretch; null where it is spread otherwise. A mask of two dimensions more or less
    /// than [batch, keys] means batch and keys.
    /// </summary>
    internal static (int Repeat, int Rows)? MaskRows(int[] shape, int[] mask)
    {
        if (mask.Length == 0 || mask[^1] != shape[^1]) return null;
        int rows = mask[..^1].Aggregate(1, (a, b) => a * b), all = shape[..^1].Aggregate(1, (a, b) => a * b);
        if (rows == 1) return (all, 1);
        if (mask.Length == 2 && shape.Length > 2 && mask[0] == shape[0] && mask[0] != shape[^2]) return (all / rows, rows);
        if (mask.Length > shape.Length) return null;

        // Sizes from the innermost dimension outwards: ones, then the matrix's own, then ones.
        int repeat = 1, at = 1;
        while (at < mask.Length && mask[^(at + 1)] == 1) repeat *= shape[^(++at)];
        int same = 1;
        while (at < mask.Length && mask[^(at + 1)] == shape[^(at + 1)]) same *= shape[^(++at)];
        return same == rows ? (repeat, rows) : null;
    }
}
