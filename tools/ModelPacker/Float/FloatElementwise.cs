using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Passes;

namespace TinyAI.ModelPacker.Float;

/// <summary>Operators that work element by element: functions of one value, two operands, comparisons and choices.</summary>
internal static class FloatElementwise
{
    /// <summary>A function of one value; null where the node is none.</summary>
    public static Action<FloatCall>? Unary(Graphs.Node node) => ScalarFunctions.Of(node) is not { } function ? null : call =>
    {
        ReadOnlySpan<float> x = call.Input();
        Span<float> y = call.Output;
        for (int i = 0; i < y.Length; i++) y[i] = function(x[i]);
    };

    /// <summary>A function of two values with broadcasting; null where the node is none.</summary>
    public static Action<FloatCall>? Binary(Graphs.Node node)
    {
        Func<float, float, float>? function = node.Operator switch
        {
            BuiltinOperator.ATAN2 => MathF.Atan2,
            BuiltinOperator.FLOOR_DIV => (a, b) => MathF.Floor(a / b),
            BuiltinOperator.FLOOR_MOD => (a, b) => a - b * MathF.Floor(a / b),
            BuiltinOperator.PRELU => (x, alpha) => x < 0 ? x * alpha : x,
            BuiltinOperator.LESS => (a, b) => a < b ? 1 : 0,
            BuiltinOperator.LESS_EQUAL => (a, b) => a <= b ? 1 : 0,
            BuiltinOperator.GREATER => (a, b) => a > b ? 1 : 0,
            BuiltinOperator.GREATER_EQUAL => (a, b) => a >= b ? 1 : 0,
            BuiltinOperator.EQUAL => (a, b) => a == b ? 1 : 0,
            BuiltinOperator.NOT_EQUAL => (a, b) => a != b ? 1 : 0,
            BuiltinOperator.LOGICAL_AND => (a, b) => a != 0 && b != 0 ? 1 : 0,
            BuiltinOperator.LOGICAL_OR => (a, b) => a != 0 || b != 0 ? 1 : 0,
            BuiltinOperator.DIV when node.Output.Type is TfliteType.INT32 or TfliteType.INT64 => (a, b) => MathF.Truncate(a / b),
            _ => FloatFunctions.Binary(node),
        };
        if (function is null) return null;
        return call =>
        {
            (int[] first, int[] second) = call.Once(() => new BroadcastMaps(call.Node.Output.Shape, call.Shape(), call.Shape(1))).Both;
            float[] a = call.Input(), b = call.Input(1), y = call.Output;
            for (int i = 0; i < y.Length; i++) y[i] = function(a[first[i]], b[second[i]]);
        };
    }

    /// <summary>SELECT and SELECT_V2: where the first input is not 0 the second, else the third.</summary>
    public static void Select(FloatCall call)
    {
        int[] condition = call.Shape();
        int[] shape = call.Node.Output.Shape;

        // SELECT takes a vector of conditions for whole slices of its operands.
        if (call.Node.Operator == BuiltinOperator.SELECT && condition.Length == 1 && shape.Length > 1)
            condition = [condition[0], .. Enumerable.Repeat(1, shape.Length - 1)];
        BroadcastMaps maps = call.Once(() => new BroadcastMaps(shape, condition, call.Shape(1), call.Shape(2)));
        float[] where = call.Input(), a = call.Input(1), b = call.Input(2), y = call.Output;
        (int[] m0, int[] m1, int[] m2) = (maps[0], maps[1], maps[2]);
        for (int i = 0; i < y.Length; i++) y[i] = where[m0[i]] != 0 ? a[m1[i]] : b[m2[i]];
    }

    /// <summary>ADD_N: the sum of any number of inputs of one shape.</summary>
    public static void AddN(FloatCall call)
    {
        for (int i = 0; i < call.Node.Inputs.Count; i++) Sums.AddScaled(call.Output, call.Input(i), 1);
    }

    /// <summary>CAST: towards zero into integers, 0 or 1 into truth values.</summary>
    public static void Cast(FloatCall call)
    {
        TfliteType type = call.Node.Output.Type;
        for (int i = 0; i < call.Output.Length; i++)
        {
            float x = call.Input()[i];
            call.Output[i] = type == TfliteType.BOOL ? (x != 0 ? 1 : 0) : type is TfliteType.FLOAT32 or TfliteType.FLOAT64 or TfliteType.FLOAT16 ? x : MathF.Truncate(x);
        }
    }

    /// <summary>QUANTIZE: the real numbers of the nearest integers of the output's grid.</summary>
    public static void Quantize(FloatCall call) => Round(call.Node.Output, call.Input(), call.Output);

    /// <summary>DEQUANTIZE: quantised integers are held as real numbers already.</summary>
    public static void Dequantize(FloatCall call) => call.Input().CopyTo(call.Output, 0);

    /// <summary>Rounds real numbers to the grid of a quantised tensor.</summary>
    internal static void Round(Graphs.Tensor tensor, ReadOnlySpan<float> from, Span<float> to)
    {
        Graphs.Quantisation q = tensor.Quantisation ?? throw new Import.ModelFormatException($"Tensor {tensor.Name} {tensor} has no scale to round to.");
        (int low, int high) = RealNumbers.Range(tensor.Type);
        int inner = q.IsPerChannel ? RealNumbers.Inner(tensor.Shape, q.Axis) : 1;
        for (int i = 0; i < to.Length; i++)
        {
            int slice = q.IsPerChannel ? i / inner % q.Scales.Length : 0;
            int zero = slice < q.ZeroPoints.Length ? (int)q.ZeroPoints[slice] : 0;
            to[i] = (float)((double)q.Scales[slice] * (RealNumbers.Quantise(from[i], q.Scales[slice], zero, low, high, tensor.RoundedOnce) - zero));
        }
    }

    /// <summary>A table of 256 bytes, which a pass has made of several operators.</summary>
    public static void Table(FloatCall call)
    {
        Graphs.Tensor input = call.Node.Input(), output = call.Node.Output;
        (int low, int high) = RealNumbers.Range(input.Type);
        for (int i = 0; i < call.Output.Length; i++)
        {
            // The table is indexed by the stored byte read as a signed one, also where the tensor is unsigned.
            sbyte stored = unchecked((sbyte)RealNumbers.Quantise(call.Input()[i], input.Scale, input.ZeroPoint, low, high));
            byte entry = call.Node.Table![stored + 128];
            int q = output.Type == TfliteType.UINT8 ? entry : (sbyte)entry;
            call.Output[i] = (float)((double)output.Scale * (q - output.ZeroPoint));
        }
    }
}
