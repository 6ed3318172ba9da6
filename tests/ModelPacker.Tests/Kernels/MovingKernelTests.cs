using TinyAI.Kernels;

namespace TinyAI.ModelPacker.Tests.Kernels;

/// <summary>Moving kernels on random parameters against their formulas, whole and in parts.</summary>
public class MovingKernelTests
{
    [Fact]
    public void A_strided_copy_of_any_counts_and_steps_equals_the_six_loops()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            // Input steps are free (zero and negative too); output steps are those of a dense tensor in some order.
            int[] counts = [.. Enumerable.Range(0, 6).Select(d => d is > 0 and < 5 && seed % 5 == 0 ? 1 : random.Next(1, d == 5 ? 20 : 4))];
            int[] order = [0, 1, 2, 3, 4, 5];
            random.Shuffle(order);
            var outSteps = new int[6];
            int bytes = 1;
            foreach (int d in order)
            {
                outSteps[d] = bytes;
                bytes *= counts[d];
            }

            int[] inSteps = [.. Enumerable.Range(0, 6).Select(_ => random.Next(-3, 4))];
            if (random.Next(2) == 0) inSteps[5] = 1;
            int low = 0, high = 0;
            for (int d = 0; d < 6; d++)
            {
                low += Math.Min(0, inSteps[d] * (counts[d] - 1));
                high += Math.Max(0, inSteps[d] * (counts[d] - 1));
            }

            var x = new sbyte[high - low + 1 + 7];
            random.NextBytes((byte[])(Array)x);
            var p = new int[StridedCopy.ParameterCount];
            (p[StridedCopy.InOffset], p[StridedCopy.OutOffset]) = (-low + 2, 3);
            (p[StridedCopy.RowInStep], p[StridedCopy.RowOutStep]) = (inSteps[0], outSteps[0]);
            for (int d = 0; d < StridedCopy.MiddleAxes; d++)
                (p[StridedCopy.Middle + 3 * d], p[StridedCopy.Middle + 3 * d + 1], p[StridedCopy.Middle + 3 * d + 2]) = (counts[d + 1], inSteps[d + 1], outSteps[d + 1]);
            (p[StridedCopy.Run], p[StridedCopy.RunInStep], p[StridedCopy.RunOutStep]) = (counts[5], inSteps[5], outSteps[5]);

            var expected = new sbyte[bytes + 9];
            foreach (int[] i in Support.Elements.Indices(counts))
                expected[1 + 3 + i.Select((n, d) => n * outSteps[d]).Sum()] = x[4 - low + 2 + i.Select((n, d) => n * inSteps[d]).Sum()];
            var whole = new sbyte[expected.Length];
            StridedCopy.Copy(p, x, 4, whole, 1, 0, counts[0]);
            Assert.Equal(expected, whole);

            var parts = new sbyte[expected.Length];
            int cut = random.Next(counts[0] + 1);
            StridedCopy.Copy(p, x, 4, parts, 1, cut, counts[0]);
            StridedCopy.Copy(p, x, 4, parts, 1, 0, cut);
            Assert.Equal(expected, parts);
        }
    }

    [Fact]
    public void A_fill_writes_its_rows_and_nothing_else()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            int width = 1 << random.Next(3), rowBytes = width * random.Next(1, 40), rows = random.Next(1, 6), from = random.Next(rows), to = random.Next(from, rows + 1);
            int value = random.Next(int.MinValue, int.MaxValue);
            var y = new sbyte[rows * rowBytes + 10];
            Fill.Run([value, width, rowBytes], y, 5, from, to);
            var expected = new sbyte[y.Length];
            for (int i = from * rowBytes; i < to * rowBytes; i++) expected[5 + i] = (sbyte)(value >> (8 * (i % width)));
            Assert.Equal(expected, y);
        }
    }

    [Fact]
    public void Resizing_in_parts_equals_resizing_at_once()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            int images = random.Next(1, 3), inHeight = random.Next(1, 6), inWidth = random.Next(1, 6), channels = random.Next(1, 12);
            int outHeight = random.Next(1, 8), outWidth = random.Next(1, 8), rows = images * outHeight, cut = random.Next(rows + 1);
            var x = new sbyte[images * inHeight * inWidth * channels];
            random.NextBytes((byte[])(Array)x);
            byte[] table = [.. Enumerable.Range(0, outHeight + outWidth).SelectMany(i => (byte[])[(byte)random.Next(i < outHeight ? inHeight : inWidth), 0])];
            int[] nearest = [inHeight, inWidth * channels, outHeight, outWidth, channels];
            int[] bilinear = [inHeight, inWidth, channels, outHeight, outWidth, random.Next(100, 3000), random.Next(100, 3000), random.Next(-500, 500), random.Next(-500, 500)];
            sbyte[] Make(Action<sbyte[]> run)
            {
                var y = new sbyte[rows * outWidth * channels];
                run(y);
                return y;
            }

            Assert.Equal(
                Make(y => ResizeNearest.Run(nearest, x, 0, y, 0, table, 0, 0, rows)),
                Make(y =>
                {
                    ResizeNearest.Run(nearest, x, 0, y, 0, table, 0, cut, rows);
                    ResizeNearest.Run(nearest, x, 0, y, 0, table, 0, 0, cut);
                }));
            Assert.Equal(
                Make(y => ResizeBilinear.Run(bilinear, x, 0, y, 0, 0, rows)),
                Make(y =>
                {
                    ResizeBilinear.Run(bilinear, x, 0, y, 0, cut, rows);
                    ResizeBilinear.Run(bilinear, x, 0, y, 0, 0, cut);
                }));
        }
    }
}
