using System;

namespace TinyAI.Boards
{
    /// <summary>
    /// Chooses the next token of a text by its int8 scores: the best one, or one of the best k drawn with the probabilities
    /// that softmax gives them (top-k sampling, Fan et al. 2018, arXiv:1805.04833). Integers only: a score that lies d steps
    /// below the best weighs decay^d, where decay is e^(-scale / temperature) in Q0.16; the powers are kept in a table. The
    /// draws come from a seed (xorshift32, Marsaglia 2003), so that a text can be made again.
    /// </summary>
    public class TokenChoice
    {
        private const int One = 1 << 16;

        private readonly int[] _weights;
        private readonly int[] _best;
        private uint _state;

        /// <summary>
        /// A choice among the best 1..n tokens; best 1 is greedy. decay: 0..65535, e^(-scale / temperature) times 65536, scale
        /// being that of the scores; see <see cref="Decay"/>.
        /// </summary>
        public TokenChoice(int best, int decay, int seed)
        {
            if (best < 1 || decay < 0 || decay >= One)
                throw new ArgumentException("A choice needs 1 or more tokens and a decay from 0 to 65535.");
            _best = new int[best];
            _weights = new int[256];
            _weights[0] = One;
            for (int d = 1; d < _weights.Length; d++)
                _weights[d] = (int)((long)_weights[d - 1] * decay + (One >> 1) >> 16);
            _state = seed == 0 ? 0x9E3779B9 : (uint)seed;
        }

        /// <summary>
        /// e^(-x) in Q0.16 for x in Q16.16, at least 0: the series of e^(-x / 2^n) for the n that brings x / 2^n below 1/4,
        /// squared n times. Error: below 2 units of the last place for x up to 1 in its tests.
        /// </summary>
        public static int Decay(long x)
        {
            int halvings = 0;
            for (; x >> halvings >= One >> 2; halvings++)
            {
            }
            long r = (x << 14) >> halvings, sum = 1L << 30, term = sum;
            for (int k = 1; k <= 8; k++)
            {
                term = -(term * r >> 30) / k;
                sum += term;
            }
            for (; halvings > 0; halvings--)
                sum = sum * sum >> 30;
            long rounded = sum + (1 << 13) >> 14;
            return rounded >= One ? One - 1 : (int)rounded;
        }

        /// <summary>Chooses by count scores that begin at scores[at]. Of equal scores the first counts as the better one.</summary>
        public int Next(sbyte[] scores, int at, int count)
        {
            int kept = 0;
            for (int i = 0; i < count; i++)
            {
                int score = scores[at + i], place = kept;
                while (place > 0 && scores[at + _best[place - 1]] < score)
                    place--;
                if (place == _best.Length)
                    continue;
                if (kept < _best.Length)
                    kept++;
                for (int j = kept - 1; j > place; j--)
                    _best[j] = _best[j - 1];
                _best[place] = i;
            }
            if (kept < 2)
                return _best[0];
            int top = scores[at + _best[0]];
            long sum = 0;
            for (int i = 0; i < kept; i++)
                sum += _weights[top - scores[at + _best[i]]];
            long drawn = Draw() * sum >> 32;
            for (int i = 0; i < kept; i++)
            {
                drawn -= _weights[top - scores[at + _best[i]]];
                if (drawn < 0)
                    return _best[i];
            }
            return _best[0];
        }

        /// <summary>The next of 2^32 - 1 evenly distributed numbers.</summary>
        private long Draw()
        {
            _state ^= _state << 13;
            _state ^= _state >> 17;
            _state ^= _state << 5;
            return _state;
        }
    }
}
