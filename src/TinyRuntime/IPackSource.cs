namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// Where the bytes of a pack come from: an array in memory, a binary resource in flash, or a file. A session asks
    /// for at most one piece at a time, so a source needs room for only one.
    /// </summary>
    public interface IPackSource
    {
        /// <summary>Bytes in the pack.</summary>
        int Length { get; }

        /// <summary>
        /// True where fetching copies nothing, however much is asked for: then nothing needs to be cut into pages.
        /// </summary>
        bool InPlace { get; }

        /// <summary>
        /// Index in the array last returned by <see cref="Fetch"/> at which the requested bytes begin.
        /// </summary>
        int Start { get; }

        /// <summary>
        /// Makes count bytes from offset readable and returns the array that holds them, valid until the next call.
        /// Throws <see cref="PackException"/> where the pack has no such bytes.
        /// </summary>
        byte[] Fetch(int offset, int count);
    }
}
