namespace TinyAI.Boards
{
    /// <summary>Two places for a record that outlive deep sleep and loss of power: two files on a board.</summary>
    public interface ICounterStore
    {
        /// <summary>Reads place 0 or 1 into data; false where there is nothing of that length.</summary>
        bool Read(int place, byte[] data);

        /// <summary>Writes data to place 0 or 1; false where that failed.</summary>
        bool Write(int place, byte[] data);
    }
}
