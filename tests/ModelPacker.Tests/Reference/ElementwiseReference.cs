using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Reference;

/// <summary>Scale and zero point of a tensor in a reference computation.</summary>
internal readonly record struct Q(float Scale, int Zero);

/// <summary>
/// Operators on two tensors, element by element, as TFLite's integer_ops/add.h, mul.h, reference/sub.h, prelu.h and TFLM's
/// squared_difference.cc go. Indices are found from the output's index, dimension by dimension.
/// </summary>
internal static class ElementwiseReference
{
    public static sbyte[] Broadcast(sbyte[] a, int[] shapeA, sbyte[] b, int[] shapeB, int[] shape, Func<int, int, int> function)
    {
        var output = new sbyte[shape.Aggregate(1, (x, y) => x * y)];
        var index = new int[shape.Length];
        for (int i = 0; i < output.Length; i++)
        {
            for (int d = shape.Length - 1, rest = i; d >= 0; d--) (index[d], rest) = (rest % shape[d], rest / shape[d]);
            output[i] = checked((sbyte)function(a[At(index, shapeA)], b[At(index, shapeB)]));
        }

        return output;
    }

    private static int At(int[] index, int[] shape)
    {
        int at = 0;
        for (int d = 0; d < shape.Length; d++) at = at * shape[d] + (shape[d] == 1 ? 0 : index[index.Length - shape.Length + d]);
        return at;
    }

    public static int Add(int x, int y, Q a, Q b, Q o, int min, int max)
    {
        double twice = 2 * (double)Math.Max(a.Scale, b.Scale);
        return Sum(x, y, a, b, o, 1, a.Scale / twice, b.Scale / twice, twice / ((1 << 20) * (double)o.Scale), min, max);
    }

    public static int Sub(int x, int y, Q a, Q b, Q o, int min, int max, bool inDouble = false)
    {
        if (inDouble)
        {
            double wide = 2 * (double)Math.Max(a.Scale, b.Scale);
            return Sum(x, y, a, b, o, -1, a.Scale / wide, b.Scale / wide, wide / ((1 << 20) * (double)o.Scale), min, max);
        }

        float twice = 2 * Math.Max(a.Scale, b.Scale);
        float first = a.Scale / twice, second = b.Scale / twice, divisor = (1 << 20) * o.Scale, output = twice / divisor;
        return Sum(x, y, a, b, o, -1, first, second, output, min, max);
    }

    private static int Sum(int x, int y, Q a, Q b, Q o, int sign, double first, double second, double output, int min, int max)
    {
        int left = Mbqm((x - a.Zero) * (1 << 20), QuantizeMultiplier(first));
        int right = Mbqm((y - b.Zero) * (1 << 20), QuantizeMultiplier(second));
        return Math.Clamp(Mbqm(left + sign * right, QuantizeMultiplier(output)) + o.Zero, min, max);
    }

    public static int Mul(int x, int y, Q a, Q b, Q o, int min, int max) =>
        Math.Clamp(Mbqm((x - a.Zero) * (y - b.Zero), QuantizeMultiplier((double)a.Scale * b.Scale / o.Scale)) + o.Zero, min, max);

    public static int SquaredDifference(int x, int y, Q a, Q b, Q o)
    {
        double twice = 2.0 * Math.Max(a.Scale, b.Scale);
        float divisor = (1 << 14) * o.Scale;
        int left = Mbqm((x - a.Zero) * 128, QuantizeMultiplier(a.Scale / twice));
        int right = Mbqm((y - b.Zero) * 128, QuantizeMultiplier(b.Scale / twice));
        return Math.Clamp(Mbqm((left - right) * (left - right), QuantizeMultiplier(twice * twice / divisor)) + o.Zero, -128, 127);
    }

    public static int PRelu(int x, int slope, Q a, Q s, Q o)
    {
        int value = x - a.Zero;
        int q = value >= 0
            ? Mbqm(value, QuantizeMultiplier((double)a.Scale / o.Scale))
            : Mbqm(value * (slope - s.Zero), QuantizeMultiplier((double)a.Scale * s.Scale / o.Scale));
        return Math.Clamp(q + o.Zero, -128, 127);
    }
}
