using TinyAI.Kernels;

namespace TinyAI.TinyRuntime
{
    /// <summary>
    /// The lane form of a session's layers. The pack holds their weights as plain int8; here they become 64-bit
    /// elements, once when the session is created where the packer gave the layer a slot of its own, else at every run
    /// into arrays that all such layers share. Nothing is allocated while running.
    /// </summary>
    internal class LaneWeights
    {
        private readonly IPackSource _source;
        private readonly int _window;
        private readonly LayerLanes[] _slots;
        private readonly LayerLanes _shared;
        private readonly ScratchLanes _scratch = new ScratchLanes();
        private readonly LayerRecords _records;

        /// <summary>Whether layers of this kind need a LaneWeights.</summary>
        internal static bool IsLanes(int kind)
        {
            return kind >= PackFormat.KindConv2DLanes && kind <= PackFormat.KindBatchMatMulLanes;
        }

        /// <summary>The lane layers of a model, or null where it has none. layer and p are working memory.</summary>
        internal static LaneWeights Create(Model model, int[] layer, int[] p, int window)
        {
            int at = model.Word(PackFormat.LayersAt);
            for (int i = model.Word(PackFormat.LayerCountAt); i > 0; i--)
            {
                if (IsLanes(model.Word(at)))
                    return new LaneWeights(model, layer, p, window);
                at += PackCheck.RecordBytes(model.Word(at + 4 * PackFormat.LayerParameterWords));
            }
            return null;
        }

        private LaneWeights(Model model, int[] layer, int[] p, int window)
        {
            _source = model.Source;
            _window = window;
            int count = model.Word(PackFormat.LayerCountAt);
            int slots = 0, groups = 0, positions = 1, sums = 0, band = 0, packed = 0;
            LaneSize shared = new LaneSize();

            // First the sizes of what is shared, then the layers that have their own.
            int at = model.Word(PackFormat.LayersAt);
            for (int i = 0; i < count; i++)
            {
                at = Load(at, layer, p);
                int kind = layer[PackFormat.LayerKind];
                if (!IsLanes(kind))
                    continue;
                if (kind == PackFormat.KindDepthwiseConv2DLanes)
                {
                    packed = Larger(packed, DepthwiseConv2DLanes.PackedLength(p));
                    continue;
                }
                LaneSize size = new LaneSize();
                size.Add(kind, p);
                groups = Larger(groups, size.Groups);
                sums = Larger(sums, size.Sums);
                if (LaneSize.IsConvolution(kind))
                {
                    positions = 4;
                    band = Larger(band, p[Conv2DLanes.BandRow] * p[Conv2DLanes.BandRows]);
                }
                if (layer[PackFormat.LayerSlot] > 0)
                    slots++;
                else
                    shared.Add(kind, p);
            }
            _scratch.A0 = new long[groups];
            if (positions > 1)
            {
                _scratch.A1 = new long[groups];
                _scratch.A2 = new long[groups];
                _scratch.A3 = new long[groups];
            }
            if (sums > 0)
                _scratch.Sums = new int[sums];
            if (band > 0)
                _scratch.Band = new sbyte[band];
            if (packed > 0)
                _scratch.Packed = new long[packed];
            if (shared.Channels > 0)
                _shared = shared.Allocate();
            _slots = new LayerLanes[slots];

            at = model.Word(PackFormat.LayersAt);
            for (int i = 0; i < count; i++)
            {
                at = Load(at, layer, p);
                int slot = layer[PackFormat.LayerSlot];
                int kind = layer[PackFormat.LayerKind];
                if (!IsLanes(kind) || kind == PackFormat.KindDepthwiseConv2DLanes || slot < 1)
                    continue;
                if (slot > slots || _slots[slot - 1] != null)
                    throw new PackException("Layer " + i + " has lane slot " + slot + " of " + slots + ", which is not there or taken.");
                LaneSize size = new LaneSize();
                size.Add(kind, p);
                _slots[slot - 1] = size.Allocate();
                LanePacking.Fill(_slots[slot - 1], _source, _window, layer, p, 0, LaneSize.PageOf(kind, p));
            }
            _records = LayerRecords.Create(model);
        }

        /// <summary>The layer records as arrays, or null where they are read from the pack each time.</summary>
        internal LayerRecords Records
        {
            get { return _records; }
        }

        /// <summary>Working memory for depthwise layers, which keep their weights in the pack.</summary>
        internal ScratchLanes Scratch
        {
            get { return _scratch; }
        }

        /// <summary>Runs rows rowFrom..rowTo-1 of a convolution or fully connected layer.</summary>
        internal void Run(int[] layer, int[] p, sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            int slot = layer[PackFormat.LayerSlot], kind = layer[PackFormat.LayerKind];
            int channels = layer[PackFormat.LayerWeightsBytes] / layer[PackFormat.LayerBlockBytes], page = LaneSize.PageOf(kind, p);
            LayerLanes lanes = slot > 0 ? _slots[slot - 1] : _shared;
            for (int from = 0; from < channels; from += page)
            {
                if (page > channels - from)
                    page = channels - from;
                if (slot == 0)
                    LanePacking.Fill(lanes, _source, _window, layer, p, from, page);
                if (kind == PackFormat.KindConv2DLanes)
                    Conv2DLanes.Run(p, x, xAt, y, yAt, lanes, _scratch, rowFrom, rowTo);
                else if (kind == PackFormat.KindDepthwiseTapsLanes)
                    DepthwiseTapsLanes.Run(p, x, xAt, y, yAt, lanes, rowFrom, rowTo);
                else
                    FullyConnectedLanes.Run(p, x, xAt, y, yAt, lanes, _scratch, rowFrom, rowTo);
            }
        }

        /// <summary>Runs rows rowFrom..rowTo-1 of a product of two activations, whose lanes are made at every run.</summary>
        internal void RunProduct(int[] p, sbyte[] x, int xAt, sbyte[] x2, int x2At, sbyte[] y, int yAt, int rowFrom, int rowTo)
        {
            LanePacking.FillDistances(_shared.Taps, p);
            BatchMatMulLanes.Run(p, x, xAt, x2, x2At, y, yAt, _shared, _scratch, rowFrom, rowTo);
        }

        private int Load(int at, int[] layer, int[] p)
        {
            Session.LoadWords(_source, at, layer, PackFormat.LayerHeaderWords);
            int words = layer[PackFormat.LayerParameterWords];
            Session.LoadWords(_source, at + 4 * PackFormat.LayerHeaderWords, p, words);
            return at + PackCheck.RecordBytes(words);
        }

        private static int Larger(int a, int b)
        {
            return a > b ? a : b;
        }
    }
}
