namespace TinyAI.Boards
{
    /// <summary>
    /// What a device under test needs of its hardware: a clock and three output pins. Real on a board; on the desktop a
    /// clock and nothing else.
    /// </summary>
    public interface IDutBoard
    {
        /// <summary>Microseconds since some time before.</summary>
        long Microseconds();

        /// <summary>Makes a falling edge on the timestamp pin and holds it for at least a microsecond.</summary>
        void Timestamp();

        /// <summary>Shows a phase, one of the constants of <see cref="DutPhase"/>, on the two marker pins.</summary>
        void Mark(int phase);
    }
}
