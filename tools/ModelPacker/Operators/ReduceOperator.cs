using System.Numerics;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// MEAN, SUM, REDUCE_MAX and REDUCE_MIN over any constant set of dimensions. The multiplier is s_in / s_out in double; for
/// the mean it is divided by the number of elements in integers (TFLite reference reduce.h QuantizedMeanOrSum), or before it is
/// rounded where the output is to be rounded once.
/// </summary>
internal sealed class ReduceOperator(BuiltinOperator kind) : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), axes = node.Input(1), output = node.Output;
        wrong = [.. Requirements.Int8(input), .. Requirements.Int8(output), .. Requirements.Constant(axes, TfliteType.INT32)];
        if (wrong.Length > 0) return wrong;
        int rank = input.Shape.Length;
        if (axes.Integers().Any(axis => axis < -rank || axis >= rank))
            return [$"it reduces dimensions [{string.Join(',', axes.Integers())}], but its input is {input}."];
        if (kind is BuiltinOperator.REDUCE_MAX or BuiltinOperator.REDUCE_MIN) wrong = [.. Requirements.SameQuantisation(input, output)];
        bool[] reduced = Reduced(node);
        int[] kept = [.. input.Shape.Where((_, i) => !reduced[i])], ones = [.. input.Shape.Select((size, i) => reduced[i] ? 1 : size)];
        int[] expected = (node.Options as ReducerOptions)?.KeepDims ?? output.Shape.Length == rank && rank != kept.Length ? ones : kept;
        return [.. wrong, .. Requirements.Shape(output, expected)];
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), output = node.Output;
        bool[] reduced = Reduced(node);
        int count = input.Count / output.Count;
        var p = new int[Mean.ParameterCount];
        p[Mean.Mode] = kind switch { BuiltinOperator.REDUCE_MAX => Mean.ModeMax, BuiltinOperator.REDUCE_MIN => Mean.ModeMin, _ => Mean.ModeSum };
        p[Mean.ZeroSum] = unchecked(input.ZeroPoint * count);
        (p[Mean.Multiplier], p[Mean.Shift]) = Multiplier(node, count);
        p[Mean.OutZeroPoint] = output.ZeroPoint;
        (p[Mean.OutMin], p[Mean.OutMax]) = ActivationRange.Of(node, TfliteActivation.NONE);
        FillDimensions(p, input.Shape, reduced);
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindMean,
            Name = kind.ToString(),
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Rows = output.Count,
            Parameters = p,

            // Output i begins with input element i or a later one, and outputs come in ascending order.
            InPlace = true,
        });
    }

    private Requantisation Multiplier(Node node, int count)
    {
        double real = (double)node.Input().Scale / node.Output.Scale;
        if (node.Output.RoundedOnce) return Requantisation.For(kind == BuiltinOperator.MEAN ? real / count : real, node.Output);
        Requantisation scale = Requantisation.From(real);
        if (kind != BuiltinOperator.MEAN) return scale;
        int shift = Math.Min(BitOperations.Log2((uint)count), 31 + scale.Shift);
        return new Requantisation((int)(((long)scale.Multiplier << shift) / count), scale.Shift - shift);
    }

    private static bool[] Reduced(Node node)
    {
        var reduced = new bool[node.Input().Shape.Length];
        foreach (long axis in node.Input(1).Integers()) reduced[axis < 0 ? axis + reduced.Length : axis] = true;
        return reduced;
    }

    /// <summary>
    /// Merges neighbouring dimensions that are both kept or both reduced. What is left alternates, so that six
    /// dimensions give at most three of each.
    /// </summary>
    private static void FillDimensions(int[] p, int[] shape, bool[] reduced)
    {
        var merged = new List<(int Size, int Stride, bool Reduced)>();
        int stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] != 1)
            {
                if (merged.Count > 0 && merged[0].Reduced == reduced[i]) merged[0] = (merged[0].Size * shape[i], merged[0].Stride, reduced[i]);
                else merged.Insert(0, (shape[i], stride, reduced[i]));
            }

            stride *= shape[i];
        }

        Fill(Mean.KeptSizes, Mean.KeptStrides, false);
        Fill(Mean.ReducedSizes, Mean.ReducedStrides, true);

        void Fill(int sizes, int strides, bool which)
        {
            var dimensions = merged.Where(d => d.Reduced == which).ToList();
            for (int i = 0; i < 3; i++)
                (p[sizes + i], p[strides + i]) = i < 3 - dimensions.Count ? (1, 1) : (dimensions[i - 3 + dimensions.Count].Size, dimensions[i - 3 + dimensions.Count].Stride);
        }
    }
}
