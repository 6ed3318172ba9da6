using TinyAI.Kernels;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Lanes;

/// <summary>A lane kernel with its constants and working memory, for calling it on parts of a layer.</summary>
internal sealed class LaneKernel
{
    private readonly Layer _layer;
    private readonly LayerLanes? _lanes;
    private readonly ScratchLanes _scratch = new();

    public LaneKernel(Layer layer)
    {
        _layer = layer;
        if (layer.Kind == PackFormat.KindDepthwiseConv2DLanes)
        {
            _scratch.Packed = new long[DepthwiseConv2DLanes.PackedLength(layer.Parameters)];
            return;
        }

        var size = new LaneSize();
        size.Add(layer.Kind, layer.Parameters);
        _lanes = size.Allocate();
        if (layer.Kind == PackFormat.KindBatchMatMulLanes) LanePacking.FillDistances(_lanes.Taps, layer.Parameters);
        var header = new int[PackFormat.LayerHeaderWords];
        header[PackFormat.LayerKind] = layer.Kind;
        header[PackFormat.LayerBlockBytes] = layer.BlockBytes;
        if (layer.Weights.Length > 0) LanePacking.Fill(
            _lanes, new ByteArraySource(layer.Weights), int.MaxValue, header, layer.Parameters, 0, layer.Weights.Length / layer.BlockBytes);
        (_scratch.A0, _scratch.A1, _scratch.A2, _scratch.A3) = (new long[size.Groups], new long[size.Groups], new long[size.Groups], new long[size.Groups]);
        _scratch.Sums = new int[size.Sums];
        if (layer.Kind == PackFormat.KindConv2DLanes)
            _scratch.Band = new sbyte[layer.Parameters[Conv2DLanes.BandRow] * layer.Parameters[Conv2DLanes.BandRows]];
    }

    /// <summary>Rows rowFrom..rowTo-1 of a product of two activations.</summary>
    public void RunProduct(sbyte[] x, int xAt, sbyte[] x2, int x2At, sbyte[] y, int yAt, int rowFrom, int rowTo) =>
        BatchMatMulLanes.Run(_layer.Parameters, x, xAt, x2, x2At, y, yAt, _lanes!, _scratch, rowFrom, rowTo);

    /// <summary>Rows rowFrom..rowTo-1 of all channels.</summary>
    public void Run(sbyte[] x, int xAt, sbyte[] y, int yAt, int rowFrom, int rowTo)
    {
        int[] p = _layer.Parameters;
        int channels = _layer.Weights.Length / _layer.BlockBytes;
        if (_layer.Kind == PackFormat.KindConv2DLanes) Conv2DLanes.Run(p, x, xAt, y, yAt, _lanes, _scratch, rowFrom, rowTo);
        else if (_layer.Kind == PackFormat.KindFullyConnectedLanes) FullyConnectedLanes.Run(p, x, xAt, y, yAt, _lanes, _scratch, rowFrom, rowTo);
        else if (_layer.Kind == PackFormat.KindDepthwiseTapsLanes) DepthwiseTapsLanes.Run(p, x, xAt, y, yAt, _lanes!, rowFrom, rowTo);
        else DepthwiseConv2DLanes.Run(p, x, xAt, y, yAt, _layer.Weights, 0, _scratch, 0, channels, rowFrom, rowTo);
    }
}
