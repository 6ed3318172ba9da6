namespace TinyAI.TinyRuntime
{
    /// <summary>A pack that lies in memory as a whole. Nothing is copied: weights are read in place.</summary>
    public class ByteArraySource : IPackSource
    {
        private readonly byte[] _pack;
        private int _start;

        /// <summary>Wraps the bytes of a pack; the array must not change while sessions use it.</summary>
        public ByteArraySource(byte[] pack)
        {
            _pack = pack;
        }

        /// <inheritdoc/>
        public int Length
        {
            get { return _pack.Length; }
        }

        /// <inheritdoc/>
        public bool InPlace
        {
            get { return true; }
        }

        /// <inheritdoc/>
        public int Start
        {
            get { return _start; }
        }

        /// <inheritdoc/>
        public byte[] Fetch(int offset, int count)
        {
            if (offset < 0 || count < 0 || offset > _pack.Length - count)
                throw new PackException("The pack ends before byte " + ((long)offset + count) + ".");
            _start = offset;
            return _pack;
        }
    }
}
