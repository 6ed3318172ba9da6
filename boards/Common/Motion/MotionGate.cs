namespace TinyAI.Boards
{
    /// <summary>
    /// Says when a still device begins to move, so that the network does not run while nothing happens. A row moves when
    /// the sum of the absolute values of its watched channels exceeds a threshold; motion begins with the first of
    /// <see cref="Rows"/> rows of which most move, after <see cref="Rows"/> rows of which none did.
    /// <para>The last rows are bits of one integer: nothing is stored but that.</para>
    /// </summary>
    public class MotionGate
    {
        /// <summary>Rows over which is decided.</summary>
        public const int Rows = 5;
        /// <summary>
        /// Threshold for three rates of turn at ±2000 degrees per second (16.4 counts for one): about 55 degrees per
        /// second in all, well above the noise of a hand at rest.
        /// </summary>
        public const int DefaultThreshold = 900;

        private const int Mask = (1 << Rows) - 1;

        private readonly int _first;
        private readonly int _end;
        private readonly int _threshold;
        private int _recent;
        private bool _still = true;

        /// <summary>Watches count channels of a row from channel first on.</summary>
        public MotionGate(int first, int count, int threshold)
        {
            _first = first;
            _end = first + count;
            _threshold = threshold;
        }

        /// <summary>Whether any of the last rows moved.</summary>
        public bool IsMoving
        {
            get { return _recent != 0; }
        }

        /// <summary>
        /// Takes one row of raw counts from rowAt of row. True where motion has begun, <see cref="Rows"/> - 1 rows ago;
        /// then false until <see cref="Close"/> and stillness.
        /// </summary>
        public bool Add(short[] row, int rowAt)
        {
            int sum = 0, end = rowAt + _end;
            for (int i = rowAt + _first; i < end; i++)
                sum += row[i] < 0 ? -row[i] : row[i];
            int recent = ((_recent << 1) | (sum > _threshold ? 1 : 0)) & Mask;
            _recent = recent;
            if (recent == 0)
                _still = true;
            if (!_still)
                return false;
            int moving = 0;
            while (recent != 0)
            {
                recent &= recent - 1;
                moving++;
            }
            if (moving <= Rows / 2)
                return false;
            _still = false;
            return true;
        }

        /// <summary>Waits for stillness before the next opening.</summary>
        public void Close()
        {
            _still = false;
        }

        /// <summary>Begins anew, as if the device had been still.</summary>
        public void Reset()
        {
            _recent = 0;
            _still = true;
        }
    }
}
