namespace TinyAI.Boards
{
    /// <summary>How a transfer on a bus went.</summary>
    public static class BusResult
    {
        /// <summary>All bytes were transferred.</summary>
        public const int Ok = 0;
        /// <summary>No device answered to the address, or it broke off.</summary>
        public const int NotAcknowledged = 1;
        /// <summary>The bus does not move: a line is held.</summary>
        public const int Stuck = 2;
    }
}
