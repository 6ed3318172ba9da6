namespace TinyAI.Kernels
{
    /// <summary>
    /// The constants of one layer in lane form: three output channels share a 64-bit element, 21 bits each, so that one
    /// multiplication and one addition of the interpreter do the work of three.
    /// <para>
    /// Element g of an array belongs to the channels 3g, 3g+1 and 3g+2; it is w0 + w1 * 2^21 + w2 * 2^42. Products with
    /// one activation and their sums stay apart while every lane's sum, moved up by an offset that the packer chose,
    /// lies in 0..2^21-1 at the end; what happens on the way does not matter, because 64-bit addition wraps. The packer
    /// proves that from the weights and the input's range (tools/ModelPacker/Lower/LaneBounds.cs).
    /// </para>
    /// <para>
    /// Taps are worked off in chunks of eight, then at most one of four and one of one. Tap t of chunk c lies in
    /// Weights[t][c * groups + g], so the index is a plain local and no array is larger than an eighth of the layer.
    /// </para>
    /// </summary>
    public class LayerLanes
    {
        /// <summary>Bytes before the taps in a channel's block of the pack: multiplier, addend, bend, offset.</summary>
        public const int BlockHeader = 32;
        /// <summary>Bits of a lane.</summary>
        public const int LaneBits = 21;
        /// <summary>The bits of one lane.</summary>
        public const long LaneMask = 0x1FFFFF;
        /// <summary>Channels that share an element.</summary>
        public const int Lanes = 3;

        /// <summary>First output channel that the arrays hold; all indices count from it.</summary>
        public int FirstChannel;
        /// <summary>Output channels that the arrays hold.</summary>
        public int Channels;
        /// <summary>Eight arrays: tap 0..7 of every chunk, for every group of channels.</summary>
        public long[][] Weights;
        /// <summary>Per group: the lane offsets, with which accumulators begin.</summary>
        public long[] Start;
        /// <summary>Per channel: the multiplier of q = (sum * multiplier + addend) >> shift.</summary>
        public long[] Multiplier;
        /// <summary>Per channel: the addend, in which bias, lane offset, rounding and output zero point are folded.</summary>
        public long[] Addend;
        /// <summary>
        /// Per channel: what is added below the output's zero point, where TFLite's rounding changes direction.
        /// </summary>
        public long[] Bend;
        /// <summary>Per tap: distance in bytes from a window's first tap; null where taps are neighbours.</summary>
        public int[] Taps;

        /// <summary>Chunks of eight for this many taps; six or seven left over make another.</summary>
        public static int Eights(int taps)
        {
            return (taps + 2) >> 3;
        }

        /// <summary>1 where a chunk of four follows, else 0; two or three taps left over make one.</summary>
        public static int Fours(int taps)
        {
            int rest = taps - 8 * Eights(taps);
            return rest > 1 ? 1 : 0;
        }

        /// <summary>1 where a single tap follows, else 0.</summary>
        public static int Ones(int taps)
        {
            int rest = taps - 8 * Eights(taps) - 4 * Fours(taps);
            return rest > 0 ? 1 : 0;
        }

        /// <summary>Taps with the zeros that fill the last chunk.</summary>
        public static int PaddedTaps(int taps)
        {
            return 8 * Eights(taps) + 4 * Fours(taps) + Ones(taps);
        }

        /// <summary>Length of Weights[index].</summary>
        public static int ArrayLength(int taps, int groups, int index)
        {
            int chunks = Eights(taps);
            if (index < 4)
                chunks += Fours(taps);
            if (index == 0)
                chunks += Ones(taps);
            return chunks * groups;
        }
    }
}
