namespace TinyAI.Boards
{
    /// <summary>How a stream of sensor rows becomes decisions. All lengths are in rows.</summary>
    public class GestureSettings
    {
        /// <summary>Rows from one window to the next.</summary>
        public int Stride = 4;
        /// <summary>Windows that vote on a decision.</summary>
        public int Votes = 3;
        /// <summary>Equal votes that make one.</summary>
        public int Quorum = 2;
        /// <summary>Rows after a decision in which there is no other.</summary>
        public int Dwell = 25;
        /// <summary>A window whose best output is below this, in thousandths, votes for nothing.</summary>
        public int LeastConfidence;
        /// <summary>Sum of the absolute counts of the watched channels above which a row moves; 0 for no gate.</summary>
        public int GateThreshold = MotionGate.DefaultThreshold;
        /// <summary>First channel that the gate watches: of six, the rates of turn are the last three.</summary>
        public int GateFirst = 3;
        /// <summary>Number of channels that the gate watches.</summary>
        public int GateCount = 3;
        /// <summary>
        /// False: a motion is one gesture, decided once by the windows that begin with it. True: windows go on as long
        /// as the device moves, and a decision is reported when it changes; for activities rather than gestures.
        /// </summary>
        public bool Continuous;
    }
}
