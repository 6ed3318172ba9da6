using nanoFramework.TestFramework;

namespace TinyAI.Device.Tests
{
    /// <summary>Short forms for expectations and for weight blocks.</summary>
    internal static class Expect
    {
        /// <summary>Multiplier of one half; with shift 1 it is one.</summary>
        internal const int Half = 1 << 30;

        /// <summary>All elements of actual, in order.</summary>
        internal static void Values(sbyte[] actual, params int[] expected)
        {
            Assert.AreEqual(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
                Assert.AreEqual(expected[i], (int)actual[i]);
        }

        /// <summary>
        /// One weight block after the other: 16 bytes of header, then the taps. Each row of blocks is folded bias,
        /// zero-point term, multiplier, shift, taps; blockBytes is the distance between blocks.
        /// </summary>
        internal static byte[] Blocks(int blockBytes, int[][] blocks)
        {
            byte[] bytes = new byte[blockBytes * blocks.Length];
            for (int b = 0; b < blocks.Length; b++)
            {
                for (int i = 0; i < blocks[b].Length; i++)
                {
                    if (i < 4)
                        Word(bytes, b * blockBytes + 4 * i, blocks[b][i]);
                    else
                        bytes[b * blockBytes + 12 + i] = (byte)blocks[b][i];
                }
            }
            return bytes;
        }

        /// <summary>Stores a little-endian word.</summary>
        internal static void Word(byte[] bytes, int at, int value)
        {
            for (int i = 0; i < 4; i++)
                bytes[at + i] = (byte)(value >> (8 * i));
        }
    }
}
