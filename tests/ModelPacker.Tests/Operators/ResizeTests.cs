using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>The resizing operators against their formulas, pixel by pixel.</summary>
public class ResizeTests
{
    [Fact]
    public void Nearest_neighbour_takes_the_pixel_that_the_float_formula_names()
    {
        int tables = 0;
        for (int seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            bool corners = random.Next(2) == 0, centres = random.Next(2) == 0;
            int[] shape = random.Shape(4, 7);
            int height = random.Next(1, 15), width = random.Next(1, 15);
            if (seed % 4 == 0) (height, width, corners) = (shape[1] * random.Next(1, 4), shape[2] * random.Next(1, 4), false);
            var one = new OneOperator(
                BuiltinOperator.RESIZE_NEAREST_NEIGHBOR, new ResizeNearestNeighborOptions(corners, centres), seed, random.Next(2) == 0 ? TfliteType.INT8 : TfliteType.INT16);
            Elements input = one.Input(shape);
            one.Constant([2], height, width);
            one.Output(shape[0], height, width, shape[3]);
            one.Expect(i => input[i[0], Nearest(i[1], shape[1], height, corners, centres), Nearest(i[2], shape[2], width, corners, centres), i[3]]);
            tables += one.Pack().Model.Layers.Count(l => l.Kind == TinyRuntime.PackFormat.KindResizeNearest);
        }

        Assert.InRange(tables, 20, 100);
    }

    [Fact]
    public void Bilinear_weights_the_four_neighbours_with_ten_bits_and_rounds_half_away_from_zero()
    {
        for (int seed = 0; seed < 120; seed++)
        {
            var random = new Random(seed);
            (bool corners, bool centres) = random.Next(3) switch { 0 => (true, false), 1 => (false, true), _ => (false, false) };
            int[] shape = random.Shape(4, 7);
            int height = random.Next(1, 15), width = random.Next(1, 15);
            var one = new OneOperator(BuiltinOperator.RESIZE_BILINEAR, new ResizeBilinearOptions(corners, centres), seed);
            Elements input = one.Input(shape);
            one.Constant([2], height, width);
            one.Output(shape[0], height, width, shape[3]);
            one.Expect(i =>
            {
                (int y0, int y1, long fy) = Neighbours(i[1], shape[1], height, corners, centres);
                (int x0, int x1, long fx) = Neighbours(i[2], shape[2], width, corners, centres);
                long At(int y, int x) => (sbyte)input[i[0], y, x, i[3]];
                long sum = At(y0, x0) * (1024 - fy) * (1024 - fx) + At(y1, x0) * fy * (1024 - fx) + At(y0, x1) * (1024 - fy) * fx + At(y1, x1) * fy * fx;
                return (sum > 0 ? sum + (1 << 19) : sum - (1 << 19)) / (1 << 20);
            });
        }
    }

    private static int Nearest(int index, int inSize, int outSize, bool corners, bool centres)
    {
        float scale = corners && outSize > 1 ? (inSize - 1) / (float)(outSize - 1) : inSize / (float)outSize;
        float position = (index + (centres ? 0.5f : 0f)) * scale;
        int nearest = (int)(corners ? MathF.Round(position, MidpointRounding.AwayFromZero) : MathF.Floor(position));
        return Math.Min(nearest, inSize - 1);
    }

    private static (int Low, int High, long Fraction) Neighbours(int index, int inSize, int outSize, bool corners, bool centres)
    {
        int step = (1024 * inSize + outSize / 2) / outSize;
        if (corners && outSize > 1) step = (1024 * (inSize - 1) + (outSize - 1) / 2) / (outSize - 1);
        int position = index * step + (centres ? step / 2 - 512 : 0);
        int low = Math.Min(Math.Max(position / 1024, 0), inSize - 1), high = Math.Min((position + 1023) / 1024, inSize - 1);
        return (low, high, position - 1024 * low);
    }
}
