using nanoFramework.TestFramework;
using TinyAI.Kernels;

namespace TinyAI.Device.Tests
{
    /// <summary>Kernels with 16-bit activations, which lie as little-endian bytes.</summary>
    [TestClass]
    public class Int16Tests
    {
        [TestMethod]
        public void Conv2DInt16_sums_up_and_halves_with_either_bias()
        {
            // 3 * 1000 + 1 * -2000 + 24 = 1024; times one half 512: 2^14 of 2^15 with a 64-bit bias, 2^30 of 2^31 with a 32-bit one.
            sbyte[] x = Bytes(1000, -2000), y = new sbyte[2];
            int[] p = new int[Conv2DInt16.ParameterCount];
            int[] ones =
            {
                Conv2D.InHeight, Conv2D.InWidth, Conv2D.OutHeight, Conv2D.OutWidth, Conv2D.OutChannels, Conv2D.KernelHeight, Conv2D.KernelWidth,
                Conv2D.StrideHeight, Conv2D.StrideWidth, Conv2D.DilationHeight, Conv2D.DilationWidth, Conv2D.GroupOutChannels, Conv2DInt16.Wide,
            };
            for (int i = 0; i < ones.Length; i++)
                p[ones[i]] = 1;
            p[Conv2D.InChannels] = 2;
            p[Conv2D.GroupInChannels] = 2;
            p[Conv2D.OutMin] = -32768;
            p[Conv2D.OutMax] = 32767;
            p[Conv2D.BlockBytes] = 32;
            byte[] w = Expect.Blocks(32, new int[][] { new int[] { 24, 0, 1 << 14, 0, 3, 1 } });
            Conv2DInt16.Run(p, x, 0, y, 0, w, 0, 0, 1, 0, 1);
            Assert.AreEqual(512, Value(y, 0));
            p[Conv2DInt16.Wide] = 0;
            w = Expect.Blocks(32, new int[][] { new int[] { 24, 0, Expect.Half, 0, 3, 1 } });
            y = new sbyte[2];
            Conv2DInt16.Run(p, x, 0, y, 0, w, 0, 0, 1, 0, 1);
            Assert.AreEqual(512, Value(y, 0));
        }

        [TestMethod]
        public void Pool2DInt16_finds_the_largest_and_the_mean()
        {
            // 1000 - 300 + 700 + 401 = 1801, a quarter of it 450.25.
            sbyte[] x = Bytes(1000, -300, 700, 401), y = new sbyte[2];
            int[] p = new int[Pool2DInt16.ParameterCount];
            p[Pool2DInt16.InHeight] = 2;
            p[Pool2DInt16.InWidth] = 2;
            p[Pool2DInt16.Channels] = 1;
            p[Pool2DInt16.OutHeight] = 1;
            p[Pool2DInt16.OutWidth] = 1;
            p[Pool2DInt16.KernelHeight] = 2;
            p[Pool2DInt16.KernelWidth] = 2;
            p[Pool2DInt16.StrideHeight] = 1;
            p[Pool2DInt16.StrideWidth] = 1;
            p[Pool2DInt16.OutMin] = -32768;
            p[Pool2DInt16.OutMax] = 32767;
            Pool2DInt16.Run(p, x, 0, y, 0, 0, 1);
            Assert.AreEqual(1000, Value(y, 0));
            p[Pool2DInt16.Average] = 1;
            Pool2DInt16.Run(p, x, 0, y, 0, 0, 1);
            Assert.AreEqual(450, Value(y, 0));
        }

        [TestMethod]
        public void SoftmaxInt16_looks_up_between_two_entries()
        {
            Assert.AreEqual(700, SoftmaxInt16.Max(Bytes(-5, 700, 699), 0, 3));
            // 513 entries from argument -32768 on, one every 128: 0 is entry 256, two bytes each.
            Assert.AreEqual(0, SoftmaxInt16.TableOffset(-32768));
            Assert.AreEqual(512, SoftmaxInt16.TableOffset(0));
            // Halfway between 100 and 228.
            Assert.AreEqual(164, SoftmaxInt16.Interpolate(new byte[] { 100, 0, 228, 0 }, 0, 64));
        }

        private static sbyte[] Bytes(params int[] values)
        {
            sbyte[] bytes = new sbyte[2 * values.Length];
            for (int i = 0; i < values.Length; i++)
            {
                bytes[2 * i] = (sbyte)values[i];
                bytes[2 * i + 1] = (sbyte)(values[i] >> 8);
            }
            return bytes;
        }

        private static int Value(sbyte[] bytes, int index)
        {
            return (bytes[2 * index] & 0xFF) | (bytes[2 * index + 1] << 8);
        }
    }
}
