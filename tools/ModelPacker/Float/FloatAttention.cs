using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Operators.Blocks;

namespace TinyAI.ModelPacker.Float;

/// <summary>Rotary positions and masked softmax in real numbers.</summary>
internal static class FloatAttention
{
    /// <summary>Pairs of the last dimension turned by the angle of their position.</summary>
    public static void Rotary(FloatCall call)
    {
        int[] shape = call.Shape();
        (int steps, int width) = (shape[^2], shape[^1]);
        float[] x = call.Input(), cos = call.Input(1), sin = call.Input(2);
        int pairs = width / 2, last = cos.Length / pairs - 1, first = call.OptionalInput(3) is { } position ? (int)position[0] : 0;
        bool interleaved = ((RotaryOptions)call.Node.Options!).Interleaved;
        for (int at = 0, row = 0; at < x.Length; at += width, row++)
        {
            int angle = Math.Clamp(first + row % steps, 0, last) * pairs;
            for (int i = 0; i < pairs; i++)
            {
                (int a, int b) = interleaved ? (at + 2 * i, at + 2 * i + 1) : (at + i, at + i + pairs);
                (double c, double s) = (cos[angle + i], sin[angle + i]);
                (call.Output[a], call.Output[b]) = ((float)(x[a] * c - x[b] * s), (float)(x[a] * s + x[b] * c));
            }
        }
    }

    /// <summary>Softmax over the keys that a row sees and the mask leaves; all weights are 0 where none is left.</summary>
    public static void CausalSoftmax(FloatCall call)
    {
        var options = (CausalSoftmaxOptions)call.Node.Options!;
        int[] shape = call.Shape();
        (int queries, int keys) = (shape[^2], shape[^1]);
        float[] x = call.Input();
        float[]? mask = call.OptionalInput(2);
        (int repeat, int rows) = mask is null ? (1, 1) : CausalSoftmaxOperator.MaskRows(shape, call.Node.Input(2).Shape) ?? (1, 1);
        double first = call.OptionalInput(1) is { } given ? given[0] : options.Offset;
        for (int row = 0; row < x.Length / keys; row++)
        {
            int at = row * keys, seen = (int)Math.Clamp(first + row % queries + 1, 0, keys), from = row / repeat % rows * keys;
            bool Sees(int k) => k < seen && (mask is null || (mask[from + k] != 0) != options.Hides);
            double max = double.NegativeInfinity, sum = 0;
            for (int k = 0; k < keys; k++)
            {
                if (Sees(k)) max = Math.Max(max, x[at + k]);
            }

            for (int k = 0; k < keys; k++)
            {
                if (Sees(k)) sum += Math.Exp(options.Beta * (x[at + k] - max));
            }

            for (int k = 0; k < keys; k++) call.Output[at + k] = Sees(k) ? (float)(Math.Exp(options.Beta * (x[at + k] - max)) / sum) : 0;
        }
    }
}
