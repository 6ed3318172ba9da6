using System;
using System.IO;

namespace TinyAI.Boards.Hardware
{
    /// <summary>
    /// The counters in two files of the internal file system. A write takes flash: a board that wakes every few seconds
    /// should sleep lightly, where nothing needs to be saved, rather than deeply.
    /// </summary>
    public class CounterFiles : ICounterStore
    {
        private readonly string _folder;

        /// <summary>Files counter0.bin and counter1.bin in a folder, such as I:\.</summary>
        public CounterFiles(string folder)
        {
            _folder = folder;
        }

        /// <inheritdoc/>
        public bool Read(int place, byte[] data)
        {
            string path = PathOf(place);
            try
            {
                if (!File.Exists(path))
                    return false;
                using (FileStream file = new FileStream(path, FileMode.Open, FileAccess.Read))
                    return file.Length == data.Length && file.Read(data, 0, data.Length) == data.Length;
            }
            catch (Exception)
            {
                return false;
            }
        }

        /// <inheritdoc/>
        public bool Write(int place, byte[] data)
        {
            try
            {
                using (FileStream file = new FileStream(PathOf(place), FileMode.Create, FileAccess.Write))
                {
                    file.Write(data, 0, data.Length);
                    file.Flush();
                }
                return true;
            }
            catch (Exception)
            {
                return false;
            }
        }

        private string PathOf(int place)
        {
            return _folder + "counter" + place + ".bin";
        }
    }
}
