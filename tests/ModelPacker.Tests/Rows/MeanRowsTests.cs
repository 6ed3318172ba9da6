using TinyAI.Kernels;

namespace TinyAI.ModelPacker.Tests.Rows;

/// <summary>The reduction that is carried from row to row against the kernels that have the whole image at once.</summary>
public class MeanRowsTests
{
    [Fact]
    public void Rows_in_any_pieces_give_what_the_whole_image_gives()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            int rows = random.Next(1, 9), columns = random.Next(1, 9), channels = random.Next(1, 7), mode = random.Next(4), offset = random.Next(4);
            var x = new sbyte[offset + rows * columns * channels];
            bool isExtreme = random.Next(3) == 0;
            for (int i = offset; i < x.Length; i++) x[i] = (sbyte)(isExtreme ? random.Next(2) * 255 - 128 : random.Next(-128, 128));
            int zero = random.Next(-128, 128), low = random.Next(3) == 0 ? random.Next(-128, 0) : -128, high = random.Next(3) == 0 ? random.Next(0, 128) : 127;
            int[] head = [mode, zero * rows * columns, random.Next(1 << 30, int.MaxValue), -random.Next(0, 12), random.Next(-128, 128), low, high];

            var expected = new sbyte[channels];
            if (mode == MeanRows.ModeAverage)
            {
                int[] p = new int[MaxPool2D.ParameterCount];
                (p[MaxPool2D.InHeight], p[MaxPool2D.InWidth], p[MaxPool2D.Channels], p[MaxPool2D.OutHeight], p[MaxPool2D.OutWidth]) = (rows, columns, channels, 1, 1);
                (p[MaxPool2D.KernelHeight], p[MaxPool2D.KernelWidth], p[MaxPool2D.StrideHeight], p[MaxPool2D.StrideWidth]) = (rows, columns, 1, 1);
                (p[MaxPool2D.OutMin], p[MaxPool2D.OutMax]) = (low, high);
                AveragePool2D.Run(p, x, offset, expected, 0, 0, 1);
            }
            else
            {
                int[] p = [.. head, 1, 1, channels, 1, 1, 1, 1, 1, rows * columns, 1, 1, channels];
                Mean.Run(p, x, offset, expected, 0, 0, channels);
            }

            int[] q = [.. head, channels, columns, rows];
            var (y, s) = (new sbyte[channels + offset], new sbyte[4 * channels + offset]);
            for (int run = 0; run < 2; run++)
            {
                for (int from = 0; from < rows;)
                {
                    int to = random.Next(from + 1, rows + 1);
                    MeanRows.Run(q, x, offset, y, offset, s, offset, from, to);
                    from = to;
                }

                Assert.Equal(expected, y[offset..]);
            }
        }
    }
}
