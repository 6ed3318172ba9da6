using System;

namespace TinyAI.Boards
{
    /// <summary>Counts the answers of the last windows and says which one most of them gave.</summary>
    public class MajorityVote
    {
        /// <summary>No answer has a majority.</summary>
        public const int Undecided = -1;

        private readonly int[] _last;
        private readonly int[] _counts;
        private readonly int _quorum;
        private int _next;
        private int _filled;

        /// <summary>A vote over the last votes answers of 0..classes-1, decided by at least quorum equal ones.</summary>
        public MajorityVote(int classes, int votes, int quorum)
        {
            if (classes < 1 || votes < 1 || quorum < 1 || quorum > votes)
                throw new ArgumentException("A vote needs classes, votes and a quorum from 1 to the votes.");
            _last = new int[votes];
            _counts = new int[classes];
            _quorum = quorum;
        }

        /// <summary>Whether all votes have been given.</summary>
        public bool IsComplete
        {
            get { return _filled == _last.Length; }
        }

        /// <summary>
        /// Takes an answer, which may be <see cref="Undecided"/>; the oldest is dropped once all votes have been given.
        /// </summary>
        public void Add(int answer)
        {
            if (_filled == _last.Length)
            {
                int oldest = _last[_next];
                if (oldest >= 0)
                    _counts[oldest]--;
            }
            else
            {
                _filled++;
            }
            _last[_next] = answer;
            if (answer >= 0)
                _counts[answer]++;
            _next = _next + 1 == _last.Length ? 0 : _next + 1;
        }

        /// <summary>
        /// The answer with most votes where these reach the quorum, the lowest one where several do; otherwise
        /// <see cref="Undecided"/>.
        /// </summary>
        public int Winner()
        {
            int best = 0;
            for (int i = 1; i < _counts.Length; i++)
            {
                if (_counts[i] > _counts[best])
                    best = i;
            }
            return _counts[best] >= _quorum ? best : Undecided;
        }

        /// <summary>Votes that an answer has now.</summary>
        public int VotesFor(int answer)
        {
            return answer < 0 ? 0 : _counts[answer];
        }

        /// <summary>Forgets all votes.</summary>
        public void Clear()
        {
            Array.Clear(_counts, 0, _counts.Length);
            _next = 0;
            _filled = 0;
        }
    }
}
