using System;
using System.Resources;

namespace nanoFramework.Runtime.Native
{
    /// <summary>
    /// Desktop stand-in for nanoFramework's class of this name: reads slices of byte[] entries from ordinary .NET
    /// resources, with the device's rules. Ids are enum members named like the entry, their value the hash by which
    /// the device finds it.
    /// </summary>
    public static class ResourceUtility
    {
        /// <summary>
        /// Up to length bytes of an entry from offset, in a new array: fewer where the entry ends.
        /// </summary>
        /// <exception cref="ArgumentException">There is no such entry.</exception>
        /// <exception cref="IndexOutOfRangeException">The offset is past the end.</exception>
        public static object GetObject(ResourceManager rm, Enum id, int offset, int length)
        {
            string name = id.ToString();
            if (((IConvertible)id).ToInt16(null) != IdOf(name) || !(rm.GetObject(name) is byte[] data))
                throw new ArgumentException();
            if (offset < 0 || offset >= data.Length)
                throw new IndexOutOfRangeException();
            byte[] slice = new byte[Math.Min(length, data.Length - offset)];
            Array.Copy(data, offset, slice, 0, slice.Length);
            return slice;
        }

        /// <summary>
        /// The id that nanoFramework's metadata processor gives an entry: two interleaved shift-and-xor hashes over
        /// its name, folded to 16 bits.
        /// </summary>
        public static short IdOf(string name)
        {
            unchecked
            {
                int even = (5381 << 16) + 5381, odd = even;
                for (int i = 0; i < name.Length; i++)
                {
                    if (i % 2 == 0)
                        even = (even * 33) ^ name[i];
                    else
                        odd = (odd * 33) ^ name[i];
                }
                int hash = even + odd * 1566083941;
                return (short)((hash >> 16) ^ hash);
            }
        }
    }
}
