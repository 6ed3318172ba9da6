using TinyAI.Kernels;

namespace TinyAI.TinyRuntime
{
    /// <summary>Lengths of the arrays that hold the lane form of a layer, or of the largest of several.</summary>
    public class LaneSize
    {
        private readonly int[] _lengths = new int[8];

        /// <summary>Groups of three channels: the length of accumulators.</summary>
        public int Groups { get; private set; }

        /// <summary>Length of the start values: one per group, or per channel where lanes are taps.</summary>
        public int Starts { get; private set; }

        /// <summary>Length of the sums, 0 where none are split.</summary>
        public int Sums { get; private set; }

        /// <summary>Output channels: the length of multipliers, addends and bends.</summary>
        public int Channels { get; private set; }

        /// <summary>Length of the distances between taps, 0 where taps are neighbours.</summary>
        public int Taps { get; private set; }

        /// <summary>Length of array index of the eight that hold the weights.</summary>
        public int Length(int index)
        {
            return _lengths[index];
        }

        /// <summary>Widens the lengths so that a layer with these parameters fits.</summary>
        public void Add(int kind, int[] p)
        {
            int channels = PageOf(kind, p);
            int taps = TapCount(kind, p);
            Channels = Larger(Channels, channels);
            if (kind == PackFormat.KindDepthwiseTapsLanes)
            {
                Starts = Larger(Starts, channels);
                _lengths[0] = Larger(_lengths[0], channels * DepthwiseTapsLanes.Triples(taps));
                return;
            }
            bool isConvolution = IsConvolution(kind);
            int groups = (channels + 2) / 3;
            Groups = Larger(Groups, groups);
            Starts = Larger(Starts, groups);
            if (isConvolution)
                Taps = Larger(Taps, LayerLanes.PaddedTaps(taps));
            if (p[isConvolution ? Conv2DLanes.Split : FullyConnectedLanes.Split] != 0)
                Sums = Larger(Sums, groups * (isConvolution ? 12 : 3));
            for (int i = 0; i < 8; i++)
                _lengths[i] = Larger(_lengths[i], LayerLanes.ArrayLength(taps, groups, i));
        }

        /// <summary>Whether layers of this kind run through <see cref="Conv2DLanes"/>.</summary>
        public static bool IsConvolution(int kind)
        {
            return kind == PackFormat.KindConv2DLanes || kind == PackFormat.KindBatchMatMulLanes;
        }

        /// <summary>Output channels of a layer that are in memory at once.</summary>
        public static int PageOf(int kind, int[] p)
        {
            if (kind == PackFormat.KindDepthwiseTapsLanes)
                return p[Conv2D.OutChannels];
            return IsConvolution(kind) ? p[Conv2DLanes.PageChannels] : p[FullyConnected.OutSize];
        }

        /// <summary>Taps of one output of a layer.</summary>
        public static int TapCount(int kind, int[] p)
        {
            if (kind == PackFormat.KindFullyConnectedLanes)
                return p[FullyConnected.InSize];
            int window = p[Conv2D.KernelHeight] * p[Conv2D.KernelWidth];
            return IsConvolution(kind) ? window * p[Conv2D.InChannels] : window;
        }

        internal LayerLanes Allocate()
        {
            LayerLanes lanes = new LayerLanes();
            lanes.Weights = new long[8][];
            for (int i = 0; i < 8; i++)
                lanes.Weights[i] = new long[_lengths[i]];
            lanes.Start = new long[Starts];
            lanes.Multiplier = new long[Channels];
            lanes.Addend = new long[Channels];
            lanes.Bend = new long[Channels];
            if (Taps > 0)
                lanes.Taps = new int[Taps];
            return lanes;
        }

        private static int Larger(int a, int b)
        {
            return a > b ? a : b;
        }
    }
}
