using System;

namespace TinyAI.TinyRuntime
{
    /// <content>
    /// Layers that run row by row. A stream's memory holds some rows of its tensor, from byte First on; a kernel is given
    /// the address that the tensor's first byte would have, which may lie before the array, and asks only for rows that are
    /// there. The pack says in which order rows are computed and when the front of a stream is dropped.
    /// </content>
    public partial class Session
    {
        private int _fed;

        /// <summary>Bytes of a row of input 0, the unit of <see cref="Feed"/>: all that lies behind its first dimension over 1.</summary>
        public int FeedRowBytes
        {
            get { return _model.Word(TensorAt(0) + PackFormat.TensorSizeAt) / FeedRows; }
        }

        /// <summary>Rows of input 0: its first dimension over 1.</summary>
        public int FeedRows
        {
            get { return RowsOf(_source, TensorAt(0)); }
        }

        /// <summary>
        /// Whether the input never exists as a whole, because the pack was made for least memory: then <see cref="Feed"/>
        /// is the only way in. It works for every other pack with one input too.
        /// </summary>
        public bool IsFed
        {
            get { return _model.InputCount == 1 && _model.Word(TensorAt(0) + PackFormat.TensorHeldAt) != 0; }
        }

        /// <summary>
        /// Takes the next rows of the only input, as a camera or a sensor delivers them: rows * <see cref="FeedRowBytes"/>
        /// bytes from valuesAt. Computes what the rows allow, and returns true when the last one has come and the outputs
        /// are there; the next row then begins a new run. The caller's array may be used again at once.
        /// </summary>
        public bool Feed(sbyte[] values, int valuesAt, int rows)
        {
            int bytes = FeedRowBytes;
            CheckFeed(values.Length, valuesAt, rows, bytes);
            while (rows > 0)
            {
                int count = Accept(rows);
                Array.Copy(values, valuesAt, _blocks[FeedBlock()], FeedOffset(bytes), count * bytes);
                valuesAt += count * bytes;
                rows -= count;
                if (Accepted(count))
                    return true;
            }
            return false;
        }

        /// <summary><see cref="Feed"/> from raw sensor counts, one per element, through the model's normalisation.</summary>
        public bool FeedCounts(Normalisation normalisation, short[] counts, int countsAt, int rows)
        {
            int bytes = FeedRowBytes;
            if (bytes % normalisation.Channels != 0)
                throw new PackException("A row of the input has " + bytes + " values, which is no multiple of the " + normalisation.Channels + " channels.");
            CheckFeed(counts.Length, countsAt, rows, bytes);
            while (rows > 0)
            {
                int count = Accept(rows);
                normalisation.Apply(counts, countsAt, _blocks[FeedBlock()], FeedOffset(bytes), count * bytes);
                countsAt += count * bytes;
                rows -= count;
                if (Accepted(count))
                    return true;
            }
            return false;
        }

        /// <summary>The first dimension over 1 of the tensor described at byte at.</summary>
        internal static int RowsOf(IPackSource source, int at)
        {
            int rank = Model.ReadWord(source, at + PackFormat.TensorRankAt);
            for (int i = 0; i < rank; i++)
            {
                int size = Model.ReadWord(source, at + PackFormat.TensorDimensionsAt + 4 * i);
                if (size > 1)
                    return size;
            }
            return 1;
        }

        private void RequireWholeInput(int index)
        {
            if (index == 0 && IsFed)
                throw new PackException("The input is fed by rows, memory never holds all of it: call Feed with rows of " + FeedRowBytes + " bytes, or pack with --prefer balanced.");
        }

        private void CheckFeed(int length, int from, int rows, int bytes)
        {
            if (_model.InputCount != 1)
                throw new PackException("The model has " + _model.InputCount + " inputs; only one can be fed by rows: write them and call Run.");
            if (rows < 0 || rows > FeedRows - _fed)
                throw new PackException("The input has " + FeedRows + " rows, of which " + _fed + " are there; " + rows + " more do not fit.");
            if (from < 0 || from > length - rows * bytes)
                throw new PackException(rows + " rows have " + rows * bytes + " values; the array has " + length + " and is used from " + from + ".");
        }

        /// <summary>How many of so many rows the input's memory takes now. The first row begins a run.</summary>
        private int Accept(int rows)
        {
            if (!IsFed)
                return rows;
            if (_fed == 0)
            {
                _streams.Begin();
                Advance();
            }
            return rows < _streams.Awaited ? rows : _streams.Awaited;
        }

        /// <summary>Goes on as far as the rows allow and returns whether the run is complete.</summary>
        private bool Accepted(int rows)
        {
            _fed += rows;
            bool done;
            if (IsFed)
            {
                _streams.Awaited -= rows;
                done = _streams.Awaited == 0 && Advance();
            }
            else
            {
                done = _fed == FeedRows;
                if (done)
                    Run();
            }
            if (done)
                _fed = 0;
            return done;
        }

        private int FeedBlock()
        {
            return _model.Word(TensorAt(0) + PackFormat.TensorBlockAt);
        }

        /// <summary>Where the next row goes.</summary>
        private int FeedOffset(int rowBytes)
        {
            int at = OffsetAt(TensorAt(0)) + _fed * rowBytes;
            if (IsFed)
                at -= _streams.First[_model.Word(_streams.At + 4 * (PackFormat.LayerHeaderWords + PackFormat.GroupFed))];
            return at;
        }

        /// <summary>Runs layers and groups until all are done, or until rows of input are missing: then false.</summary>
        private bool Advance()
        {
            int count = LayerCount;
            while (_streams.Layer < count)
            {
                int at = _streams.At;
                if (_model.Word(at) != PackFormat.KindRowGroup)
                {
                    _streams.At = RunLayer(at);
                    _streams.Layer++;
                }
                else if (!RunGroup(at))
                    return false;
            }
            return true;
        }

        /// <summary>Runs the group at byte at from beginning to end and returns where the record behind it begins.</summary>
        private int RunWholeGroup(int at)
        {
            RequireWholeInput(0);
            _streams.BeginGroup();
            _streams.At = at;
            RunGroup(at);
            return _streams.At;
        }

        /// <summary>Follows the steps of the group at byte at, from the one at which it stands.</summary>
        private bool RunGroup(int at)
        {
            int p = at + 4 * PackFormat.LayerHeaderWords;
            int streams = _model.Word(at + 4 * PackFormat.LayerWeightsAt);
            int members = streams + _model.Word(p + 4 * PackFormat.GroupStreams) * 4 * PackFormat.StreamWords;
            int count = _model.Word(p + 4 * PackFormat.GroupMembers), steps = members + count * 4 * PackFormat.MemberWords;
            int end = _model.Word(p + 4 * PackFormat.GroupSteps);
            while (_streams.Step < end)
            {
                byte[] data = _source.Fetch(steps + _streams.Step * PackFormat.StepBytes, PackFormat.StepBytes);
                int what = data[_source.Start], times = data[_source.Start + 1];
                data = null;
                _streams.Step++;
                if (what == PackFormat.StepFeed)
                {
                    _streams.Awaited = times;
                    return false;
                }
                if (what >= PackFormat.StepSlide)
                {
                    what -= PackFormat.StepSlide;
                    Slide(streams + what * 4 * PackFormat.StreamWords, what, times);
                }
                else
                    RunRows(at, members + what * 4 * PackFormat.MemberWords, what, times);
            }

            _streams.Layer += count + 1;
            for (int i = 0; i <= count; i++)
                at += PackCheck.RecordBytes(_model.Word(at + 4 * PackFormat.LayerParameterWords));
            _streams.At = at;
            _streams.BeginGroup();
            return true;
        }

        /// <summary>Computes the next rows of the member whose entry is at byte entry.</summary>
        private void RunRows(int group, int entry, int member, int times)
        {
            int[] e = _streams.Entry;
            LoadWords(_source, entry, e, PackFormat.MemberRunWords);
            LoadLayer(group + e[PackFormat.MemberRecord]);
            MoveOperands(e, 1);
            int from = _streams.Done[member], to = from + times * e[PackFormat.MemberUnit];
            _streams.Done[member] = to;
            Compute(from, to);
            if (KeepsRecords)
                MoveOperands(e, -1);
        }

        /// <summary>
        /// Moves the operands that lie in streams to where their first byte would be, or back: a record that is kept serves
        /// again.
        /// </summary>
        private void MoveOperands(int[] e, int sign)
        {
            for (int k = 0; k < 4; k++)
            {
                int stream = e[PackFormat.MemberStream + k];
                if (stream >= 0)
                    _layer[PackFormat.LayerInput + 3 * k + 1] += sign * (e[PackFormat.MemberPlace + k] - _streams.First[stream]);
            }
        }

        /// <summary>Drops the front of a stream and moves the rest to the beginning of its memory.</summary>
        private void Slide(int entry, int stream, int times)
        {
            int[] e = _streams.Entry;
            LoadWords(_source, entry, e, PackFormat.StreamWords);
            int drop = times * e[PackFormat.StreamUnit], held = e[PackFormat.StreamHeld], at = e[PackFormat.StreamOffset];
            _streams.First[stream] += drop;
            sbyte[] block = _blocks[e[PackFormat.StreamBlock]];
            if (drop < held)
                Array.Copy(block, at + drop, block, at, held - drop);
        }
    }
}
