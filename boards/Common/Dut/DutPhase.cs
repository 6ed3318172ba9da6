namespace TinyAI.Boards
{
    /// <summary>
    /// Phases of an inference as two marker pins show them: bit 0 is pin A, bit 1 pin B. From one phase to the next only
    /// one pin changes, so that no reader sees a phase that was not there.
    /// </summary>
    public static class DutPhase
    {
        /// <summary>No inference: both pins low.</summary>
        public const int Idle = 0;
        /// <summary>The input is being written: A high, B low.</summary>
        public const int Pre = 1;
        /// <summary>The network runs: both high.</summary>
        public const int Inference = 3;
        /// <summary>The answer is being read: A low, B high.</summary>
        public const int Post = 2;
    }
}
