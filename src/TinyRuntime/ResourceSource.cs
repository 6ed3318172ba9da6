using System;
using System.Resources;
using nanoFramework.Runtime.Native;

namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// A pack that lies in flash as a binary resource of the application. Each piece is copied out as a new array; the
    /// source drops the old one first, so that it holds at most one. Small requests are rounded up to
    /// <see cref="LeastSlice"/> bytes and answered from the slice that is there already where that holds them.
    /// </summary>
    public class ResourceSource : IPackSource
    {
        /// <summary>Bytes read at least: the smallest paging window, so that this never raises the peak.</summary>
        public const int LeastSlice = 128;

        private readonly ResourceManager _resources;
        private readonly Enum _id;
        private readonly int _length;
        private byte[] _slice;
        private int _sliceAt;
        private int _start;

        /// <summary>
        /// Opens resource id of an application's resource manager. The pack's length is taken from its own header.
        /// </summary>
        public ResourceSource(ResourceManager resources, Enum id)
        {
            _resources = resources;
            _id = id;
            Read(0, LeastSlice);
            byte[] header = _slice;
            // What is too short or not a pack keeps a length at which loading says what is wrong with it.
            _length = header.Length;
            if (header.Length == LeastSlice)
            {
                _length = Word(header, PackFormat.MagicAt) == PackFormat.Magic
                    ? Word(header, PackFormat.TotalBytesAt)
                    : PackFormat.HeaderBytes;
            }
        }

        /// <inheritdoc/>
        public int Length
        {
            get { return _length; }
        }

        /// <inheritdoc/>
        public bool InPlace
        {
            get { return false; }
        }

        /// <inheritdoc/>
        public int Start
        {
            get { return _start; }
        }

        /// <inheritdoc/>
        public byte[] Fetch(int offset, int count)
        {
            if (offset < 0 || count < 0 || offset > _length - count)
                throw new PackException("The pack ends before byte " + ((long)offset + count) + ".");
            if (_slice == null || offset < _sliceAt || offset - _sliceAt > _slice.Length - count)
                Read(offset, count < LeastSlice ? LeastSlice : count);
            if (_slice.Length < count)
                throw new PackException("The resource ends at byte " + (_sliceAt + _slice.Length) + ", the pack claims " + _length + " bytes.");
            _start = offset - _sliceAt;
            return _slice;
        }

        private static int Word(byte[] data, int at)
        {
            return data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24);
        }

        /// <summary>Makes the slice that begins at offset; it is shorter than count where the resource ends.</summary>
        private void Read(int offset, int count)
        {
            _slice = null;
            try
            {
                _slice = (byte[])ResourceUtility.GetObject(_resources, _id, offset, count);
            }
            catch (IndexOutOfRangeException)
            {
            }
            if (_slice == null)
                throw new PackException("The resource ends before byte " + (offset + 1) + ".");
            _sliceAt = offset;
        }
    }
}
