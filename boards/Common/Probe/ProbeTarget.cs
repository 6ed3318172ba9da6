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
        /// <summary>Number of locals of <see cref="ByNameWithLocals"/>.</summary>
        public const int Locals = 16;

        private static int s_used;

        /// <summary>Called as a static method.</summary>
        public static void ByName()
        {
        }

        /// <summary>Called as a static method that has <see cref="Locals"/> locals, which are never used.</summary>
        public static void ByNameWithLocals(bool use)
        {
            if (use)
            {
                int a = s_used, b = s_used, c = s_used, d = s_used, e = s_used, f = s_used, g = s_used, h = s_used;
                int i = s_used, j = s_used, k = s_used, l = s_used, m = s_used, n = s_used, o = s_used, p = s_used;
                // Each is read twice, so that the compiler keeps them all.
                s_used = a * b + b * c + c * d + d * e + e * f + f * g + g * h + h * i;
                s_used = i * j + j * k + k * l + l * m + m * n + n * o + o * p + p * a;
            }
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
