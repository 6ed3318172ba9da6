using nanoFramework.TestFramework;
using TinyAI.Kernels;

namespace TinyAI.Device.Tests
{
    /// <summary>Layers with a memory.</summary>
    [TestClass]
    public class RecurrentTests
    {
        [TestMethod]
        public void Svdf_remembers_its_last_features()
        {
            // One filter: feature 2 * x, memory of two weighed 1 (older) and 3 (newer), bias 5.
            // x = 4: feature 8, 5 + 1*0 + 3*8 = 29. Then x = -1: feature -2, 5 + 1*8 + 3*(-2) = 7.
            byte[] w = new byte[16];
            Expect.Word(w, 0, 5);
            w[8] = 2;
            w[9] = 1;
            w[10] = 3;
            int[] p = new int[Svdf.ParameterCount];
            p[Svdf.InSize] = 1;
            p[Svdf.Units] = 1;
            p[Svdf.Rank] = 1;
            p[Svdf.Memory] = 2;
            p[Svdf.StateBytes] = 1;
            p[Svdf.StateMultiplier] = Expect.Half;
            p[Svdf.StateShift] = 1;
            p[Svdf.OutMultiplier] = Expect.Half;
            p[Svdf.OutShift] = 1;
            p[Svdf.BlockBytes] = 16;
            sbyte[] state = new sbyte[2], y = new sbyte[1];
            Svdf.Run(p, new sbyte[] { 4 }, 0, y, 0, state, 0, w, 0, 0, 1, 0, 1);
            Expect.Values(y, 29);
            Expect.Values(state, 0, 8);
            Svdf.Run(p, new sbyte[] { -1 }, 0, y, 0, state, 0, w, 0, 0, 1, 0, 1);
            Expect.Values(y, 7);
            Expect.Values(state, 8, -2);
        }

        [TestMethod]
        public void Lstm_with_open_gates_halves_its_cell()
        {
            // All weights and biases 0: the sigmoid gates are 1/2, the cell gate tanh(0) = 0.
            // cell = 1000 / 2 = 500, in Q3.12 0.12207; h = tanh(0.12207) / 2 * 128 = 0.12147 * 64 = 7.77 -> 8.
            int[] p = new int[Lstm.ParameterCount];
            p[Lstm.InSize] = 1;
            p[Lstm.StateSize] = 1;
            p[Lstm.Steps] = 1;
            p[Lstm.Batches] = 1;
            p[Lstm.BlockBytes] = 16;
            // Q0.15 * cell / 2^15; Q0.15 * Q0.15 to Q3.12 is 2^-18; Q0.15 * Q0.15 to 1/128 is 2^-23.
            p[Lstm.ForgetScale] = Expect.Half;
            p[Lstm.ForgetScale + 1] = -14;
            p[Lstm.InputScale] = Expect.Half;
            p[Lstm.InputScale + 1] = -17;
            p[Lstm.OutScale] = Expect.Half;
            p[Lstm.OutScale + 1] = -22;
            p[Lstm.TanhMultiplier] = 3;
            // h, then the cell 1000 = 0x03E8.
            sbyte[] state = { 0, -24, 3 }, y = new sbyte[1];
            Lstm.Run(p, new sbyte[] { 9 }, 0, y, 0, state, 0, new byte[64], 0, 0, 4, 0);
            Expect.Values(y, 8);
            // 500 = 0x01F4, and h is kept for the next step.
            Expect.Values(state, 8, -12, 1);
        }
    }
}
