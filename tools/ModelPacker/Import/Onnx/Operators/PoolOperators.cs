using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>
/// Pools over one or two dimensions. Paddings that TensorFlow Lite cannot say stay on the node as fused padding, which a
/// pool leaves out of its maximum and its average.
/// </summary>
internal static class PoolOperators
{
    public static void Max(OnnxNodeContext c) => Pool(c, average: false);

    public static void Average(OnnxNodeContext c) => Pool(c, average: true);

    private static void Pool(OnnxNodeContext c, bool average)
    {
        OnnxValue x = c.OfRank(0, 3, 4);
        var window = Window.Of(c, x.Shape[2..], null);
        if (window.Dilations.Any(d => d != 1)) throw new OnnxRefusal("has dilations, which is not supported.");
        if (c.Int("storage_order", 0) != 0) throw new OnnxRefusal("counts its indices by columns, which is not supported.");
        GraphWriter write = c.Write;
        Tensor image = ToImage(c, x);
        TflitePadding? padding = window.Padding([image.Shape[1], image.Shape[2]]);
        if (average && c.Int("count_include_pad", 0) != 0 && !window.IsValid)
        {
            if (c.Int("ceil_mode", 0) != 0) throw new OnnxRefusal("rounds its size up and counts paddings, which is not supported together.");
            image = ConvOperators.Pad(write, image, window);
            padding = TflitePadding.VALID;
        }

        var options = new Pool2DOptions(padding ?? TflitePadding.VALID, window.Strides[1], window.Strides[0], window.Kernel[1], window.Kernel[0]);
        var y = new Tensor { Name = write.Name, Type = image.Type, Shape = [image.Shape[0], window.Out[0], window.Out[1], image.Shape[3]], Quantisation = image.Quantisation };
        c.Import.Graph.Nodes.Add(new Node
        {
            Operator = average ? BuiltinOperator.AVERAGE_POOL_2D : BuiltinOperator.MAX_POOL_2D, Options = options, Inputs = [image], Outputs = [y], Origin = write.Origin,
            FusedPadding = padding is null ? [window.Before[0], window.Before[1], window.After[0], window.After[1]] : null,
        });
        c.Result(ConvOperators.ToChannelsSecond(write, y, x.Shape.Length));
    }

    private static Tensor ToImage(OnnxNodeContext c, OnnxValue x) => ConvOperators.ToChannelsLast(c.Write, c.Tensor(x));

    /// <summary>Mean or maximum over all positions.</summary>
    public static void Global(OnnxNodeContext c, BuiltinOperator op)
    {
        Tensor x = c.Tensor(c.OfRank(0, 3));
        int[] axes = [.. Shapes.Count(x.Shape.Length).Skip(2)];
        c.Result(c.Write.Like(op, new ReducerOptions(true), [.. x.Shape.Select((s, d) => d < 2 ? s : 1)], x, c.Write.Ints(axes)));
    }
}
