using TinyAI.Boards;
using TinyAI.Boards.Hardware;

namespace TinyAI.Apps
{
    /// <summary>Stands in for the Screen.cs of boards that have a screen.</summary>
    internal static class Screen
    {
        /// <summary>There is none.</summary>
        public static TextPanel Open(BoardPins pins)
        {
            return null;
        }
    }
}
