namespace TinyAI.Boards
{
    /// <summary>The wires to a display's controller. Transfers have no answer: the panel is only written to.</summary>
    public interface IPanelBus
    {
        /// <summary>Pulls the controller's reset and lets it go, where the board has a wire for that.</summary>
        void Reset();

        /// <summary>Sends a command byte.</summary>
        void Command(int command);

        /// <summary>Sends the first count bytes of data, which belong to the last command.</summary>
        void Data(byte[] data, int count);

        /// <summary>Waits, while the controller wakes.</summary>
        void Wait(int milliseconds);
    }
}
