using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Conv and ConvTranspose over one or two dimensions: channels go last before, and second again after.</summary>
internal static class ConvOperators
{
    /// <summary>X[N, C, (H,) W], W[M, C / groups, (kH,) kW], B[M].</summary>
    public static void Conv(OnnxNodeContext c)
    {
        OnnxValue x = c.OfRank(0, 3, 4);
        Weights weights = Weights.At(c, 1, "its weights");
        if (weights.Shape.Length != x.Shape.Length) throw new OnnxRefusal($"has weights of {weights.Shape.Length} dimensions for an input of {x.Shape.Length}.");
        int[] spatial = x.Shape[2..];
        var window = Window.Of(c, spatial, weights.Shape[2..]);
        int groups = (int)c.Int("group", 1), channels = x.Shape[1], outputs = weights.Shape[0];
        if (groups < 1 || channels != weights.Shape[1] * groups || outputs % groups != 0)
            throw new OnnxRefusal($"has weights [{string.Join(',', weights.Shape)}] in {groups} groups, which do not fit {channels} channels.");
        Apply(c, weights.Shape.Length == 4 ? weights : weights.Reshape(outputs, weights.Shape[1], 1, weights.Shape[2]), window, groups);
    }

    /// <summary>The convolution of weights[M, C / groups, kH, kW] whose window is known.</summary>
    private static void Apply(OnnxNodeContext c, Weights weights, Window window, int groups)
    {
        GraphWriter write = c.Write;
        Tensor image = ToChannelsLast(write, c.Tensor(0));
        int channels = image.Shape[3], outputs = weights.Shape[0];
        TflitePadding padding = TflitePadding.VALID;
        if (window.Padding([image.Shape[1], image.Shape[2]]) is { } option) padding = option;
        else image = Pad(write, image, window);

        bool depthwise = groups == channels && groups > 1;
        Tensor filters = weights.Transpose(depthwise ? [1, 2, 3, 0] : [0, 2, 3, 1]).ToTensor(write);
        Tensor? bias = c.Optional(2) is null ? null : Weights.At(c, 2, "its bias").Reshape(outputs).ToTensor(write);
        TfliteOptions options = depthwise
            ? new DepthwiseConv2DOptions(padding, window.Strides[1], window.Strides[0], outputs / channels, TfliteActivation.NONE, window.Dilations[1], window.Dilations[0])
            : new Conv2DOptions(padding, window.Strides[1], window.Strides[0], TfliteActivation.NONE, window.Dilations[1], window.Dilations[0]);
        Tensor y = write.Add(
            depthwise ? BuiltinOperator.DEPTHWISE_CONV_2D : BuiltinOperator.CONV_2D, options, TfliteType.FLOAT32,
            [image.Shape[0], window.Out[0], window.Out[1], outputs], image, filters, bias);
        c.Result(ToChannelsSecond(write, y, c.In(0).Shape.Length));
    }

    /// <summary>
    /// X[N, C, (H,) W], W[C, M / groups, (kH,) kW], B[M]. With stride 1 it is a convolution with the kernel turned round;
    /// else each group is computed whole and the paddings are cut off.
    /// </summary>
    public static void ConvTranspose(OnnxNodeContext c)
    {
        OnnxValue x = c.OfRank(0, 3, 4);
        Weights weights = Weights.At(c, 1, "its weights");
        int rank = x.Shape.Length - 2, groups = (int)c.Int("group", 1);
        if (weights.Shape.Length != x.Shape.Length || weights.Shape[0] != x.Shape[1] || groups < 1 || x.Shape[1] % groups != 0) throw new OnnxRefusal("has weights that do not fit its input.");
        long[] strides = c.Ints("strides") ?? [.. Enumerable.Repeat(1L, rank)], pads = c.Ints("pads") ?? new long[2 * rank], extra = c.Ints("output_padding") ?? new long[rank];
        long[] dilations = c.Ints("dilations") ?? [.. Enumerable.Repeat(1L, rank)];
        if (strides.Length != rank || pads.Length != 2 * rank || extra.Length != rank || dilations.Length != rank || strides.Concat(dilations).Any(v => v is < 1 or > 1000) || pads.Concat(extra).Any(v => v is < 0 or > 1000))
            throw new OnnxRefusal("has strides, paddings or dilations that do not fit its input.");
        if (c.Has("output_shape") || c.Text("auto_pad", "NOTSET") is "SAME_UPPER" or "SAME_LOWER") FitPads(c, x.Shape[2..], weights.Shape[2..], strides, dilations, pads, extra);
        if (rank == 1)
        {
            weights = weights.Reshape(weights.Shape[0], weights.Shape[1], 1, weights.Shape[2]);
            (strides, pads, extra, dilations) = ([1, strides[0]], [0, pads[0], 0, pads[1]], [0, extra[0]], [1, dilations[0]]);
        }

        if (strides.All(s => s == 1)) Turned(c, weights, pads, extra, dilations, groups);
        else Whole(c, weights, strides, pads, extra, dilations, groups);
    }

    /// <summary>The paddings that give the output's wanted shape; what even no padding reaches is padded behind.</summary>
    private static void FitPads(OnnxNodeContext c, int[] spatial, int[] kernel, long[] strides, long[] dilations, long[] pads, long[] extra)
    {
        int rank = spatial.Length;
        long[] wanted = c.Ints("output_shape") ?? [.. spatial.Select((s, d) => s * strides[d])];
        if (wanted.Length == rank + 2) wanted = wanted[2..];
        if (wanted.Length != rank || wanted.Any(w => w is < 1 or > 1 << 16)) throw new OnnxRefusal("has an output_shape that does not fit its input.");
        for (int d = 0; d < rank; d++)
        {
            long total = strides[d] * (spatial[d] - 1) + extra[d] + (kernel[d] - 1) * dilations[d] + 1 - wanted[d], half = Math.Max(total, 0) / 2;
            pads[d] = c.Text("auto_pad", "NOTSET") == "SAME_UPPER" ? half : Math.Max(total, 0) - half;
            pads[rank + d] = Math.Max(total, 0) - pads[d];
            extra[d] += Math.Max(-total, 0);
        }
    }

    private static void Turned(OnnxNodeContext c, Weights weights, long[] pads, long[] extra, long[] dilations, int groups)
    {
        int[] kernel = weights.Shape[2..], spatial = c.In(0).Shape.Length == 4 ? c.In(0).Shape[2..] : [1, c.In(0).Shape[2]];
        int[] before = new int[2], after = new int[2], size = new int[2];
        for (int d = 0; d < 2; d++)
        {
            int reach = (kernel[d] - 1) * (int)dilations[d];
            (before[d], after[d]) = (reach - (int)pads[d], reach - (int)pads[2 + d] + (int)extra[d]);
            size[d] = spatial[d] + before[d] + after[d] - reach;
            if (before[d] < 0 || after[d] < 0 || size[d] < 1) throw new OnnxRefusal("has paddings larger than its kernel, which is not supported.");
        }

        int inputs = weights.Shape[0] / groups, outputs = weights.Shape[1], taps = kernel[0] * kernel[1];
        OnnxConstant Turn(OnnxConstant w)
        {
            var values = new double[w.Values.Length];
            for (int g = 0; g < groups; g++)
            {
                for (int m = 0; m < outputs; m++)
                {
                    for (int i = 0; i < inputs; i++)
                    {
                        for (int k = 0; k < taps; k++)
                            values[((g * outputs + m) * inputs + i) * taps + taps - 1 - k] = w.Values[((g * inputs + i) * outputs + m) * taps + k];
                    }
                }
            }

            return new OnnxConstant(w.Type, [groups * outputs, inputs, kernel[0], kernel[1]], values);
        }

        QuantisedConstant? integers = weights.Quantised is { Scales.Length: 1 } q ? q with { Integers = Turn(q.Integers) } : null;
        var window = new Window(kernel, [1, 1], [(int)dilations[0], (int)dilations[1]], before, after, size);
        Apply(c, new Weights(Turn(weights.Real), integers), window, groups);
    }

    private static void Whole(OnnxNodeContext c, Weights weights, long[] strides, long[] pads, long[] extra, long[] dilations, int groups)
    {
        if (dilations.Any(d => d != 1)) throw new OnnxRefusal("has strides and dilations together, which is not supported.");
        if (groups > 64) throw new OnnxRefusal($"has {groups} groups and a stride, which is not supported: 64 are the limit.");
        GraphWriter write = c.Write;
        Tensor image = ToChannelsLast(write, c.Tensor(0));
        int inputs = weights.Shape[0] / groups, outputs = weights.Shape[1], batch = image.Shape[0];
        int[] full = [.. Shapes.Count(2).Select(d => (image.Shape[1 + d] - 1) * (int)strides[d] + weights.Shape[2 + d])];
        int[] kept = [.. Shapes.Count(2).Select(d => (int)(full[d] - pads[d] - pads[2 + d] + extra[d]))];
        if (Shapes.Count(2).Any(d => kept[d] < 1)) throw new OnnxRefusal("has paddings that leave nothing of its output.");
        int[] beyond = [.. Shapes.Count(2).Select(d => (int)Math.Max(0, pads[d] + kept[d] - full[d]))];
        if (beyond.Any(b => b > 0))
        {
            // Taps of 0 behind the others reach where only the bias is.
            weights = Grown(weights, beyond);
            full = [full[0] + beyond[0], full[1] + beyond[1]];
        }

        Weights? bias = c.Optional(2) is null ? null : Weights.At(c, 2, "its bias");
        var parts = new Tensor[groups];
        for (int g = 0; g < groups; g++)
        {
            AxisSlice[] slices = [.. image.Shape.Select((s, d) => d == 3 ? new AxisSlice(g * inputs, 1, inputs) : new AxisSlice(0, 1, s))];
            int[] shape = [batch, full[0], full[1], outputs];
            parts[g] = write.Add(
                BuiltinOperator.TRANSPOSE_CONV, new TransposeConvOptions(TflitePadding.VALID, (int)strides[1], (int)strides[0]), TfliteType.FLOAT32, shape,
                write.Ints(shape), weights.Part(g * inputs, inputs).Transpose(1, 2, 3, 0).ToTensor(write), SliceOperators.Take(write, image, slices),
                bias?.Reshape(groups * outputs).Part(g * outputs, outputs).ToTensor(write));
        }

        Tensor y = groups == 1 ? parts[0]
            : write.Like(BuiltinOperator.CONCATENATION, new ConcatenationOptions(3), [batch, full[0], full[1], groups * outputs], parts[0], parts[1..]);
        if (!kept.AsSpan().SequenceEqual(full))
        {
            int[] cut = [batch, kept[0], kept[1], groups * outputs];
            y = write.Like(BuiltinOperator.SLICE, null, cut, y, write.Ints(0, (int)pads[0], (int)pads[1], 0), write.Ints(cut));
        }

        c.Result(ToChannelsSecond(write, y, c.In(0).Shape.Length));
    }

    /// <summary>The kernel [C, M, kH, kW] with taps of 0 behind.</summary>
    private static Weights Grown(Weights weights, int[] more)
    {
        (int kh, int kw) = (weights.Shape[2], weights.Shape[3]);
        (int height, int width) = (kh + more[0], kw + more[1]);
        OnnxConstant real = weights.Real;
        var values = new double[real.Values.Length / (kh * kw) * height * width];
        for (int i = 0; i < real.Values.Length; i++) values[(i / (kh * kw) * height + i / kw % kh) * width + i % kw] = real.Values[i];
        return new Weights(new OnnxConstant(real.Type, [.. real.Shape[..2], height, width], values), null);
    }

    /// <summary>[N, C, H, W] or [N, C, W] as [N, H, W, C].</summary>
    public static Tensor ToChannelsLast(GraphWriter write, Tensor x)
    {
        if (x.Shape.Length == 4) return write.Transpose(x, 0, 2, 3, 1);
        Tensor turned = write.Transpose(x, 0, 2, 1);
        return write.Reshape(turned, turned.Shape[0], 1, turned.Shape[1], turned.Shape[2]);
    }

    /// <summary>[N, H, W, C] as [N, C, H, W], or where the model has three dimensions as [N, C, W].</summary>
    public static Tensor ToChannelsSecond(GraphWriter write, Tensor y, int rank)
    {
        if (rank == 4) return write.Transpose(y, 0, 3, 1, 2);
        return write.Transpose(write.Reshape(y, y.Shape[0], y.Shape[2], y.Shape[3]), 0, 2, 1);
    }

    /// <summary>Zeros around an image [N, H, W, C].</summary>
    public static Tensor Pad(GraphWriter write, Tensor image, Window window)
    {
        int[] shape = [image.Shape[0], image.Shape[1] + window.Before[0] + window.After[0], image.Shape[2] + window.Before[1] + window.After[1], image.Shape[3]];
        Tensor amounts = write.Constant(new OnnxConstant(
            OnnxType.Int32, [4, 2], [0, 0, window.Before[0], window.After[0], window.Before[1], window.After[1], 0, 0]));
        return write.Like(BuiltinOperator.PAD, null, shape, image, amounts);
    }
}
