namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// Turns raw sensor counts into the model's int8 input with integers only:
    /// q = clamp((counts * multiplier + offset) >> shift, -128, 127), with one multiplier, shift and offset per
    /// channel. The packer derives them from the units, the scale and the zero point; half a step is in the offset, so
    /// the shift rounds to nearest. Channels repeat: element i belongs to channel i modulo the channel count.
    /// </summary>
    public class Normalisation
    {
        /// <summary>
        /// Bytes of one channel in the pack: int32 multiplier, int32 shift, int64 offset, and for desktop tools the raw
        /// counts that make one physical unit, as the bits of an IEEE single.
        /// </summary>
        public const int ChannelBytes = 20;

        /// <summary>Offset of the counts per unit in a channel's bytes.</summary>
        public const int CountsPerUnitAt = 16;

        private readonly int[] _multipliers;
        private readonly int[] _shifts;
        private readonly long[] _offsets;

        /// <summary>Reads the model's normalisation. Throws <see cref="PackException"/> where it has none.</summary>
        public Normalisation(Model model)
        {
            int channels = model.Word(PackFormat.NormalisationChannelsAt);
            if (channels == 0)
                throw new PackException("The model carries no input normalisation: pack it with one, or write int8 values.");
            int at = model.Word(PackFormat.NormalisationAt);
            _multipliers = new int[channels];
            _shifts = new int[channels];
            _offsets = new long[channels];
            for (int i = 0; i < channels; i++)
            {
                _multipliers[i] = model.Word(at);
                _shifts[i] = model.Word(at + 4) & 63;
                _offsets[i] = (uint)model.Word(at + 8) | ((long)model.Word(at + 12) << 32);
                at += ChannelBytes;
            }
        }

        /// <summary>Number of channels, such as six for an accelerometer and a gyroscope.</summary>
        public int Channels
        {
            get { return _multipliers.Length; }
        }

        /// <summary>
        /// Converts count values of counts from countsAt into values from valuesAt. The first belongs to channel 0.
        /// </summary>
        public void Apply(short[] counts, int countsAt, sbyte[] values, int valuesAt, int count)
        {
            int channels = _multipliers.Length, channel = 0;
            for (int i = 0; i < count; i++)
            {
                long q = (counts[countsAt + i] * (long)_multipliers[channel] + _offsets[channel]) >> _shifts[channel];
                values[valuesAt + i] = (sbyte)(q < -128 ? -128 : q > 127 ? 127 : q);
                channel = channel + 1 == channels ? 0 : channel + 1;
            }
        }
    }
}
