// Declarations only, see README.md.
namespace System.IO
{
    public enum FileMode
    {
        CreateNew = 1,
        Create = 2,
        Open = 3,
        OpenOrCreate = 4,
        Truncate = 5,
        Append = 6,
    }

    public enum FileAccess
    {
        Read = 1,
        Write = 2,
        ReadWrite = 3,
    }

    public static class File
    {
        public static bool Exists(string path) => false;
    }

    public class FileStream : Stream
    {
        public FileStream(string path, FileMode mode, FileAccess access) { }
        public override long Length => 0;
        public override long Position { get; set; }
        public override long Seek(long offset, SeekOrigin origin) => 0;
        public override int Read(byte[] buffer, int offset, int count) => 0;
        public override void Write(byte[] buffer, int offset, int count) { }
        public override void Flush() { }
    }
}
