namespace TinyAI.Boards
{
    /// <summary>Bytes to and from another machine: a serial port on a board, a socket or pseudo-terminal on the desktop.</summary>
    public interface IByteLink
    {
        /// <summary>Reads what has come, at most count bytes, to buffer from 0; returns their number, 0 where nothing has.</summary>
        int Read(byte[] buffer, int count);

        /// <summary>Writes count bytes of data from 0.</summary>
        void Write(byte[] data, int count);
    }
}
