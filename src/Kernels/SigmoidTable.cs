namespace TinyAI.Kernels
{
    /// <summary>
    /// Logistic function and hyperbolic tangent of 16-bit numbers by a table of 256 values and linear interpolation.
    /// Source: TFLite reference integer_ops/logistic.h and tanh.h, table of kernels/internal/common.h.
    /// <para>
    /// Entry i is round(65536 * (s(i/24) - s''(i/24) / (16 * 24 * 24))), s being the logistic function: its value,
    /// raised by half of what a straight line to the next entry falls short at most. The last entry is 65535. The
    /// numbers stand as constants in the code, four to a long: there they are read from flash and take no heap,
    /// whereas an array would be copied.
    /// </para>
    /// </summary>
    public static class SigmoidTable
    {
        /// <summary>Number of entries.</summary>
        public const int Count = 256;

        /// <summary>
        /// Logistic function in Q0.15 of an argument given as (multiples of 1/24) * 512, that is a Q3.12 number times
        /// three. The argument must not be -2^31.
        /// </summary>
        public static int Logistic(int scaled)
        {
            int size = scaled < 0 ? -scaled : scaled;
            int entry = size >> 9;
            int result = 0x7FFF << 10;
            if (entry < Count - 1)
            {
                int value = Entry(entry);
                result = (value << 9) + (size & 0x1FF) * (Entry(entry + 1) - value);
            }
            return (scaled >= 0 ? result + 512 : (1 << 25) - result + 511) >> 10;
        }

        /// <summary>
        /// Hyperbolic tangent in Q0.15 by tanh(x) = 2 * logistic(2x) - 1; the argument is given as for
        /// <see cref="Logistic"/>.
        /// </summary>
        public static int Tanh(int scaled)
        {
            int size = scaled < 0 ? -scaled : scaled;
            int entry = size >> 8;
            int result = 0xFFFF << 8;
            if (entry < Count - 1)
            {
                int value = Entry(entry);
                result = (value << 8) + (size & 0xFF) * (Entry(entry + 1) - value);
            }
            return (scaled >= 0 ? result - (1 << 23) + 128 : (1 << 23) - result + 127) >> 8;
        }

        /// <summary>Entry index (0..255) in 0.16 fixed point.</summary>
        public static int Entry(int index)
        {
            return (int)(Four(index >> 2) >> ((index & 3) << 4)) & 0xFFFF;
        }

        /// <summary>Entries 4 * group to 4 * group + 3, the first in the lowest 16 bits.</summary>
        private static long Four(int group)
        {
            switch (group)
            {
                case 0: return -8647609107170492416L;
                case 1: return -7887615030512219483L;
                case 2: return -7145635588589644508L;
                case 3: return -6430959601665400998L;
                case 4: return -5751468497938372312L;
                case 5: return -5113354821387177357L;
                case 6: return -4520559298996356313L;
                case 7: return -3976178198460185801L;
                case 8: return -3480774495502349671L;
                case 9: return -3034348185827946163L;
                case 10: return -2634928923124836523L;
                case 11: return -2280546348195914569L;
                case 12: return -1967822722665291396L;
                case 13: return -1693380290977143376L;
                case 14: return -1453841306165450401L;
                case 15: return -1245546529107612523L;
                case 16: return -1065399692109418657L;
                case 17: return -910023043909881400L;
                case 18: return -776038833248144420L;
                case 19: return -661195221655161434L;
                case 20: return -562677416413563089L;
                case 21: return -478515062621079425L;
                case 22: return -406737805375374945L;
                case 23: return -345375285479409004L;
                case 24: return -293020110869365915L;
                case 25: return -248546360163238888L;
                case 26: return -210828111979086673L;
                case 27: return -178739453524837072L;
                case 28: return -151435946985325154L;
                case 29: return -128354629522031109L;
                case 30: return -108651071909659063L;
                case 31: return -92043781991563636L;
                case 32: return -77969809814126907L;
                case 33: return -65866192539025675L;
                case 34: return -55732934461096162L;
                case 35: return -47288547718660287L;
                case 36: return -39970082358165666L;
                case 37: return -33777534084776073L;
                case 38: return -28710902898229364L;
                case 39: return -24207234550268002L;
                case 40: return -20547999722569811L;
                case 41: return -17170248461647943L;
                case 42: return -14636930720858172L;
                case 43: return -12385096546844723L;
                case 44: return -10414737349673003L;
                case 45: return -8725861719212068L;
                case 46: return -7318465360429087L;
                case 47: return -6192548273455130L;
                case 48: return -5066631186481174L;
                case 49: return -4222193371250707L;
                case 50: return -3659230532730896L;
                case 51: return -3096271989243917L;
                case 52: return -2533313445756939L;
                case 53: return -1970359197237258L;
                case 54: return -1688875630526472L;
                case 55: return -1407396358782983L;
                case 56: return -1125917087039494L;
                case 57: return -844442110263301L;
                case 58: return -844437815230468L;
                case 59: return -562958543486980L;
                case 60: return -562958543486979L;
                case 61: return -281479271743491L;
                case 62: return -281479271743490L;
                default: return -4295032834L;
            }
        }
    }
}
