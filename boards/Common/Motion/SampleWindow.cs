using System;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards
{
    /// <summary>
    /// The last rows of a sensor, in a ring that is made once. A row is one value per channel; a window is as many rows
    /// as the model takes.
    /// </summary>
    public class SampleWindow
    {
        private readonly short[] _counts;
        private readonly int _channels;
        private int _next;
        private int _filled;

        /// <summary>A ring of rows times channels values.</summary>
        public SampleWindow(int rows, int channels)
        {
            if (rows < 1 || channels < 1)
                throw new ArgumentException("A window needs at least one row and one channel.");
            _counts = new short[rows * channels];
            _channels = channels;
        }

        /// <summary>Rows of a window.</summary>
        public int Rows
        {
            get { return _counts.Length / _channels; }
        }

        /// <summary>Values of a row.</summary>
        public int Channels
        {
            get { return _channels; }
        }

        /// <summary>Whether as many rows have come as a window has.</summary>
        public bool IsFull
        {
            get { return _filled == _counts.Length; }
        }

        /// <summary>Takes one row of raw counts, from rowAt of row; the oldest row is dropped.</summary>
        public void Add(short[] row, int rowAt)
        {
            short[] counts = _counts;
            int at = _next, end = at + _channels;
            while (at < end)
                counts[at++] = row[rowAt++];
            _next = at == counts.Length ? 0 : at;
            if (_filled < counts.Length)
                _filled += _channels;
        }

        /// <summary>Forgets all rows: after a gap, old rows and new ones do not make one motion.</summary>
        public void Clear()
        {
            _next = 0;
            _filled = 0;
        }

        /// <summary>Copies the window, oldest row first, to counts from countsAt. The window must be full.</summary>
        public void CopyTo(short[] counts, int countsAt)
        {
            int older = _counts.Length - _next;
            Array.Copy(_counts, _next, counts, countsAt, older);
            Array.Copy(_counts, 0, counts, countsAt + older, _next);
        }

        /// <summary>
        /// Writes the window, oldest row first, as the model's int8 values, without a copy of the counts in between. The
        /// window must be full.
        /// </summary>
        public void Normalise(Normalisation normalisation, sbyte[] values, int valuesAt)
        {
            int older = _counts.Length - _next;
            normalisation.Apply(_counts, _next, values, valuesAt, older);
            normalisation.Apply(_counts, 0, values, valuesAt + older, _next);
        }
    }
}
