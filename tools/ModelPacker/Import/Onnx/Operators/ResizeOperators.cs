using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>
/// Resize and Upsample. Where TensorFlow Lite's operators take the very same positions they are used; else each dimension is
/// resized alone, by picking elements (nearest) or by the product with a matrix of weights (linear, cubic), which says any
/// of ONNX's many ways to place and to weigh.
/// </summary>
internal static class ResizeOperators
{
    /// <summary>One dimension: sizes, the factor that the model gives, and how positions are found.</summary>
    private sealed record Resized(int In, int Out, double Factor, string Place)
    {
        /// <summary>The position in the input of an element of the output.</summary>
        public double At(int index) => Place switch
        {
            "align_corners" => Out == 1 ? 0 : index * (In - 1.0) / (Out - 1.0),
            "asymmetric" => index / Factor,
            "pytorch_half_pixel" when Out == 1 => 0,
            "half_pixel_symmetric" => In / 2.0 * (1 - Out / (Factor * In)) + (index + 0.5) / Factor - 0.5,
            _ => (index + 0.5) / Factor - 0.5,
        };
    }

    public static void Resize(OnnxNodeContext c)
    {
        OnnxValue x = c.OfRank(0, 1, 5);
        bool old = c.Node.OpType == "Upsample" || c.Opset < 11;
        string mode = c.Text("mode", "nearest"), place = c.Text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
        if (mode == "bilinear") mode = "linear";
        if (mode is not ("nearest" or "linear" or "cubic")) throw new OnnxRefusal($"interpolates in mode {mode}: nearest, linear and cubic are supported.");
        if (place is not ("align_corners" or "half_pixel" or "pytorch_half_pixel" or "asymmetric" or "half_pixel_symmetric")) throw new OnnxRefusal($"resizes with {place}, which is not supported.");
        Resized[] dimensions = Dimensions(c, x.Shape, place);
        if (mode != "nearest" && c.Int("antialias", 0) != 0 && dimensions.Any(d => d.Out < d.In)) throw new OnnxRefusal("smooths what it makes smaller (antialias), which is not supported.");
        string rounding = c.Text("nearest_mode", old ? "floor" : "round_prefer_floor");
        if (Known(c, dimensions, mode, rounding) is { } known)
        {
            c.Result(known);
            return;
        }

        Tensor y = c.Tensor(0);
        for (int d = 0; d < dimensions.Length; d++)
        {
            Resized dimension = dimensions[d];
            if (dimension.In == dimension.Out && dimension.Factor == 1) continue;
            if (mode == "nearest") y = MovementOperators.Pick(c.Write, y, d, [.. Shapes.Count(dimension.Out).Select(i => Nearest(dimension.At(i), dimension.In, rounding))]);
            else y = Weighed(c, y, d, dimension, mode == "cubic");
        }

        c.Result(y);
    }

    /// <summary>Sizes and factors of every dimension, from scales or sizes, for all dimensions or some.</summary>
    private static Resized[] Dimensions(OnnxNodeContext c, int[] shape, string place)
    {
        int scalesAt = c.Node.OpType == "Upsample" || c.InputCount == 2 ? 1 : 2;
        long[]? sizes = c.Optional(3) is null ? null : c.Known(3, "its sizes").Integers();
        double[]? scales = c.Node.Attributes.GetValueOrDefault("scales") is { } attribute ? [.. attribute.Floats.Select(f => (double)f)]
            : sizes is null ? c.Known(scalesAt, "its scales").Values : null;
        int[] axes = c.Ints("axes") is { } named ? [.. named.Select(a => Shapes.Axis(a, shape.Length))] : Shapes.Count(shape.Length);
        if ((sizes?.Length ?? scales!.Length) != axes.Length) throw new OnnxRefusal($"has {sizes?.Length ?? scales!.Length} sizes or scales for {axes.Length} dimensions.");
        Resized[] all = [.. shape.Select(s => new Resized(s, s, 1, place))];
        string policy = c.Text("keep_aspect_ratio_policy", "stretch");
        double? common = sizes is null || policy == "stretch" ? null
            : policy == "not_larger" ? axes.Select((a, i) => sizes[i] / (double)shape[a]).Min() : axes.Select((a, i) => sizes[i] / (double)shape[a]).Max();
        for (int i = 0; i < axes.Length; i++)
        {
            int size = shape[axes[i]];
            double factor = common ?? (sizes is null ? scales![i] : sizes[i] / (double)size);
            double made = common is null && sizes is not null ? sizes[i] : common is null ? Math.Floor(size * factor) : Math.Round(size * factor, MidpointRounding.AwayFromZero);
            if (!(factor > 0) || !(made is >= 1 and <= 1 << 14)) throw new OnnxRefusal($"resizes {size} to {made} elements, which is not possible.");
            all[axes[i]] = new Resized(size, (int)made, factor, place);
        }

        return all;
    }

    /// <summary>The operator of TensorFlow Lite that computes the same, or null where none does.</summary>
    private static Tensor? Known(OnnxNodeContext c, Resized[] dimensions, string mode, string rounding)
    {
        if (dimensions.Length != 4 || dimensions[..2].Any(d => d.In != d.Out) || dimensions[2..].Any(d => d.Factor != d.Out / (double)d.In) || mode == "cubic") return null;
        string place = dimensions[2].Place;
        if (place == "half_pixel_symmetric" || (place == "pytorch_half_pixel" && dimensions[2..].Any(d => d.Out == 1))) return null;
        bool whole = dimensions[2..].All(d => d.Factor == Math.Floor(d.Factor)), corners = place == "align_corners", half = place is "half_pixel" or "pytorch_half_pixel";
        if (mode == "nearest" && !(place == "asymmetric" && rounding == "floor") && !(whole && half && rounding == "round_prefer_floor")) return null;
        Tensor image = ConvOperators.ToChannelsLast(c.Write, c.Tensor(0)), size = c.Write.Ints(dimensions[2].Out, dimensions[3].Out);
        int[] shape = [image.Shape[0], dimensions[2].Out, dimensions[3].Out, image.Shape[3]];
        Tensor y = mode == "nearest"
            ? c.Write.Like(BuiltinOperator.RESIZE_NEAREST_NEIGHBOR, new ResizeNearestNeighborOptions(false, false), shape, image, size)
            : c.Write.Like(BuiltinOperator.RESIZE_BILINEAR, new ResizeBilinearOptions(corners, half), shape, image, size);
        return ConvOperators.ToChannelsSecond(c.Write, y, 4);
    }

    private static int Nearest(double position, int size, string rounding)
    {
        double index = rounding switch
        {
            "floor" => Math.Floor(position),
            "ceil" => Math.Ceiling(position),
            "round_prefer_ceil" => Math.Floor(position + 0.5),
            _ => Math.Ceiling(position - 0.5),
        };
        return (int)Math.Clamp(index, 0, size - 1);
    }

    /// <summary>One dimension brought last, multiplied with a weight for each pair of elements, and brought back.</summary>
    private static Tensor Weighed(OnnxNodeContext c, Tensor x, int axis, Resized dimension, bool cubic)
    {
        bool outside = c.Int("exclude_outside", 0) != 0;
        double a = c.Float("cubic_coeff_a", -0.75f);
        var weights = new double[dimension.In * dimension.Out];
        for (int o = 0; o < dimension.Out; o++)
        {
            double at = dimension.At(o), sum = 0;
            int low = (int)Math.Floor(at);
            (int from, int to) = cubic ? (low - 1, low + 2) : (low, low + 1);
            for (int i = from; i <= to; i++)
            {
                double weight = cubic ? Cubic(Math.Abs(at - i), a) : 1 - Math.Abs(at - i);
                if (outside && (i < 0 || i >= dimension.In)) continue;
                weights[Math.Clamp(i, 0, dimension.In - 1) * dimension.Out + o] += weight;
                sum += weight;
            }

            for (int i = 0; i < dimension.In && outside; i++) weights[i * dimension.Out + o] /= sum;
        }

        int rank = x.Shape.Length;
        int[] order = [.. Shapes.Count(rank).Where(d => d != axis), axis];
        OnnxValue turned = c.Value(c.Write.Transpose(x, order));
        OnnxValue y = c.Call("MatMul", [turned, c.Value(new OnnxConstant(OnnxType.Float, [dimension.In, dimension.Out], weights))]);
        return c.Write.Transpose(c.Tensor(y), Shapes.Inverse(order));
    }

    /// <summary>The weight of a neighbour at a distance (Keys 1981).</summary>
    private static double Cubic(double distance, double a) => distance switch
    {
        <= 1 => ((a + 2) * distance - (a + 3)) * distance * distance + 1,
        < 2 => ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a,
        _ => 0,
    };
}
