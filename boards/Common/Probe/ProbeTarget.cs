namespace TinyAI.Boards
{
    /// <summary>A call of each kind, for <see cref="OperationLoops"/>.</summary>
    public interface IProbeCall
    {
        /// <summary>Called through the interface.</summary>
        void ByInterface();
    }

    /// <summary>A call without arguments.</summary>
    public delegate void ProbeCall();

    /// <summary>Methods that do nothing, to be called; and an object to be made.</summary>
    public class ProbeTarget : IProbeCall
    {
        /// <summary>Called as a static method.</summary>
        public static void ByName()
        {
        }

        /// <summary>Called as an instance method.</summary>
        public void ByInstance()
        {
        }

        /// <summary>Called as a virtual method.</summary>
        public virtual void ByVirtual()
        {
        }

        /// <inheritdoc/>
        public void ByInterface()
        {
        }
    }
}
