using System;
using System.IO;

namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// A pack in a file, such as I:\model.tinyai. Pieces are read into one buffer that is made once, as large as the
    /// pack's paging window (at least <see cref="LeastBuffer"/>), so running from a file makes no garbage.
    /// </summary>
    public class FileSource : IPackSource, IDisposable
    {
        /// <summary>Bytes of the buffer at least: what loading asks for at once.</summary>
        public const int LeastBuffer = 128;

        private readonly byte[] _buffer;
        private readonly int _length;
        private FileStream _file;
        private int _bufferAt;
        private int _valid;
        private int _start;

        /// <summary>Opens a file for reading. Throws <see cref="PackException"/> where it does not exist.</summary>
        public FileSource(string path)
        {
            if (!File.Exists(path))
                throw new PackException("There is no file " + path + ".");
            _file = new FileStream(path, FileMode.Open, FileAccess.Read);
            _length = (int)_file.Length;
            _buffer = new byte[LeastBuffer];
            Read(0, LeastBuffer);
            if (_valid == LeastBuffer)
            {
                // A window larger than the file is damage, which loading will report: do not ask for that much memory.
                int at = PackFormat.WindowBytesAt;
                int window = _buffer[at] | (_buffer[at + 1] << 8) | (_buffer[at + 2] << 16) | (_buffer[at + 3] << 24);
                if (window > LeastBuffer && window <= _length)
                {
                    _buffer = new byte[window];
                    _valid = 0;
                }
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
            if (count > _buffer.Length)
                throw new PackException("A read of " + count + " bytes does not fit the pack's window of " + _buffer.Length + ".");
            if (_file == null)
                throw new PackException("The pack's file has been closed.");
            if (offset < _bufferAt || offset - _bufferAt > _valid - count)
                Read(offset, count < LeastBuffer ? LeastBuffer : count);
            if (_valid < count)
                throw new PackException("The file was cut while it was open: it ends at byte " + (_bufferAt + _valid) + ".");
            _start = offset - _bufferAt;
            return _buffer;
        }

        /// <summary>Closes the file. The source cannot be used afterwards.</summary>
        public void Dispose()
        {
            if (_file == null)
                return;
            _file.Dispose();
            _file = null;
        }

        /// <summary>Reads count bytes from offset into the buffer, fewer where the file ends.</summary>
        private void Read(int offset, int count)
        {
            _bufferAt = offset;
            _valid = 0;
            _file.Seek(offset, SeekOrigin.Begin);
            int wanted = _length - offset < count ? _length - offset : count;
            while (_valid < wanted)
            {
                int got = _file.Read(_buffer, _valid, wanted - _valid);
                if (got <= 0)
                    return;
                _valid += got;
            }
        }
    }
}
