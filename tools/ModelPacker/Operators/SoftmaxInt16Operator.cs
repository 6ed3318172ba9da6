using System.Buffers.Binary;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>SOFTMAX from int16 to int16 along the last dimension; the output has scale 2^-15.</summary>
internal sealed class SoftmaxInt16Operator : Operator
{
    private const float Range = 65535;

    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong = [.. Int16Layers.Int16(input), .. Int16Layers.Int16(output), .. Requirements.Shape(output, input.Shape)];
        if (wrong.Length > 0) return wrong;
        if (input.Shape.Length == 0 || input.Shape[^1] > 65535) return [$"its rows {input} do not have 1 to 65535 values."];
        if (Math.Abs(output.Scale - 1f / 32768) > 0.001f / 32768) return [$"its output has the scale {output.Scale}; 1/32768 is needed."];
        float beta = Beta(node);
        if (!float.IsFinite(beta) || beta <= 0 || Scale(node).Shift > 14)
            return [$"its beta {beta} times the scale {input.Scale} is not in the range of the tables."];
        return [];
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input();
        var p = new int[SoftmaxInt16.ParameterCount];
        p[SoftmaxInt16.Size] = input.Shape[^1];
        (p[SoftmaxInt16.Multiplier], p[SoftmaxInt16.Shift]) = Scale(node);
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindSoftmaxInt16,
            Name = "SoftmaxInt16",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(node.Output),
            Rows = input.Count / input.Shape[^1],
            Parameters = p,
            Weights = [.. Table(10f / Range, short.MaxValue, x => (float)Math.Exp(x)), .. Table(1f / Range, short.MinValue, x => 1f / (1f + x))],
            WindowBytes = 4,
            InPlace = true,
        });
    }

    /// <summary>From input steps to 65535ths of 10 (TFLite Micro softmax_common.cc).</summary>
    private static Requantisation Scale(Node node) => Requantisation.From((double)node.Input().Scale * Beta(node) / (10.0 / 65535.0));

    private static float Beta(Node node) => node.Options is SoftmaxOptions softmax ? softmax.Beta : 1;

    /// <summary>
    /// A function over the 16-bit range at every 128th value, each entry moved by half of the error that a straight line
    /// makes in the middle (TFLite common.h, LUTPopulate for int16; all in float).
    /// </summary>
    private static byte[] Table(float scale, int zero, Func<float, float> function)
    {
        const int steps = SoftmaxInt16.TableCount - 1;
        const float outScale = 2f / Range;
        float from = scale * (short.MinValue - zero), to = scale * (short.MaxValue - zero);
        float step = (to - from) / steps, half = step / 2;
        float inverse = 65536f / (float)((float)(outScale * short.MaxValue) - (float)(outScale * short.MinValue));
        var table = new byte[2 * SoftmaxInt16.TableCount];
        for (int i = 0; i < steps; i++)
        {
            float at = from + (float)(i * step);
            float value = function(at), middle = function(at + half), next = function(from + (float)((i + 1) * step));
            float sample = Round(value * inverse);
            float straight = Round((float)((float)(next * inverse) + sample) / 2);
            Put(table, i, sample - Round((float)(straight - Round(middle * inverse)) / 2));
        }

        Put(table, steps, Round(function(to) * inverse));
        return table;
    }

    private static float Round(float value) => MathF.Round(value, MidpointRounding.AwayFromZero);

    private static void Put(byte[] table, int index, float value) =>
        BinaryPrimitives.WriteInt16LittleEndian(table.AsSpan(2 * index), (short)Math.Clamp(value, short.MinValue, short.MaxValue));
}
