namespace TinyAI.Boards
{
    /// <summary>Why a board began to run.</summary>
    public static class WakeCause
    {
        /// <summary>Switched on or reset.</summary>
        public const int PowerOn = 0;
        /// <summary>The timer of its sleep.</summary>
        public const int Timer = 1;
        /// <summary>The sensor's interrupt.</summary>
        public const int Motion = 2;
    }
}
