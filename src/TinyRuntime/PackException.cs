using System;

namespace TinyAI.TinyRuntime
{
    /// <summary>A pack that cannot be used, or a call that does not fit it. The message names the field and the reason.</summary>
    public class PackException : Exception
    {
        /// <summary>Creates the exception with one sentence that names the field and the reason.</summary>
        public PackException(string message)
            : base(message)
        {
        }
    }
}
