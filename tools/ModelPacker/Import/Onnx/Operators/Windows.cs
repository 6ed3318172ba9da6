using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>
/// How the window of a convolution or pool moves: attributes of ONNX for one or two spatial dimensions, always kept as two
/// (a missing height is 1).
/// </summary>
internal sealed record Window(int[] Kernel, int[] Strides, int[] Dilations, int[] Before, int[] After, int[] Out)
{
    /// <summary>Reads the attributes for an input of these spatial sizes.</summary>
    public static Window Of(OnnxNodeContext c, int[] spatial, int[]? kernel)
    {
        int rank = spatial.Length;
        int[] size = Two(kernel ?? Attribute(c, "kernel_shape", rank, null), 1);
        int[] strides = Two(Attribute(c, "strides", rank, 1), 1), dilations = Two(Attribute(c, "dilations", rank, 1), 1), input = Two(spatial, 1);
        long[] pads = c.Ints("pads") ?? new long[2 * rank];
        if (pads.Length != 2 * rank || pads.Any(p => p is < 0 or > 1 << 16)) throw new OnnxRefusal($"has the paddings [{string.Join(',', pads)}]: two for each of {rank} dimensions, none negative, are possible.");
        int[] before = Two([.. pads[..rank].Select(p => (int)p)], 0), after = Two([.. pads[rank..].Select(p => (int)p)], 0);
        if (size.Concat(strides).Concat(dilations).Any(v => v < 1 || v > 1 << 16)) throw new OnnxRefusal("has a kernel, stride or dilation that is not positive.");
        string automatic = c.Text("auto_pad", "NOTSET");
        if (automatic == "") automatic = "NOTSET";
        bool ceiling = c.Int("ceil_mode", 0) != 0;
        var output = new int[2];
        for (int d = 0; d < 2; d++)
        {
            int extent = (size[d] - 1) * dilations[d] + 1;
            switch (automatic)
            {
                case "NOTSET": break;
                case "VALID": (before[d], after[d]) = (0, 0); break;
                case "SAME_UPPER" or "SAME_LOWER":
                    int total = Math.Max(0, ((input[d] + strides[d] - 1) / strides[d] - 1) * strides[d] + extent - input[d]);
                    before[d] = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
                    after[d] = total - before[d];
                    break;
                default: throw new OnnxRefusal($"has an auto_pad {automatic} that is not known.");
            }

            int room = input[d] + before[d] + after[d] - extent;
            if (room < 0) throw new OnnxRefusal($"has a window of {extent} that does not fit its input of {input[d]}.");
            output[d] = room / strides[d] + 1;
            if (!ceiling || room % strides[d] == 0) continue;

            // The last window may reach over the end, but must begin before it.
            if (output[d] * strides[d] < input[d] + before[d]) output[d]++;
            after[d] = Math.Max(after[d], (output[d] - 1) * strides[d] + extent - input[d] - before[d]);
        }

        return new Window(size, strides, dilations, before, after, output);
    }

    /// <summary>Whether nothing is padded.</summary>
    public bool IsValid => Before.Concat(After).All(p => p == 0);

    /// <summary>Whether the paddings are those that TensorFlow's SAME would take for this input.</summary>
    public bool IsSame(int[] spatial)
    {
        int[] input = Two(spatial, 1);
        for (int d = 0; d < 2; d++)
        {
            int extent = (Kernel[d] - 1) * Dilations[d] + 1;
            if (Out[d] != (input[d] + Strides[d] - 1) / Strides[d]) return false;
            if (Before[d] != Math.Max(0, (Out[d] - 1) * Strides[d] + extent - input[d]) / 2) return false;
        }

        return true;
    }

    /// <summary>The padding option that says the same, or null where none does.</summary>
    public TflitePadding? Padding(int[] spatial) => IsValid ? TflitePadding.VALID : IsSame(spatial) ? TflitePadding.SAME : null;

    /// <summary>Two numbers from one or two: the height's first.</summary>
    private static int[] Two(int[] values, int missing) => values.Length == 1 ? [missing, values[0]] : values;

    private static int[] Attribute(OnnxNodeContext c, string name, int rank, int? otherwise)
    {
        if (c.Ints(name) is not { } values) return otherwise is { } value ? [.. Enumerable.Repeat(value, rank)] : throw new OnnxRefusal($"lacks its {name}.");
        return values.Length == rank ? [.. values.Select(v => (int)Math.Clamp(v, -1, 1 << 20))] : throw new OnnxRefusal($"has {values.Length} values of {name} for {rank} dimensions.");
    }
}
