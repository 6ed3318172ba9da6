namespace TinyAI.Kernels
{
    /// <summary>Working memory of the lane kernels, made once per session for the largest layer and shared by all.</summary>
    public class ScratchLanes
    {
        /// <summary>Accumulators of output position 0 of a block, one per group of channels.</summary>
        public long[] A0;
        /// <summary>Accumulators of position 1.</summary>
        public long[] A1;
        /// <summary>Accumulators of position 2.</summary>
        public long[] A2;
        /// <summary>Accumulators of position 3.</summary>
        public long[] A3;
        /// <summary>
        /// Where sums are split: twelve per group, lane + 3 * position. Null where no layer needs it.
        /// </summary>
        public int[] Sums;
        /// <summary>Input rows with their padding written out; null where no layer has padding.</summary>
        public sbyte[] Band;
        /// <summary>Three rows' activations packed; null where no layer is depthwise.</summary>
        public long[] Packed;
    }
}
