namespace TinyAI.Boards
{
    /// <summary>
    /// Measures what operations cost on a board: each loop of <see cref="OperationLoops"/> several times, the shortest
    /// time counts, and operands are taken off. Times are in picoseconds.
    /// </summary>
    public class OperationProbe
    {
        private const int Repeats = 5;
        private const int LeastMicroseconds = 20000;
        private const int MostTurns = 1 << 24;

        private readonly IProbeBoard _board;
        private readonly OperationLoops _loops = new OperationLoops();
        private readonly long[] _turn = new long[OperationLoops.Count];

        /// <summary>A probe of a board.</summary>
        public OperationProbe(IProbeBoard board)
        {
            _board = board;
        }

        /// <summary>Runs all loops: some five seconds.</summary>
        public void Measure()
        {
            for (int i = 0; i < OperationLoops.Count; i++)
                _turn[i] = Turn(i);
        }

        /// <summary>Time of one turn of a loop, the loop's own work taken off.</summary>
        private long Body(int loop)
        {
            return _turn[loop] - _turn[OperationLoops.EmptyLoop];
        }

        /// <summary>Time of one of the operations of a body with what brings its operands.</summary>
        private long Each(int loop)
        {
            return Body(loop) / OperationLoops.Unrolled;
        }

        /// <summary>A local is loaded or stored.</summary>
        public long Local
        {
            get { return Each(OperationLoops.MoveLoop) / 2; }
        }

        /// <summary>Time of an operation in a chain: the body less its first load and its store, less one load each.</summary>
        public long Chained(int loop)
        {
            return AtLeastNothing((Body(loop) - 2 * Local) / OperationLoops.Unrolled - (loop == OperationLoops.ShiftLoop ? Constant : Local));
        }

        /// <summary>A constant is loaded.</summary>
        public long Constant
        {
            get { return AtLeastNothing(Each(OperationLoops.ConstantLoop) - Local); }
        }

        /// <summary>A 64-bit constant is loaded.</summary>
        public long ConstantLong
        {
            get { return AtLeastNothing((Body(OperationLoops.ConstantLongLoop) - 2 * Local) / OperationLoops.Unrolled - Chained(OperationLoops.AddLongLoop)); }
        }

        /// <summary>A local of a method is prepared when it is called. The test in front of them counts as a comparison.</summary>
        public long LocalPrepared
        {
            get
            {
                long call = Each(OperationLoops.CallStaticLoop) + 2 * Local + WithLocals(OperationLoops.CompareLoop, 3) * 7 / 10;
                return AtLeastNothing((Each(OperationLoops.CallLocalsLoop) - call) / ProbeTarget.Locals);
            }
        }

        /// <summary>Time of an operation whose operands and result take this many loads and stores of locals.</summary>
        public long WithLocals(int loop, int locals)
        {
            return AtLeastNothing(Each(loop) - locals * Local);
        }

        /// <summary>A measured difference can come out a little below nothing; the operation is then very cheap.</summary>
        private static long AtLeastNothing(long picoseconds)
        {
            return picoseconds < 0 ? 0 : picoseconds;
        }

        private long Turn(int loop)
        {
            // Twice as many turns until the clock is fine enough for them.
            int turns = 64;
            long time = Time(loop, turns);
            while (time < LeastMicroseconds && turns < MostTurns)
            {
                turns *= 2;
                time = Time(loop, turns);
            }
            for (int i = 1; i < Repeats; i++)
            {
                long again = Time(loop, turns);
                if (again < time)
                    time = again;
            }
            return time * 1000000 / turns;
        }

        private long Time(int loop, int turns)
        {
            long start = _board.Microseconds();
            _loops.Run(loop, turns);
            return _board.Microseconds() - start;
        }
    }
}
