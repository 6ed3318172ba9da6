using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Float;

/// <summary>Operators over whole dimensions: sums, means, extremes, softmax, running sums, norms of vectors.</summary>
internal static class FloatReductions
{
    /// <summary>MEAN.</summary>
    public static void Mean(FloatCall call) => Reduce(call, 0, (sum, x) => sum + x, (sum, count) => sum / count);

    /// <summary>SUM.</summary>
    public static void Sum(FloatCall call) => Reduce(call, 0, (sum, x) => sum + x);

    /// <summary>REDUCE_PROD.</summary>
    public static void Product(FloatCall call) => Reduce(call, 1, (product, x) => product * x);

    /// <summary>REDUCE_MAX.</summary>
    public static void Max(FloatCall call) => Reduce(call, double.NegativeInfinity, Math.Max);

    /// <summary>REDUCE_MIN.</summary>
    public static void Min(FloatCall call) => Reduce(call, double.PositiveInfinity, Math.Min);

    /// <summary>REDUCE_ANY.</summary>
    public static void Any(FloatCall call) => Reduce(call, 0, (any, x) => any != 0 || x != 0 ? 1 : 0);

    /// <summary>REDUCE_ALL.</summary>
    public static void All(FloatCall call) => Reduce(call, 1, (all, x) => all != 0 && x != 0 ? 1 : 0);

    /// <summary>ARG_MAX and ARG_MIN: the first index of the extreme along one dimension.</summary>
    public static void ArgExtreme(FloatCall call)
    {
        bool max = call.Node.Operator == BuiltinOperator.ARG_MAX;
        (int outer, int size, int inner) = Around(call.Shape(), (int)call.Input(1)[0]);
        for (int i = 0; i < outer * inner; i++)
        {
            int at = i / inner * size * inner + i % inner, best = 0;
            for (int k = 1; k < size; k++)
            {
                float x = call.Input()[at + k * inner], y = call.Input()[at + best * inner];
                if (max ? x > y : x < y) best = k;
            }

            call.Output[i] = best;
        }
    }

    /// <summary>SOFTMAX over the last dimension.</summary>
    public static void Softmax(FloatCall call)
    {
        float beta = call.Node.Options is SoftmaxOptions options ? options.Beta : 1;
        foreach ((int at, int length) in Rows(call))
        {
            float max = float.NegativeInfinity;
            for (int i = at; i < at + length; i++) max = Math.Max(max, call.Input()[i]);
            double sum = 0;
            for (int i = at; i < at + length; i++) sum += call.Output[i] = MathF.Exp((call.Input()[i] - max) * beta);
            for (int i = at; i < at + length; i++) call.Output[i] = (float)(call.Output[i] / sum);
        }
    }

    /// <summary>LOG_SOFTMAX over the last dimension.</summary>
    public static void LogSoftmax(FloatCall call)
    {
        foreach ((int at, int length) in Rows(call))
        {
            float max = float.NegativeInfinity;
            for (int i = at; i < at + length; i++) max = Math.Max(max, call.Input()[i]);
            double sum = 0;
            for (int i = at; i < at + length; i++) sum += Math.Exp(call.Input()[i] - max);
            float log = (float)Math.Log(sum);
            for (int i = at; i < at + length; i++) call.Output[i] = call.Input()[i] - max - log;
        }
    }

    /// <summary>L2_NORMALIZATION over the last dimension.</summary>
    public static void L2Normalise(FloatCall call)
    {
        foreach ((int at, int length) in Rows(call))
        {
            double sum = 0;
            for (int i = at; i < at + length; i++) sum += (double)call.Input()[i] * call.Input()[i];
            double factor = 1 / Math.Max(Math.Sqrt(sum), 1e-6);
            for (int i = at; i < at + length; i++) call.Output[i] = (float)(call.Input()[i] * factor);
        }

        FloatActivation.Apply(FloatActivation.In(call.Node.Options), call.Output);
    }

    /// <summary>CUMSUM along one dimension, with or without the element itself, from either end.</summary>
    public static void CumulativeSum(FloatCall call)
    {
        var options = call.Node.Options as CumsumOptions ?? new CumsumOptions();
        (int outer, int size, int inner) = Around(call.Shape(), (int)call.Input(1)[0]);
        for (int i = 0; i < outer * inner; i++)
        {
            int first = i / inner * size * inner + i % inner;
            double sum = 0;
            for (int k = 0; k < size; k++)
            {
                int at = first + (options.Reverse ? size - 1 - k : k) * inner;
                float x = call.Input()[at];
                call.Output[at] = (float)(options.Exclusive ? sum : sum + x);
                sum += x;
            }
        }
    }

    private static IEnumerable<(int At, int Length)> Rows(FloatCall call)
    {
        int length = call.Shape() is [.., int last] ? last : 1;
        for (int at = 0; at < call.Output.Length; at += length) yield return (at, length);
    }

    /// <summary>Elements before, along and after a dimension.</summary>
    private static (int Outer, int Size, int Inner) Around(int[] shape, int axis)
    {
        if (axis < 0) axis += shape.Length;
        return (shape.Take(axis).Aggregate(1, (a, b) => a * b), shape[axis], RealNumbers.Inner(shape, axis));
    }

    private static void Reduce(FloatCall call, double start, Func<double, double, double> add, Func<double, int, double>? finish = null)
    {
        int[] map = call.Once(() => Map(call));
        var sums = new double[call.Output.Length];
        Array.Fill(sums, start);
        for (int i = 0; i < map.Length; i++) sums[map[i]] = add(sums[map[i]], call.Input()[i]);
        int count = map.Length / Math.Max(1, sums.Length);
        for (int i = 0; i < sums.Length; i++) call.Output[i] = (float)(finish is null ? sums[i] : finish(sums[i], count));
    }

    /// <summary>The output element that each input element goes to.</summary>
    private static int[] Map(FloatCall call)
    {
        int[] shape = call.Shape();
        HashSet<int> axes = [.. call.Input(1).Select(a => (int)a < 0 ? (int)a + shape.Length : (int)a)];
        return new BroadcastMaps(shape, [.. shape.Select((n, d) => axes.Contains(d) ? 1 : n)])[0];
    }
}
