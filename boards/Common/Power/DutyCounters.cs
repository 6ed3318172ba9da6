using TinyAI.TinyRuntime;

namespace TinyAI.Boards
{
    /// <summary>
    /// What a board that sleeps most of the time has done, as numbers that outlive deep sleep, and their form of 80 bytes:
    /// magic, sequence number, eight counters of 64 bits, reserved word, CRC-32 of all before it; little-endian.
    /// </summary>
    public class DutyCounters
    {
        /// <summary>Bytes of a record.</summary>
        public const int RecordBytes = 80;

        private const int Magic = 0x31435444;
        private const int CrcAt = RecordBytes - 4;

        /// <summary>Times it was switched on or reset, rather than woken.</summary>
        public long PowerOns;
        /// <summary>Times the timer woke it.</summary>
        public long TimerWakes;
        /// <summary>Times motion woke it.</summary>
        public long MotionWakes;
        /// <summary>Windows classified.</summary>
        public long Windows;
        /// <summary>Decisions made.</summary>
        public long Decisions;
        /// <summary>Milliseconds awake.</summary>
        public long AwakeMilliseconds;
        /// <summary>Milliseconds asleep, as far as the clock went on.</summary>
        public long AsleepMilliseconds;
        /// <summary>When it went to sleep, in milliseconds of the system's clock; 0 while awake.</summary>
        public long SleptAt;

        /// <summary>Writes all of it with a sequence number to data, which has <see cref="RecordBytes"/>.</summary>
        public void Write(byte[] data, int sequence)
        {
            PutWord(data, 0, Magic);
            PutWord(data, 4, sequence);
            Put(data, 8, PowerOns);
            Put(data, 16, TimerWakes);
            Put(data, 24, MotionWakes);
            Put(data, 32, Windows);
            Put(data, 40, Decisions);
            Put(data, 48, AwakeMilliseconds);
            Put(data, 56, AsleepMilliseconds);
            Put(data, 64, SleptAt);
            PutWord(data, 72, 0);
            PutWord(data, CrcAt, new Crc32().Update(0, data, 0, CrcAt));
        }

        /// <summary>Reads a record; false, and nothing changed, where it is damaged or none.</summary>
        public bool Read(byte[] data)
        {
            if (!IsWhole(data))
                return false;
            PowerOns = Get(data, 8);
            TimerWakes = Get(data, 16);
            MotionWakes = Get(data, 24);
            Windows = Get(data, 32);
            Decisions = Get(data, 40);
            AwakeMilliseconds = Get(data, 48);
            AsleepMilliseconds = Get(data, 56);
            SleptAt = Get(data, 64);
            return true;
        }

        /// <summary>Whether data is a record without damage.</summary>
        public static bool IsWhole(byte[] data)
        {
            return Word(data, 0) == Magic && Word(data, CrcAt) == new Crc32().Update(0, data, 0, CrcAt);
        }

        /// <summary>The sequence number of a record.</summary>
        public static int Sequence(byte[] data)
        {
            return Word(data, 4);
        }

        private static void Put(byte[] data, int at, long value)
        {
            PutWord(data, at, (int)value);
            PutWord(data, at + 4, (int)(value >> 32));
        }

        private static void PutWord(byte[] data, int at, int value)
        {
            data[at] = (byte)value;
            data[at + 1] = (byte)(value >> 8);
            data[at + 2] = (byte)(value >> 16);
            data[at + 3] = (byte)(value >> 24);
        }

        private static long Get(byte[] data, int at)
        {
            return (uint)Word(data, at) | ((long)Word(data, at + 4) << 32);
        }

        private static int Word(byte[] data, int at)
        {
            return data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24);
        }
    }
}
