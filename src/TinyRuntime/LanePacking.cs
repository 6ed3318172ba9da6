using TinyAI.Kernels;

namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// Turns the int8 blocks of a layer into lanes. A block is one output channel: words 0 to 7 are multiplier, addend
    /// and bend (64 bits each, low word first), the lane offset and 0 (where lanes are taps: the offsets of all three, 64
    /// bits); then the taps.
    /// </summary>
    internal static class LanePacking
    {
        /// <summary>Reads the blocks of channels first..first+channels-1 from the pack, at most window bytes at a time.</summary>
        internal static void Fill(LayerLanes lanes, IPackSource source, int window, int[] layer, int[] p, int first, int channels)
        {
            int kind = layer[PackFormat.LayerKind];
            int taps = LaneSize.TapCount(kind, p);
            int blockBytes = layer[PackFormat.LayerBlockBytes];
            int groups = (channels + 2) / 3;
            bool isTaps = kind == PackFormat.KindDepthwiseTapsLanes;
            if (kind == PackFormat.KindConv2DLanes && first == 0)
                FillDistances(lanes.Taps, p);
            lanes.FirstChannel = first;
            lanes.Channels = channels;
            int block = layer[PackFormat.LayerWeightsAt] + first * blockBytes, lane = 0;
            for (int channel = 0; channel < channels; channel++)
            {
                int group = channel / LayerLanes.Lanes;
                byte[] data = source.Fetch(block, LayerLanes.BlockHeader);
                int at = source.Start;
                lanes.Multiplier[channel] = Long(data, at);
                lanes.Addend[channel] = Long(data, at + 8);
                lanes.Bend[channel] = Long(data, at + 16);
                if (isTaps)
                    lanes.Start[channel] = Long(data, at + 24);
                else
                {
                    if (lane == 0)
                        lanes.Start[group] = 0;
                    lanes.Start[group] += (Long(data, at + 24) & LayerLanes.LaneMask) << lane;
                }
                // Lets a source that copies free one piece before it makes the next; likewise below.
                data = null;
                for (int tap = 0; tap < taps; tap += window)
                {
                    int count = taps - tap < window ? taps - tap : window;
                    data = source.Fetch(block + LayerLanes.BlockHeader + tap, count);
                    if (isTaps)
                        FillTriples(lanes.Weights[0], data, source.Start, tap, count, channel * DepthwiseTapsLanes.Triples(taps));
                    else
                        FillTaps(lanes.Weights, data, source.Start, tap, count, taps, groups, group, lane);
                    data = null;
                    if (window > taps - tap)
                        break;
                }
                if (!isTaps)
                    Pad(lanes.Weights, taps, groups, group);
                block += blockBytes;
                lane = lane == 2 * LayerLanes.LaneBits ? 0 : lane + LayerLanes.LaneBits;
            }
        }

        /// <summary>Adds taps tap..tap+count-1 of a channel to its lane; lane 0 sets, because it comes first.</summary>
        private static void FillTaps(
            long[][] weights, byte[] data, int at, int tap, int count, int taps, int groups, int group, int lane)
        {
            int eights = LayerLanes.Eights(taps), end = tap + count;
            int afterFour = 8 * eights + 4 * LayerLanes.Fours(taps);
            for (; tap < end; tap++)
            {
                long[] row = weights[tap >= afterFour ? 0 : tap & 7];
                int k = (tap >= afterFour ? eights + LayerLanes.Fours(taps) : tap >> 3) * groups + group;
                long value = (long)(sbyte)data[at++] << lane;
                row[k] = lane == 0 ? value : row[k] + value;
            }
        }

        /// <summary>Packs taps tap..tap+count-1 of a channel, three to an element from element first on, the first of them highest.</summary>
        private static void FillTriples(long[] weights, byte[] data, int at, int tap, int count, int first)
        {
            for (int end = tap + count; tap < end; tap++)
            {
                int k = first + tap / 3, lane = tap % 3;
                long value = (long)(sbyte)data[at++] << ((2 - lane) * LayerLanes.LaneBits);
                weights[k] = lane == 0 ? value : weights[k] + value;
            }
        }

        /// <summary>Zeros for the taps that the last chunk has too many.</summary>
        private static void Pad(long[][] weights, int taps, int groups, int group)
        {
            int rest = taps & 7, chunk = taps >> 3;
            int end = rest == 0 || rest == 1 || rest == 5 ? rest : rest > 5 ? 8 : 4;
            for (int j = rest; j < end; j++)
                weights[j][chunk * groups + group] = 0;
        }

        /// <summary>Distances of a window's taps from its first, in the source that the kernel reads.</summary>
        internal static void FillDistances(int[] distances, int[] p)
        {
            int channels = p[Conv2D.InChannels], row = p[Conv2DLanes.BandRow], k = 0;
            if (row == 0)
                row = p[Conv2D.InWidth] * channels;
            for (int ky = 0; ky < p[Conv2D.KernelHeight]; ky++)
            {
                for (int kx = 0; kx < p[Conv2D.KernelWidth]; kx++)
                {
                    int at = ky * p[Conv2D.DilationHeight] * row + kx * p[Conv2D.DilationWidth] * channels;
                    for (int c = 0; c < channels; c++)
                        distances[k++] = at++;
                }
            }
            for (; k < distances.Length; k++)
                distances[k] = 0;
        }

        private static long Long(byte[] data, int at)
        {
            uint low = (uint)(data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24));
            int high = data[at + 4] | (data[at + 5] << 8) | (data[at + 6] << 16) | (data[at + 7] << 24);
            return ((long)high << 32) | low;
        }
    }
}
