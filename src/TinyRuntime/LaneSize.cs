using TinyAI.Kernels;

namespace TinyAI.TinyRuntime
{
    /// <summary>Lengths of the arrays that hold the lane form of a layer, or of the largest of several.</summary>
    public class LaneSize
    {
        private readonly int[] _lengths = new int[8];

        /// <summary>Groups of three channels: the length of accumulators and of their start values.</summary>
        public int Groups { get; private set; }

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
            bool isConvolution = kind == PackFormat.KindConv2DLanes;
            int channels = PageOf(kind, p);
            int taps = TapCount(kind, p);
            int groups = (channels + 2) / 3;
            Groups = Larger(Groups, groups);
            Channels = Larger(Channels, channels);
            if (isConvolution)
                Taps = Larger(Taps, LayerLanes.PaddedTaps(taps));
            if (p[isConvolution ? Conv2DLanes.Split : FullyConnectedLanes.Split] != 0)
                Sums = Larger(Sums, groups * (isConvolution ? 12 : 3));
            for (int i = 0; i < 8; i++)
                _lengths[i] = Larger(_lengths[i], LayerLanes.ArrayLength(taps, groups, i));
        }

        /// <summary>Output channels of a layer that are in memory at once.</summary>
        public static int PageOf(int kind, int[] p)
        {
            return kind == PackFormat.KindConv2DLanes ? p[Conv2DLanes.PageChannels] : p[FullyConnected.OutSize];
        }

        /// <summary>Taps of one output of a layer.</summary>
        public static int TapCount(int kind, int[] p)
        {
            return kind == PackFormat.KindConv2DLanes
                ? p[Conv2D.KernelHeight] * p[Conv2D.KernelWidth] * p[Conv2D.InChannels]
                : p[FullyConnected.InSize];
        }

        internal LayerLanes Allocate()
        {
            LayerLanes lanes = new LayerLanes();
            lanes.Weights = new long[8][];
            for (int i = 0; i < 8; i++)
                lanes.Weights[i] = new long[_lengths[i]];
            lanes.Start = new long[Groups];
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
