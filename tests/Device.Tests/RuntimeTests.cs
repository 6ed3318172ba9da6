using nanoFramework.TestFramework;
using TinyAI.TinyRuntime;

namespace TinyAI.Device.Tests
{
    /// <summary>What the runtime itself does on the device, without a model.</summary>
    [TestClass]
    public class RuntimeTests
    {
        [TestMethod]
        public void Crc32_gives_the_published_check_value()
        {
            // The check value of CRC-32 (zip, Ethernet) is that of the digits 1 to 9: CBF43926; the same in two parts.
            byte[] digits = new byte[9];
            for (int i = 0; i < 9; i++)
                digits[i] = (byte)('1' + i);
            Crc32 crc = new Crc32();
            Assert.AreEqual(unchecked((int)0xCBF43926), crc.Update(0, digits, 0, 9));
            Assert.AreEqual(unchecked((int)0xCBF43926), crc.Update(crc.Update(0, digits, 0, 4), digits, 4, 5));
        }

        [TestMethod]
        public void What_is_not_a_pack_is_refused()
        {
            Assert.ThrowsException(typeof(PackException), LoadNothing);
            Assert.ThrowsException(typeof(PackException), LoadZeros);
        }

        [TestMethod]
        public void A_copy_inside_an_array_moves_what_it_overlaps()
        {
            // Streams slide so.
            sbyte[] x = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
            System.Array.Copy(x, 2, x, 0, 10);
            Expect.Values(x, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 11, 12);
        }

        [TestMethod]
        public void The_catalogue_begins_empty()
        {
            Models.Clear();
            Assert.AreEqual(0, Models.Count);
            Assert.IsNull(Models.Find("gesture"));
        }

        private static void LoadNothing()
        {
            Model.Load(new ByteArraySource(new byte[0]));
        }

        private static void LoadZeros()
        {
            Model.Load(new ByteArraySource(new byte[1000]));
        }
    }
}
