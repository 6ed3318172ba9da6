using nanoFramework.TestFramework;
using TinyAI.Kernels;

namespace TinyAI.Device.Tests
{
    /// <summary>Norms, masked softmax, look-ups by index, rotary positions, caches and recurrent cells.</summary>
    [TestClass]
    public class BlockTests
    {
        [TestMethod]
        public void LayerNorm_gives_a_pair_one_deviation_each()
        {
            // Mean 3, deviation 2: -1 and 1, times 32, plus 5. The root mean square of 3 and 4 is 3.5355: 3 / 3.5355 * 32 = 27.15.
            int[] p = Norm(2);
            sbyte[] y = new sbyte[2];
            GroupNorm.Run(p, new sbyte[] { 1, 5 }, 0, y, 0, null, 0, 0, 1);
            Expect.Values(y, -27, 37);
            p[GroupNorm.FromZero] = 1;
            GroupNorm.Run(p, new sbyte[] { 3, 4 }, 0, y, 0, null, 0, 0, 1);
            Expect.Values(y, 32, 41);
        }

        [TestMethod]
        public void GroupNorm_takes_each_group_over_all_positions()
        {
            // Two groups of one channel at two positions; per channel factor 32 and 16, offset 0 and 1.
            int[] p = Norm(1);
            p[GroupNorm.Positions] = 2;
            p[GroupNorm.PositionStep] = 2;
            p[GroupNorm.Groups] = 2;
            p[GroupNorm.BatchStep] = 4;
            p[GroupNorm.PerChannel] = 1;
            byte[] table = new byte[16];
            Expect.Word(table, 0, 32 << 16);
            Expect.Word(table, 8, 16 << 16);
            Expect.Word(table, 12, 1 << 16);
            sbyte[] x = { 1, 100, 3, -100 };
            GroupNorm.Run(p, x, 0, x, 0, table, 0, 0, 2);
            Expect.Values(x, -32, 17, 32, -15);
        }

        [TestMethod]
        public void Causal_softmax_sees_one_key_more_in_each_row()
        {
            // Weights 1 for the largest and 1/2 one below: 1; 1/2, 1/2; 2/3, 1/3 and what is far below.
            byte[] table = new byte[8];
            Expect.Word(table, 0, int.MaxValue);
            Expect.Word(table, 4, 1 << 30);
            int[] p = new int[CausalSoftmax.ParameterCount];
            p[CausalSoftmax.RowLength] = 3;
            p[CausalSoftmax.Queries] = 3;
            p[CausalSoftmax.TableLength] = 2;
            sbyte[] x = { 0, 9, 9, 4, 4, 9, 1, 0, -9 };
            CausalSoftmax.Run(p, x, 0, null, 0, x, 0, null, 0, table, 0, 0, 3);
            Expect.Values(x, 127, -128, -128, 0, 0, -128, 43, -43, -128);
        }

        [TestMethod]
        public void Gather_holds_its_indices_inside_the_table()
        {
            int[] p = new int[Gather.ParameterCount];
            p[Gather.Depth] = 1;
            p[Gather.Sizes] = 3;
            p[Gather.SliceBytes] = 2;
            p[Gather.Count] = 4;
            p[Gather.Outer] = 1;
            sbyte[] ids = { 2, 0, 0, 0, -1, -1, -1, -1, 0, 1, 0, 0, -9, -1, -1, -1 }, y = new sbyte[8];
            Gather.Run(p, new sbyte[] { 1, 2, 3, 4, 5, 6 }, 0, ids, 0, y, 0, 0, 4);
            Expect.Values(y, 5, 6, 5, 6, 5, 6, 1, 2);
        }

        [TestMethod]
        public void Arg_max_takes_the_first_of_equal_values()
        {
            int[] p = { 3, 2, 0 };
            sbyte[] x = { 1, -5, 7, -5, 7, -6 }, y = new sbyte[8];
            ArgMinMax.Run(p, x, 0, y, 0, 0, 2);
            Expect.Values(y, 1, 0, 0, 0, 0, 0, 0, 0);
            p[ArgMinMax.IsMinimum] = 1;
            ArgMinMax.Run(p, x, 0, y, 0, 0, 2);
            Expect.Values(y, 0, 0, 0, 0, 2, 0, 0, 0);
        }

        [TestMethod]
        public void Rotary_by_a_right_angle_swaps_a_pair()
        {
            int[] p = new int[Rotary.ParameterCount];
            p[Rotary.RowLength] = 4;
            p[Rotary.Steps] = 1;
            p[Rotary.TableRows] = 1;
            p[Rotary.PairStep] = 2;
            p[Rotary.Multiplier] = Expect.Half;
            p[Rotary.Shift] = -13;
            // Pairs (3, 5) by 90 degrees and (4, -6) by none: cosine and sine in steps of 2^-14.
            byte[] table = { 0, 0, 0, 64, 0, 64, 0, 0 };
            sbyte[] x = { 3, 4, 5, -6 };
            Rotary.Run(p, x, 0, x, 0, table, 0, 0);
            Expect.Values(x, -5, 4, 3, -6);
            Assert.AreEqual(0, Rotary.Position(p, null, 0, 0));
        }

        [TestMethod]
        public void A_cache_takes_a_row_at_its_position()
        {
            int[] p = { 2, 6, 2 };
            sbyte[] cache = new sbyte[12];
            Cache.Run(p, new sbyte[] { 1, 2, 3, 4 }, 0, new sbyte[] { 1, 0, 0, 0 }, 0, cache, 0, 0, 2);
            Expect.Values(cache, 0, 0, 1, 2, 0, 0, 0, 0, 3, 4, 0, 0);
        }

        [TestMethod]
        public void Gru_with_open_gates_halves_its_state()
        {
            // All weights 0: the gates are 1/2, the new value tanh(0) = 0. h = 1/2 becomes 1/4, in steps of 1/128: 32.
            int[] p = new int[Gru.ParameterCount];
            p[Gru.InSize] = 1;
            p[Gru.StateSize] = 1;
            p[Gru.Batches] = 1;
            p[Gru.OutScale] = Expect.Half;
            p[Gru.OutScale + 1] = -7;
            p[Gru.BlockBytes] = 32;
            sbyte[] state = { 64, 0, 64, 0, 0 }, y = new sbyte[1];
            Gru.Run(p, new sbyte[] { 9 }, 0, y, 0, state, 0, new byte[96], 0, 0, 3, 0);
            Expect.Values(y, 32);
            // The state is 8192 = 0x2000, r * h a quarter too.
            Expect.Values(state, 32, 0, 32, 32, 0);
        }

        [TestMethod]
        public void A_liquid_neuron_without_input_leaks_away()
        {
            // Half of the state leaks in a step: 20 becomes 10.
            int[] p = new int[Liquid.ParameterCount];
            p[Liquid.InSize] = 1;
            p[Liquid.StateSize] = 1;
            p[Liquid.Batches] = 1;
            p[Liquid.OutZeroPoint] = 3;
            p[Liquid.BlockBytes] = 48;
            byte[] w = new byte[48];
            Expect.Word(w, 24, Expect.Half);
            sbyte[] state = { 23, 0, 0, 20, 0 }, y = new sbyte[1];
            Liquid.Run(p, new sbyte[] { 9 }, 0, y, 0, state, 0, w, 0, 0, 1, 0);
            Expect.Values(y, 13);
            Expect.Values(state, 13, 0, 0, 10, 0);
        }

        /// <summary>One group of so many channels: times 32, plus 5, no epsilon.</summary>
        private static int[] Norm(int channels)
        {
            int[] p = new int[GroupNorm.ParameterCount];
            p[GroupNorm.Channels] = channels;
            p[GroupNorm.Positions] = 1;
            p[GroupNorm.PositionStep] = channels;
            p[GroupNorm.Groups] = 1;
            p[GroupNorm.BatchStep] = channels;
            p[GroupNorm.VarianceShift] = 20;
            p[GroupNorm.FactorShift] = 20;
            p[GroupNorm.Factor] = 32 << 16;
            p[GroupNorm.Offset] = 5 << 16;
            return p;
        }
    }
}
