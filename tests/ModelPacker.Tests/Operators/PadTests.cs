using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>PAD, PADV2 and MIRROR_PAD against index-by-index definitions.</summary>
public class PadTests
{
    [Fact]
    public void Pad_surrounds_with_the_zero_point_or_a_given_value()
    {
        for (int seed = 0; seed < 80; seed++)
        {
            var random = new Random(seed);
            int[] shape = random.Shape(random.Next(1, 6));
            int[] pads = [.. Enumerable.Range(0, 2 * shape.Length).Select(_ => random.Next(2) * random.Next(4))];
            bool given = random.Next(2) == 0;
            var one = new OneOperator(given ? BuiltinOperator.PADV2 : BuiltinOperator.PAD, null, seed, random.ElementType());
            Elements input = one.Input(shape);
            one.Constant([shape.Length, 2], pads);
            int value = given ? random.Next(-100, 100) : one.ZeroPoint;
            if (given) one.Scalar(value);
            one.Output([.. shape.Select((n, d) => n + pads[2 * d] + pads[2 * d + 1])]);
            one.Expect(index =>
            {
                int[] from = [.. index.Select((n, d) => n - pads[2 * d])];
                return from.Where((n, d) => n < 0 || n >= shape[d]).Any() ? value : input[from];
            });
        }
    }

    [Fact]
    public void Mirror_pad_repeats_the_inside_backwards()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            bool symmetric = random.Next(2) == 0;
            int[] shape = random.Shape(random.Next(1, 4));
            int[] pads = [.. Enumerable.Range(0, 2 * shape.Length).Select(i => random.Next(shape[i / 2] + (symmetric ? 1 : 0)))];
            var one = new OneOperator(
                BuiltinOperator.MIRROR_PAD, new MirrorPadOptions(symmetric ? TfliteMirrorPadMode.SYMMETRIC : TfliteMirrorPadMode.REFLECT), seed, random.ElementType());
            Elements input = one.Input(shape);
            one.Constant([shape.Length, 2], pads);
            one.Output([.. shape.Select((n, d) => n + pads[2 * d] + pads[2 * d + 1])]);
            one.Expect(index => input[[.. index.Select((n, d) =>
            {
                int from = n - pads[2 * d], edge = symmetric ? 1 : 0;
                return from < 0 ? -from - edge : from >= shape[d] ? 2 * shape[d] - 2 + edge - from : from;
            })]]);
        }
    }
}
