namespace TinyAI.Boards
{
    /// <summary>How a panel lies in its controller's memory.</summary>
    public class PanelShape
    {
        /// <summary>Columns, as the board is looked at.</summary>
        public int Width;
        /// <summary>Rows.</summary>
        public int Height;
        /// <summary>Column of the controller's memory that the first column shows.</summary>
        public int Left;
        /// <summary>Row of the controller's memory that the first row shows.</summary>
        public int Top;
        /// <summary>Value of the controller's memory access register: which way columns and rows run.</summary>
        public int Access;
        /// <summary>Whether the glass shows the inverse, as most do that are seen from all sides.</summary>
        public bool IsInverted;
    }
}
