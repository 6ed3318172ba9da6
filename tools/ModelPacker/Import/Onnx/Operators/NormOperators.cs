using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Normalisations.</summary>
internal static class NormOperators
{
    /// <summary>X, scale, bias, mean, variance: a product and a sum per channel, which the passes fold into the layer before.</summary>
    public static void Batch(OnnxNodeContext c)
    {
        if (c.Int("training_mode", 0) != 0) throw new OnnxRefusal("is in training mode: export the model for inference.");
        Tensor x = c.Tensor(c.OfRank(0, 2));
        double[] scale = c.Known(1, "its scale").Values, bias = c.Known(2, "its bias").Values, mean = c.Known(3, "its mean").Values, variance = c.Known(4, "its variance").Values;
        int channels = x.Shape[1];
        if (scale.Length != channels || bias.Length != channels || mean.Length != channels || variance.Length != channels) throw new OnnxRefusal($"has parameters that do not fit {channels} channels.");
        double epsilon = c.Float("epsilon", 1e-5f);
        if (variance.Any(v => v + epsilon <= 0)) throw new OnnxRefusal("has a variance that is not positive, so its results would mean nothing.");
        double[] factor = [.. scale.Select((s, i) => s / Math.Sqrt(variance[i] + epsilon))];
        int[] shape = [.. x.Shape.Select((_, d) => d == 1 ? channels : 1).Skip(x.Shape.Length == 2 ? 1 : 0)];
        Tensor product = c.Write.Binary(BuiltinOperator.MUL, x, c.Write.Reals(shape, factor));
        c.Result(c.Write.Binary(BuiltinOperator.ADD, product, c.Write.Reals(shape, bias.Select((b, i) => b - mean[i] * factor[i]))));
    }

    public static void Layer(OnnxNodeContext c)
    {
        Tensor x = c.Tensor(0);
        c.Result(Over(c, x, Shapes.Axis(c.Int("axis", -1), x.Shape.Length), new LayerNormOptions(c.Float("epsilon", 1e-5f)), c.Optional(1), c.Optional(2)));
    }

    public static void Rms(OnnxNodeContext c)
    {
        Tensor x = c.Tensor(0);
        c.Result(Over(c, x, Shapes.Axis(c.Int("axis", -1), x.Shape.Length), new RmsNormOptions(c.Float("epsilon", 1e-5f)), c.Optional(1), null));
    }

    /// <summary>com.microsoft: LayerNorm (or RMSNorm) of a sum; the sum itself is the fourth output.</summary>
    public static void Skip(OnnxNodeContext c, bool simple)
    {
        Tensor sum = c.Write.Binary(BuiltinOperator.ADD, c.Tensor(0), c.Tensor(1));
        OnnxValue? bias = c.Optional(simple ? 3 : 4);
        if (bias is not null) sum = c.Write.Binary(BuiltinOperator.ADD, sum, c.Tensor(bias));
        float epsilon = c.Float("epsilon", 1e-12f);
        BlockOptions options = simple ? new RmsNormOptions(epsilon) : new LayerNormOptions(epsilon);
        c.Result(Over(c, sum, sum.Shape.Length - 1, options, c.Optional(2), simple ? null : c.Optional(3)));
        if (c.Wants(3)) c.Result(sum, 3);
    }

    /// <summary>The dimensions from an axis on are normalised as one.</summary>
    private static Tensor Over(OnnxNodeContext c, Tensor x, int axis, BlockOptions options, OnnxValue? scale, OnnxValue? bias)
    {
        int length = OnnxConstant.CountOf(x.Shape.Skip(axis));
        Tensor? Row(OnnxValue? value)
        {
            if (value is null) return null;
            OnnxConstant known = value.Constant ?? throw new OnnxRefusal($"has a computed scale or bias {value.Name}, which is not supported.");
            if (known.Values.Length == 1) return c.Write.Reals([length], Enumerable.Repeat(known.Values[0], length));
            return known.Values.Length == length ? c.Write.Constant(known.Reshape(length) with { Type = OnnxType.Float }) : throw new OnnxRefusal($"has a scale or bias of {known.Values.Length} values for {length}.");
        }

        Tensor rows = c.Write.Reshape(x, [.. x.Shape[..axis], length]);
        Tensor?[] inputs = options is LayerNormOptions ? [rows, Row(scale), Row(bias)] : [rows, Row(scale)];
        return c.Write.Reshape(c.Write.Block(options, rows.Shape, inputs), x.Shape);
    }

    /// <summary>InstanceNormalization: a group for each channel.</summary>
    public static void Instance(OnnxNodeContext c) => Groups(c, c.OfRank(0, 3, 4).Shape[1], c.Known(1, "its scale"), c.Known(2, "its bias"));

    /// <summary>GroupNormalization: scale and bias per channel, or in its first version per group.</summary>
    public static void Group(OnnxNodeContext c)
    {
        int channels = c.OfRank(0, 3, 4).Shape[1], groups = (int)c.Int("num_groups", 1);
        if (groups < 1 || channels % groups != 0) throw new OnnxRefusal($"divides {channels} channels into {groups} groups.");
        OnnxConstant PerChannel(OnnxConstant k) => k.Values.Length == channels ? k
            : new OnnxConstant(OnnxType.Float, [channels], [.. k.Values.SelectMany(v => Enumerable.Repeat(v, channels / groups))]);
        Groups(c, groups, PerChannel(c.Known(1, "its scale")), PerChannel(c.Known(2, "its bias")));
    }

    private static void Groups(OnnxNodeContext c, int groups, OnnxConstant scale, OnnxConstant bias)
    {
        OnnxValue x = c.In(0);
        int channels = x.Shape[1];
        if (scale.Values.Length != channels || bias.Values.Length != channels) throw new OnnxRefusal($"has a scale or bias that does not fit {channels} channels.");
        Tensor image = ConvOperators.ToChannelsLast(c.Write, c.Tensor(0));
        Tensor y = c.Write.Block(new GroupNormOptions(groups, c.Float("epsilon", 1e-5f)), image.Shape, image, c.Write.Constant(scale.Reshape(channels)), c.Write.Constant(bias.Reshape(channels)));
        c.Result(ConvOperators.ToChannelsSecond(c.Write, y, x.Shape.Length));
    }

    /// <summary>MeanVarianceNormalization over positions: mean 0 and variance 1 for each channel of each image.</summary>
    public static void MeanVariance(OnnxNodeContext c)
    {
        OnnxValue x = c.OfRank(0, 3, 4);
        int rank = x.Shape.Length;
        int[] axes = [.. (c.Ints("axes") ?? [0, 2, 3]).Select(a => Shapes.Axis(a, rank)).Order()];
        bool positions = axes.Where(a => a != 0 || x.Shape[0] > 1).SequenceEqual(Shapes.Count(rank)[2..]);
        if (!positions) throw new OnnxRefusal($"normalises over the dimensions {string.Join(", ", axes)}: those of positions, of one image at a time, are supported.");
        OnnxConstant All(double value) => new(OnnxType.Float, [x.Shape[1]], [.. Enumerable.Repeat(value, x.Shape[1])]);
        Groups(c, x.Shape[1], All(1), All(0));
    }

    /// <summary>com.microsoft: token, position and segment embeddings added and normalised; the masks' sums are not given.</summary>
    public static void EmbedLayer(OnnxNodeContext c)
    {
        OnnxValue ids = c.OfRank(0, 2, 2);
        int tokens = ids.Shape[1];
        Tensor Rows(OnnxValue which, int table) => c.Tensor(c.Call("Gather", [c.Value(c.Known(table, "its embeddings")), which]));
        OnnxValue places = c.Optional(8) ?? c.Value(OnnxConstant.Of([.. Shapes.Count(tokens).Select(t => (long)t)]));
        Tensor sum = c.Write.Binary(BuiltinOperator.ADD, Rows(ids, 2), Rows(places, 3));
        if (c.Optional(1) is { } segments) sum = c.Write.Binary(BuiltinOperator.ADD, sum, Rows(segments, 4));
        c.Result(Over(c, sum, 2, new LayerNormOptions(c.Float("epsilon", 1e-12f)), c.Optional(5), c.Optional(6)), 0, OnnxType.Float);
        if (c.Wants(2)) c.Result(sum, 2, OnnxType.Float);
    }

    /// <summary>LpNormalization with p 2 over the last dimension.</summary>
    public static void Lp(OnnxNodeContext c)
    {
        Tensor x = c.Tensor(0);
        if (c.Int("p", 2) != 2 || Shapes.Axis(c.Int("axis", -1), x.Shape.Length) != x.Shape.Length - 1) throw new OnnxRefusal("normalises by another norm than the root of squares, or not along the last dimension, which is not supported.");
        c.Result(c.Write.Like(BuiltinOperator.L2_NORMALIZATION, new L2NormOptions(), x));
    }
}
