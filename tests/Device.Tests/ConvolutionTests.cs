using nanoFramework.TestFramework;
using TinyAI.Kernels;

namespace TinyAI.Device.Tests
{
    /// <summary>Convolutions small enough to add up on paper.</summary>
    [TestClass]
    public class ConvolutionTests
    {
        [TestMethod]
        public void Conv2D_adds_taps_bias_and_zero_point_and_scales()
        {
            // 3x3 image 1..9, kernel [1 0; 0 -1]: every window gives a - e = -4. (-4 + 10) / 2 + 5 = 8.
            sbyte[] x = { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, y = new sbyte[4];
            int[] p = Conv(3, 3, 1, 2, 2, 1, 2, 2);
            p[Conv2D.OutZeroPoint] = 5;
            byte[] w = Expect.Blocks(32, new int[][] { new int[] { 10, 0, Expect.Half, 0, 1, 0, 0, -1 } });
            Conv2D.Run(p, x, 0, y, 0, w, 0, 0, 1, 0, 2);
            Expect.Values(y, 8, 8, 8, 8);
        }

        [TestMethod]
        public void Conv2D_counts_taps_outside_the_image_as_the_zero_point_and_clamps()
        {
            // Row 5 7 9 with zero point 5 is 0 2 4; kernel 1 2 3, one column of padding:
            // 2*0 + 3*2 = 6; 1*0 + 2*2 + 3*4 = 16; 1*2 + 2*4 = 10; the clamp to 12 takes the middle one.
            sbyte[] x = { 5, 7, 9 }, y = new sbyte[3];
            int[] p = Conv(1, 3, 1, 1, 3, 1, 1, 3);
            p[Conv2D.PadLeft] = 1;
            p[Conv2D.InZeroPoint] = 5;
            p[Conv2D.OutMax] = 12;
            // Folded bias 0 - 5 * (1 + 2 + 3), zero-point term 5 * 6.
            byte[] w = Expect.Blocks(32, new int[][] { new int[] { -30, 30, Expect.Half, 1, 1, 2, 3 } });
            Conv2D.Run(p, x, 0, y, 0, w, 0, 0, 1, 0, 1);
            Expect.Values(y, 6, 12, 10);
        }

        [TestMethod]
        public void Conv2D_in_groups_sees_only_its_own_channels_a_page_at_a_time()
        {
            // One pixel (4, 5), two groups of one channel, weights 3 and -2: 12 and -10.
            sbyte[] x = { 4, 5 }, y = new sbyte[2];
            int[] p = Conv(1, 1, 2, 1, 1, 2, 1, 1);
            p[Conv2D.GroupInChannels] = 1;
            p[Conv2D.GroupOutChannels] = 1;
            byte[] w = Expect.Blocks(32, new int[][] { new int[] { 0, 0, Expect.Half, 1, 3 }, new int[] { 0, 0, Expect.Half, 1, -2 } });
            Conv2D.Run(p, x, 0, y, 0, w, 32, 1, 2, 0, 1);
            Expect.Values(y, 0, -10);
            Conv2D.Run(p, x, 0, y, 0, w, 0, 0, 1, 0, 1);
            Expect.Values(y, 12, -10);
        }

        [TestMethod]
        public void DepthwiseConv2D_gives_each_channel_its_own_filters()
        {
            // One pixel (4, 5), two filters per channel, weights 1 2 | 3 4: 4 8 | 15 20.
            sbyte[] x = { 4, 5 }, y = new sbyte[4];
            int[] p = Conv(1, 1, 2, 1, 1, 4, 1, 1);
            p[Conv2D.GroupInChannels] = 1;
            p[Conv2D.GroupOutChannels] = 2;
            int[][] blocks = new int[4][];
            for (int i = 0; i < 4; i++)
                blocks[i] = new int[] { 0, 0, Expect.Half, 1, i + 1 };
            DepthwiseConv2D.Run(p, x, 0, y, 0, Expect.Blocks(32, blocks), 0, 0, 4, 0, 1);
            Expect.Values(y, 4, 8, 15, 20);
        }

        [TestMethod]
        public void TransposeConv2D_spreads_each_pixel_over_its_kernel()
        {
            // Row 1 2, kernel 3 4, stride 2: 1*3 1*4 2*3 2*4.
            sbyte[] x = { 1, 2 }, y = new sbyte[4];
            int[] p = new int[TransposeConv2D.ParameterCount];
            p[TransposeConv2D.InHeight] = 1;
            p[TransposeConv2D.InWidth] = 2;
            p[TransposeConv2D.InChannels] = 1;
            p[TransposeConv2D.OutHeight] = 1;
            p[TransposeConv2D.OutWidth] = 4;
            p[TransposeConv2D.OutChannels] = 1;
            p[TransposeConv2D.KernelHeight] = 1;
            p[TransposeConv2D.KernelWidth] = 2;
            p[TransposeConv2D.StrideHeight] = 1;
            p[TransposeConv2D.StrideWidth] = 2;
            p[TransposeConv2D.OutMin] = -128;
            p[TransposeConv2D.OutMax] = 127;
            p[TransposeConv2D.BlockBytes] = 32;
            byte[] w = Expect.Blocks(32, new int[][] { new int[] { 0, 0, Expect.Half, 1, 3, 4 } });
            TransposeConv2D.Run(p, x, 0, y, 0, w, 0, 0, 1, 0, 1);
            Expect.Values(y, 3, 4, 6, 8);
        }

        private static int[] Conv(
            int inHeight, int inWidth, int inChannels, int outHeight, int outWidth, int outChannels, int kernelHeight, int kernelWidth)
        {
            int[] p = new int[Conv2D.ParameterCount];
            p[Conv2D.InHeight] = inHeight;
            p[Conv2D.InWidth] = inWidth;
            p[Conv2D.InChannels] = inChannels;
            p[Conv2D.OutHeight] = outHeight;
            p[Conv2D.OutWidth] = outWidth;
            p[Conv2D.OutChannels] = outChannels;
            p[Conv2D.KernelHeight] = kernelHeight;
            p[Conv2D.KernelWidth] = kernelWidth;
            p[Conv2D.StrideHeight] = 1;
            p[Conv2D.StrideWidth] = 1;
            p[Conv2D.DilationHeight] = 1;
            p[Conv2D.DilationWidth] = 1;
            p[Conv2D.OutMin] = -128;
            p[Conv2D.OutMax] = 127;
            p[Conv2D.GroupInChannels] = inChannels;
            p[Conv2D.GroupOutChannels] = outChannels;
            p[Conv2D.BlockBytes] = 32;
            return p;
        }
    }
}
