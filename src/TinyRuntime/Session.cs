using TinyAI.Kernels;

namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// One running instance of a model: its activation memory and the loop that follows the plan in the pack. Create
    /// it with <see cref="Model.CreateSession()"/>, then write the inputs, run, read the outputs, and again. Inputs
    /// share memory with later activations, so every input must be written before every run. States of streaming
    /// models last from run to run until <see cref="Reset"/>.
    /// <para>
    /// Run takes no memory of its own. A source that is not in place is read in pieces of at most the pack's window.
    /// </para>
    /// </summary>
    public partial class Session
    {
        private readonly Model _model;
        private readonly IPackSource _source;
        private readonly sbyte[][] _blocks;
        private int[] _layer;
        private int[] _parameters;
        private readonly int _window;
        private readonly LaneWeights _lanes;
        private readonly RowStreams _streams;

        internal Session(Model model, sbyte[][] blocks)
        {
            _model = model;
            _source = model.Source;
            _blocks = blocks;
            _layer = new int[PackFormat.LayerHeaderWords];
            _parameters = new int[model.Word(PackFormat.ParameterWordsAt)];
            _window = _source.InPlace ? int.MaxValue : model.Word(PackFormat.WindowBytesAt);
            _lanes = LaneWeights.Create(model, _layer, _parameters, _window);
            _streams = RowStreams.Create(model);
            if (KeepsRecords)
            {
                _layer = _lanes.Records.Headers[0];
                _parameters = _lanes.Records.Parameters[0];
            }
            Reset();
        }

        /// <summary>The model that this session runs.</summary>
        public Model Model
        {
            get { return _model; }
        }

        /// <summary>Number of layers that <see cref="Run"/> goes through.</summary>
        public int LayerCount
        {
            get { return _model.Word(PackFormat.LayerCountAt); }
        }

        /// <summary>
        /// Gives all state tensors their initial values, as if the session were new, and forgets rows that have been fed.
        /// </summary>
        public void Reset()
        {
            _fed = 0;
            int first = _model.InputCount + _model.OutputCount;
            int count = _model.Word(PackFormat.StateCountAt);
            for (int i = first; i < first + count; i++)
            {
                int at = TensorAt(i);
                sbyte[] block = BlockAt(at);
                int offset = OffsetAt(at), size = _model.Word(at + PackFormat.TensorSizeAt);
                int initial = _model.Word(at + PackFormat.TensorInitialAt);
                if (initial != 0)
                {
                    CopyConstants(initial, block, offset, size);
                    continue;
                }
                int zero = _model.Word(at + PackFormat.TensorZeroPointAt);
                int step = _model.Word(at + PackFormat.TensorTypeAt) == PackFormat.TypeInt16 ? 2 : 1;
                for (int b = 0; b < size; b++)
                    block[offset + b] = (sbyte)(zero >> (b % step * 8));
            }
        }

        /// <summary>The activation memory, for callers that fill inputs in place (see <see cref="TensorInfo"/>).</summary>
        public sbyte[] Block(int index)
        {
            return _blocks[index];
        }

        /// <summary>Runs all layers once.</summary>
        public void Run()
        {
            if (_streams != null)
            {
                RequireWholeInput(0);
                _streams.Begin();
                Advance();
                return;
            }
            int at = _model.Word(PackFormat.LayersAt);
            int count = LayerCount;
            for (int i = 0; i < count; i++)
                at = RunLayer(at);
        }

        /// <summary>
        /// Runs the layer whose record begins at byte at of the pack and returns where the next begins: for checks and
        /// measurements between layers. The first record is at the word <see cref="PackFormat.LayersAt"/>.
        /// </summary>
        public int RunLayer(int at)
        {
            if (_streams != null && _model.Word(at) == PackFormat.KindRowGroup)
                return RunWholeGroup(at);
            LoadLayer(at);
            Compute(0, _layer[PackFormat.LayerRows]);
            return at + PackCheck.RecordBytes(_layer[PackFormat.LayerParameterWords]);
        }

        private bool KeepsRecords
        {
            get { return _lanes != null && _lanes.Records != null; }
        }

        private void LoadLayer(int at)
        {
            if (KeepsRecords)
            {
                LayerRecords records = _lanes.Records;
                int record = records.Find(at);
                _layer = records.Headers[record];
                _parameters = records.Parameters[record];
                return;
            }
            LoadWords(_source, at, _layer, PackFormat.LayerHeaderWords);
            LoadWords(_source, at + 4 * PackFormat.LayerHeaderWords, _parameters, _layer[PackFormat.LayerParameterWords]);
        }

        /// <summary>Rows from..to-1 of the layer that has been loaded.</summary>
        private void Compute(int from, int to)
        {
            int[] layer = _layer, p = _parameters;
            sbyte[] x = BlockOf(PackFormat.LayerInput), x2 = BlockOf(PackFormat.LayerInput2);
            sbyte[] y = BlockOf(PackFormat.LayerOutput), s = BlockOf(PackFormat.LayerScratch);
            int xAt = layer[PackFormat.LayerInput + 1], x2At = layer[PackFormat.LayerInput2 + 1];
            int yAt = layer[PackFormat.LayerOutput + 1], sAt = layer[PackFormat.LayerScratch + 1];

            switch (layer[PackFormat.LayerKind])
            {
                case PackFormat.KindConv2D:
                case PackFormat.KindDepthwiseConv2D:
                case PackFormat.KindFullyConnected:
                case PackFormat.KindTransposeConv2D:
                case PackFormat.KindConv2DInt16:
                case PackFormat.KindDepthwiseConv2DLanes:
                    RunPaged(x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindMaxPool2D:
                    MaxPool2D.Run(p, x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindAveragePool2D:
                    AveragePool2D.Run(p, x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindAdd:
                    Add.Run(p, x, xAt, x2, x2At, y, yAt, from, to);
                    break;
                case PackFormat.KindMul:
                    Mul.Run(p, x, xAt, x2, x2At, y, yAt, from, to);
                    break;
                case PackFormat.KindSquaredDifference:
                    SquaredDifference.Run(p, x, xAt, x2, x2At, y, yAt, from, to);
                    break;
                case PackFormat.KindMinMax:
                    MinMax.Run(p, x, xAt, x2, x2At, y, yAt, from, to);
                    break;
                case PackFormat.KindPRelu:
                    PRelu.Run(p, x, xAt, x2, x2At, y, yAt, from, to);
                    break;
                case PackFormat.KindMean:
                    Mean.Run(p, x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindMeanRows:
                    MeanRows.Run(p, x, xAt, y, yAt, s, sAt, from, to);
                    break;
                case PackFormat.KindSoftmax:
                    if (layer[PackFormat.LayerWeightsBytes] == 0)
                        Softmax.Run(p, x, xAt, y, yAt, from, to);
                    else
                        Softmax.RunTable(p, x, xAt, y, yAt, Table(), _source.Start, from, to);
                    break;
                case PackFormat.KindLookup:
                    Lookup.Run(p, x, xAt, y, yAt, Table(), _source.Start, from, to);
                    break;
                case PackFormat.KindConvert:
                    Convert.Run(p, x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindStridedCopy:
                    StridedCopy.Copy(p, x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindFill:
                    Fill.Run(p, y, yAt, from, to);
                    break;
                case PackFormat.KindResizeNearest:
                    ResizeNearest.Run(p, x, xAt, y, yAt, Table(), _source.Start, from, to);
                    break;
                case PackFormat.KindResizeBilinear:
                    ResizeBilinear.Run(p, x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindLstm:
                case PackFormat.KindGru:
                case PackFormat.KindLiquid:
                    RunRecurrent(x, xAt, y, yAt, s, sAt, from, to);
                    break;
                case PackFormat.KindSvdf:
                    RunSvdf(x, xAt, y, yAt, s, sAt, from, to);
                    break;
                case PackFormat.KindBatchMatMul:
                    BatchMatMul.Run(p, x, xAt, x2, x2At, y, yAt, from, to);
                    break;
                case PackFormat.KindL2Normalise:
                    L2Normalise.Run(p, x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindDiv:
                    Div.Run(p, x, xAt, x2, x2At, y, yAt, from, to);
                    break;
                case PackFormat.KindPool2DInt16:
                    Pool2DInt16.Run(p, x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindSoftmaxInt16:
                    RunSoftmaxInt16(x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindGroupNorm:
                    GroupNorm.Run(p, x, xAt, y, yAt, Table(), _source.Start, from, to);
                    break;
                case PackFormat.KindCausalSoftmax:
                    CausalSoftmax.Run(p, x, xAt, x2, x2At, y, yAt, s, sAt, Table(), _source.Start, from, to);
                    break;
                case PackFormat.KindGather:
                    RunGather(x, xAt, x2, x2At, y, yAt, from, to);
                    break;
                case PackFormat.KindArgMinMax:
                    ArgMinMax.Run(p, x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindRotary:
                    RunRotary(x, xAt, y, yAt, s, sAt, from, to);
                    break;
                case PackFormat.KindCache:
                    Cache.Run(p, x, xAt, x2, x2At, y, yAt, from, to);
                    break;
                case PackFormat.KindConv2DLanes:
                case PackFormat.KindFullyConnectedLanes:
                case PackFormat.KindDepthwiseTapsLanes:
                    _lanes.Run(layer, p, x, xAt, y, yAt, from, to);
                    break;
                case PackFormat.KindBatchMatMulLanes:
                    _lanes.RunProduct(p, x, xAt, x2, x2At, y, yAt, from, to);
                    break;
                case PackFormat.KindConstant:
                    CopyConstants(layer[PackFormat.LayerWeightsAt], y, yAt, layer[PackFormat.LayerOutput + 2]);
                    break;
                default:
                    throw new PackException("Layer kind " + layer[PackFormat.LayerKind] + " is unknown to this runtime: update it, or pack with an older packer.");
            }
        }

        /// <summary>Rows rowFrom..rowTo-1 of a layer with one weight block per output channel, a page of channels at a time.</summary>
        private void RunPaged(sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int kind = _layer[PackFormat.LayerKind];
            int blockBytes = _layer[PackFormat.LayerBlockBytes];
            int channels = _layer[PackFormat.LayerWeightsBytes] / blockBytes;
            int page = _window / blockBytes;
            if (page == 0)
            {
                RunInPieces(x, xAt, y, yAt, channels, rowFrom, rowTo);
                return;
            }
            for (int from = 0; from < channels; from += page)
            {
                if (page > channels - from)
                    page = channels - from;
                int to = from + page;
                byte[] w = _source.Fetch(_layer[PackFormat.LayerWeightsAt] + from * blockBytes, page * blockBytes);
                int wAt = _source.Start;
                switch (kind)
                {
                    case PackFormat.KindConv2D:
                        Conv2D.Run(_parameters, x, xAt, y, yAt, w, wAt, from, to, rowFrom, rowTo);
                        break;
                    case PackFormat.KindDepthwiseConv2D:
                        DepthwiseConv2D.Run(_parameters, x, xAt, y, yAt, w, wAt, from, to, rowFrom, rowTo);
                        break;
                    case PackFormat.KindDepthwiseConv2DLanes:
                        DepthwiseConv2DLanes.Run(_parameters, x, xAt, y, yAt, w, wAt, _lanes.Scratch, from, to, rowFrom, rowTo);
                        break;
                    case PackFormat.KindTransposeConv2D:
                        TransposeConv2D.Run(_parameters, x, xAt, y, yAt, w, wAt, from, to, rowFrom, rowTo);
                        break;
                    case PackFormat.KindConv2DInt16:
                        Conv2DInt16.Run(_parameters, x, xAt, y, yAt, w, wAt, from, to, rowFrom, rowTo);
                        break;
                    default:
                        FullyConnected.Run(_parameters, x, xAt, y, yAt, w, wAt, from, to, rowFrom, rowTo);
                        break;
                }
                // Lets a source that copies free this page before it makes the next; likewise below.
                w = null;
            }
        }

        /// <summary>A fully connected layer whose weight rows are longer than the window: each row is read in pieces.</summary>
        private void RunInPieces(sbyte[] x, int xAt, sbyte[] y, int yAt, int outputs, int rowFrom, int rowTo)
        {
            int inSize = _parameters[FullyConnected.InSize], outSize = _parameters[FullyConnected.OutSize];
            int blockBytes = _layer[PackFormat.LayerBlockBytes];
            if (_layer[PackFormat.LayerKind] != PackFormat.KindFullyConnected)
                throw new PackException("The paging window of " + _window + " bytes is smaller than a weight block of " + blockBytes + ".");
            for (int output = 0; output < outputs; output++)
            {
                int block = _layer[PackFormat.LayerWeightsAt] + output * blockBytes;
                int bias = _model.Word(block), multiplier = _model.Word(block + 8), shift = _model.Word(block + 12);
                for (int row = rowFrom; row < rowTo; row++)
                {
                    int acc = bias;
                    for (int i = 0; i < inSize; i += _window)
                    {
                        int count = inSize - i < _window ? inSize - i : _window;
                        byte[] w = _source.Fetch(block + Conv2D.BlockHeader + i, count);
                        acc = FullyConnected.Accumulate(acc, x, xAt + row * inSize + i, w, _source.Start, count);
                        w = null;
                    }
                    FullyConnected.Store(_parameters, acc, multiplier, shift, y, yAt + row * outSize + output);
                }
            }
        }

        /// <summary>The layer's constants in one piece, from the source's Start on, or null where it has none.</summary>
        private byte[] Table()
        {
            if (_layer[PackFormat.LayerWeightsBytes] == 0)
                return null;
            return _source.Fetch(_layer[PackFormat.LayerWeightsAt], _layer[PackFormat.LayerWeightsBytes]);
        }

        private void CopyConstants(int from, sbyte[] to, int toAt, int count)
        {
            for (int done = 0; done < count; done += _window)
            {
                int piece = count - done < _window ? count - done : _window;
                byte[] data = _source.Fetch(from + done, piece);
                int end = _source.Start + piece, o = toAt + done;
                for (int at = _source.Start; at < end; at++)
                    to[o++] = (sbyte)data[at];
                data = null;
                if (_window > count - done)
                    return;
            }
        }

        internal static void LoadWords(IPackSource source, int from, int[] words, int count)
        {
            byte[] data = source.Fetch(from, 4 * count);
            int at = source.Start;
            for (int i = 0; i < count; i++)
            {
                words[i] = data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24);
                at += 4;
            }
        }

        private sbyte[] BlockOf(int reference)
        {
            int block = _layer[reference];
            return block < 0 ? null : _blocks[block];
        }
    }
}
