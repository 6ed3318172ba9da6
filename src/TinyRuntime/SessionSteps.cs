using TinyAI.Kernels;

namespace TinyAI.TinyRuntime
{
    /// <content>The layers that fetch constants in an order of their own: recurrent ones, and those with large tables.</content>
    public partial class Session
    {
        /// <summary>
        /// Steps rowFrom..rowTo-1 of a recurrent layer, a page of blocks at a time. Each step needs all weights, so where they
        /// do not fit the window together they are read once per step.
        /// </summary>
        private void RunRecurrent(sbyte[] x, int xAt, sbyte[] y, int yAt, sbyte[] s, int sAt, int rowFrom, int rowTo)
        {
            int kind = _layer[PackFormat.LayerKind], blockBytes = _layer[PackFormat.LayerBlockBytes];
            int blocks = _layer[PackFormat.LayerWeightsBytes] / blockBytes;
            int most = PageOf(blockBytes, blocks);
            bool reverse = kind == PackFormat.KindLstm ? _parameters[Lstm.TimeMajor] > 1 : _parameters[Gru.Reverse] != 0;
            int repeats = kind == PackFormat.KindLstm ? 1 : _parameters[Gru.Repeats];
            byte[] w = null;
            int turns = (rowTo - rowFrom) * repeats;
            for (int turn = 0; turn < turns; turn++)
            {
                int row = reverse ? rowTo - 1 - turn / repeats : rowFrom + turn / repeats;
                for (int from = 0; from < blocks; from += most)
                {
                    int page = most > blocks - from ? blocks - from : most;
                    if (page < blocks)
                        w = null;
                    if (w == null)
                        w = _source.Fetch(_layer[PackFormat.LayerWeightsAt] + from * blockBytes, page * blockBytes);
                    if (kind == PackFormat.KindLstm)
                        Lstm.Run(_parameters, x, xAt, y, yAt, s, sAt, w, _source.Start, from, from + page, row);
                    else if (kind == PackFormat.KindGru)
                        Gru.Run(_parameters, x, xAt, y, yAt, s, sAt, w, _source.Start, from, from + page, row);
                    else
                        Liquid.Run(_parameters, x, xAt, y, yAt, s, sAt, w, _source.Start, from, from + page, row);
                }
            }
        }

        /// <summary>Rows rowFrom..rowTo-1 of a gather; slices of constant data come straight from the pack.</summary>
        private void RunGather(sbyte[] x, int xAt, sbyte[] x2, int x2At, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            if (_layer[PackFormat.LayerWeightsBytes] == 0)
            {
                Gather.Run(_parameters, x, xAt, x2, x2At, y, yAt, rowFrom, rowTo);
                return;
            }
            int bytes = _parameters[Gather.SliceBytes];
            for (int row = rowFrom; row < rowTo; row++)
            {
                int slice = Gather.Slice(_parameters, x2, x2At, row);
                CopyConstants(_layer[PackFormat.LayerWeightsAt] + slice * bytes, y, yAt + row * bytes, bytes);
            }
        }

        /// <summary>Rows rowFrom..rowTo-1 of a rotary embedding, each with its row of the table.</summary>
        private void RunRotary(sbyte[] x, int xAt, sbyte[] y, int yAt, sbyte[] s, int sAt, int rowFrom, int rowTo)
        {
            int bytes = _parameters[Rotary.RowLength] * 2;
            for (int row = rowFrom; row < rowTo; row++)
            {
                int position = Rotary.Position(_parameters, s, sAt, row);
                byte[] table = _source.Fetch(_layer[PackFormat.LayerWeightsAt] + position * bytes, bytes);
                Rotary.Run(_parameters, x, xAt, y, yAt, table, _source.Start, row);
                table = null;
            }
        }

        /// <summary>Batch rows rowFrom..rowTo-1 of an SVDF, a page of units at a time.</summary>
        private void RunSvdf(sbyte[] x, int xAt, sbyte[] y, int yAt, sbyte[] s, int sAt, int rowFrom, int rowTo)
        {
            int blockBytes = _layer[PackFormat.LayerBlockBytes];
            int units = _layer[PackFormat.LayerWeightsBytes] / blockBytes;
            int most = PageOf(blockBytes, units);
            for (int from = 0; from < units; from += most)
            {
                int page = most > units - from ? units - from : most;
                byte[] w = _source.Fetch(_layer[PackFormat.LayerWeightsAt] + from * blockBytes, page * blockBytes);
                Svdf.Run(_parameters, x, xAt, y, yAt, s, sAt, w, _source.Start, from, from + page, rowFrom, rowTo);
                w = null;
            }
        }

        /// <summary>Rows rowFrom..rowTo-1 of a 16-bit softmax. Of its tables two entries are fetched at a time.</summary>
        private void RunSoftmaxInt16(sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int size = _parameters[SoftmaxInt16.Size];
            int table = _layer[PackFormat.LayerWeightsAt];
            for (int row = rowFrom; row < rowTo; row++)
            {
                int from = 2 * row * size, to = from + 2 * size, sum = 0;
                int max = SoftmaxInt16.Max(x, xAt + from, size);
                for (int i = from; i < to; i += 2)
                {
                    int argument = SoftmaxInt16.ExpArgument(_parameters, x, xAt + i, max);
                    int power = EntryOf(table, argument);
                    y[yAt + i] = (sbyte)power;
                    y[yAt + i + 1] = (sbyte)(power >> 8);
                    sum += power;
                }
                int reciprocal = EntryOf(table + 2 * SoftmaxInt16.TableCount, SoftmaxInt16.ReciprocalArgument(sum));
                SoftmaxInt16.Divide(y, yAt + from, size, sum, reciprocal);
            }
        }

        private int EntryOf(int table, int argument)
        {
            byte[] w = _source.Fetch(table + SoftmaxInt16.TableOffset(argument), 4);
            return SoftmaxInt16.Interpolate(w, _source.Start, argument);
        }

        /// <summary>Blocks of a layer that the window holds at once, at most all of them.</summary>
        private int PageOf(int blockBytes, int blocks)
        {
            int page = _window / blockBytes;
            if (page == 0)
                throw new PackException("The paging window of " + _window + " bytes is smaller than a weight block of " + blockBytes + ".");
            return page < blocks ? page : blocks;
        }
    }
}
