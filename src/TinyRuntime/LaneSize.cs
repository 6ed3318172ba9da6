using TinyAI.Kernels;

namespace TinyAI.TinyRuntime
{
    /// <summary>Lengths of the arrays that hold the lane form of a layer, or of the largest of several.</summary>
    internal class LaneSize
    {
        internal int Groups;
        internal int Sums;
        private int _channels;
        private int _taps;
        private readonly int[] _lengths = new int[8];

        /// <summary>Widens the lengths so that a layer with these parameters fits.</summary>
        internal void Add(int kind, int[] p)
        {
            bool isConvolution = kind == PackFormat.KindConv2DLanes;
            int channels = isConvolution ? p[Conv2D.OutChannels] : p[FullyConnected.OutSize];
            int taps = TapCount(kind, p);
            int groups = (channels + 2) / 3;
            Groups = Larger(Groups, groups);
            _channels = Larger(_channels, channels);
            if (isConvolution)
                _taps = Larger(_taps, LayerLanes.PaddedTaps(taps));
            if (p[isConvolution ? Conv2DLanes.Split : FullyConnectedLanes.Split] != 0)
                Sums = Larger(Sums, groups * (isConvolution ? 12 : 3));
            for (int i = 0; i < 8; i++)
                _lengths[i] = Larger(_lengths[i], LayerLanes.ArrayLength(taps, groups, i));
        }

        /// <summary>Taps of one output of a layer.</summary>
        internal static int TapCount(int kind, int[] p)
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
            lanes.Multiplier = new long[_channels];
            lanes.Addend = new long[_channels];
            lanes.Bend = new long[_channels];
            if (_taps > 0)
                lanes.Taps = new int[_taps];
            return lanes;
        }

        private static int Larger(int a, int b)
        {
            return a > b ? a : b;
        }
    }
}
