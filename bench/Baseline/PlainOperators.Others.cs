using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.Bench.Baseline;

/// <content>Operators other than convolutions and pools.</content>
internal static partial class PlainOperators
{
    private static void Mean(PlainModel model, Node node)
    {
        Tensor input = node.Input(), output = node.Output;
        int[] axes = [.. node.Input(1).Integers().Select(a => (int)(a < 0 ? a + input.Shape.Length : a)).Distinct().Order()];
        Require(node, axes[^1] - axes[0] == axes.Length - 1, "it reduces axes that are not neighbours");
        int outer = Product(input.Shape[..axes[0]]), count = Product(axes.Select(a => input.Shape[a])), inner = Product(input.Shape[(axes[^1] + 1)..]);
        Requantisation scale = Requantisation.From((double)input.Scale / output.Scale);
        if (node.Operator == BuiltinOperator.MEAN)
        {
            // The division by the number of elements goes into the multiplier, as far as 32 bits carry it (reduce.h).
            int room = Math.Min(Math.Min(System.Numerics.BitOperations.Log2((uint)count), 32), 31 + scale.Shift);
            scale = new Requantisation((int)(((long)scale.Multiplier << room) / count), scale.Shift - room);
        }

        model.Steps.Add(new PlainStep("Mean", "Run",
            [Sbytes(model, node, input), outer, count, inner, Sbytes(model, node, output), input.ZeroPoint, output.ZeroPoint, scale.Multiplier, scale.Shift]));
    }

    private static void BatchMatMul(PlainModel model, Node node)
    {
        Tensor a = node.Input(), b = node.Input(1), output = node.Output;
        var options = node.Options as BatchMatMulOptions ?? new BatchMatMulOptions();
        int rows = output.Shape[^2], columns = output.Shape[^1], depth = a.Shape[options.AdjX ? ^2 : ^1], batches = output.Count / (rows * columns);
        int batchesA = a.Count / (rows * depth), batchesB = b.Count / (depth * columns);
        Require(node, (batchesA == batches || batchesA == 1) && (batchesB == batches || batchesB == 1), "its batches are broadcast in part");
        Requantisation scale = Requantisation.From((double)a.Scale * b.Scale / output.Scale);
        model.Steps.Add(new PlainStep("BatchMatMul", "Run",
        [
            Sbytes(model, node, a), batchesA, options.AdjX, Sbytes(model, node, b), batchesB, options.AdjY, Sbytes(model, node, output),
            batches, rows, depth, columns, -a.ZeroPoint, -b.ZeroPoint, scale.Multiplier, scale.Shift, output.ZeroPoint,
        ]));
    }

    private static void Softmax(PlainModel model, Node node)
    {
        Tensor input = node.Input(), output = node.Output;
        double beta = Math.Min((double)(node.Options as SoftmaxOptions ?? new SoftmaxOptions()).Beta * input.Scale * (1 << 26), int.MaxValue);
        Requantisation scale = Requantisation.From(beta);
        int diffMin = -(int)Math.Floor(31.0 * (1L << 26) / (1L << scale.Shift));
        int depth = input.Shape[^1];
        model.Steps.Add(new PlainStep("Softmax", output.Type == TfliteType.INT16 ? "ToInt16" : "ToInt8",
            [Sbytes(model, node, input), input.Count / depth, depth, model.Array(output), scale.Multiplier, scale.Shift, diffMin]));
    }

    private static void Logistic(PlainModel model, Node node)
    {
        Tensor input = node.Input();
        Requantisation scale = Requantisation.From((double)input.Scale * (1 << 27));
        int radius = (int)Math.Floor(15.0 * (1L << 27) / (1L << scale.Shift));
        model.Steps.Add(new PlainStep("Logistic", "Run",
            [Sbytes(model, node, input), input.ZeroPoint, radius, scale.Multiplier, scale.Shift, Sbytes(model, node, node.Output)]));
    }

    private static void Quantise(PlainModel model, Node node)
    {
        Tensor input = node.Input(), output = node.Output;
        if (input.Type == TfliteType.FLOAT32)
        {
            Require(node, !input.IsConstant, "it quantises a constant");
            model.Array(output);
            return;
        }

        Requantisation scale = Requantisation.From((double)input.Scale / output.Scale);
        string? method = (input.Type, output.Type) switch
        {
            (TfliteType.INT8, TfliteType.INT8) => "Int8ToInt8",
            (TfliteType.INT8, TfliteType.UINT8) => "Int8ToUInt8",
            (TfliteType.INT16, TfliteType.INT8) => "Int16ToInt8",
            (TfliteType.INT16, TfliteType.INT32) => "Int16ToInt32",
            _ => null,
        };
        Require(node, method is not null, $"it converts {input.Type} to {output.Type}");
        model.Steps.Add(new PlainStep("Requantize", method!,
            [model.Array(input), model.Array(output), input.ZeroPoint, output.ZeroPoint, scale.Multiplier, scale.Shift]));
    }

    private static void Addition(PlainModel model, Node node)
    {
        Tensor a = node.Input(), b = node.Input(1), output = node.Output;
        Require(node, a.Shape.AsSpan().SequenceEqual(b.Shape), "its inputs differ in shape");
        (int min, int max) = ActivationRange.Of(node, (node.Options as AddOptions ?? new AddOptions()).Activation);
        double twice = 2 * (double)Math.Max(a.Scale, b.Scale);
        Requantisation ma = Requantisation.From(a.Scale / twice), mb = Requantisation.From(b.Scale / twice);
        Requantisation mo = Requantisation.From(twice / ((1 << 20) * (double)output.Scale));
        model.Steps.Add(new PlainStep("Add", "Run",
        [
            Sbytes(model, node, a), Sbytes(model, node, b), Sbytes(model, node, output), -a.ZeroPoint, -b.ZeroPoint, output.ZeroPoint,
            ma.Multiplier, ma.Shift, mb.Multiplier, mb.Shift, mo.Multiplier, mo.Shift, min, max,
        ]));
    }

    private static void Svdf(PlainModel model, Node node)
    {
        Tensor input = node.Input(), feature = node.Input(1), time = node.Input(2), state = node.Input(4), output = node.Output;
        int rank = (node.Options as SvdfOptions ?? new SvdfOptions()).Rank, units = feature.Shape[0] / rank, memory = time.Shape[1];
        Requantisation toState = Requantisation.From((float)((float)(input.Scale * feature.Scale) / state.Scale));
        Requantisation toOutput = Requantisation.From((float)((float)(state.Scale * time.Scale) / output.Scale));
        Array? bias = node.OptionalInput(3) is { } b ? model.Array(b) : null;
        model.Macs += feature.Count + time.Count;
        model.Steps.Add(new PlainStep("Svdf", "Run",
        [
            Sbytes(model, node, input), input.Shape[0], input.Shape[1], Sbytes(model, node, feature), Sbytes(model, node, time), bias,
            Sbytes(model, node, state), Sbytes(model, node, output), units, rank, memory, input.ZeroPoint, output.ZeroPoint,
            toState.Multiplier, toState.Shift, toOutput.Multiplier, toOutput.Shift,
        ]));
    }

    private static void Lstm(PlainModel model, Node node)
    {
        const int weights = 1, recurrent = 5, biases = 12, hidden = 18, cell = 19;
        var o = node.Options as UnidirectionalSequenceLstmOptions ?? new UnidirectionalSequenceLstmOptions();
        Require(node, !o.TimeMajor && node.OptionalInput(weights) is not null && node.OptionalInput(9) is null && node.OptionalInput(16) is null, "it is not the plain batch-first layer");
        Tensor input = node.Input(), output = node.Output, h = node.Input(hidden), c = node.Input(cell);
        var scales = new List<Requantisation>();
        for (int gate = 0; gate < 4; gate++)
        {
            scales.Add(Requantisation.From((double)(float)(input.Scale * node.Input(weights + gate).Scale) * 4096));
            scales.Add(Requantisation.From((double)(float)(h.Scale * node.Input(recurrent + gate).Scale) * 4096));
        }

        scales.Add(Requantisation.From(1.0 / 32768));
        scales.Add(Requantisation.From(1.0 / 32768 / 32768 / c.Scale));
        scales.Add(Requantisation.From(1.0 / 32768 / 32768 / h.Scale));
        sbyte[][] Gates(int from) => [.. Enumerable.Range(from, 4).Select(i => Sbytes(model, node, node.Input(i)))];
        int units = output.Shape[2];
        model.Macs += (long)output.Count * 4 * (input.Shape[2] + units);
        model.Steps.Add(new PlainStep("Lstm", "Run",
        [
            Sbytes(model, node, input), input.Shape[0], input.Shape[1], input.Shape[2], units, Gates(weights), Gates(recurrent),
            Enumerable.Range(biases, 4).Select(i => (int[])model.Array(node.Input(i))).ToArray(),
            Sbytes(model, node, h), model.Array(c), Sbytes(model, node, output), input.ZeroPoint, h.ZeroPoint,
            scales.SelectMany(s => new[] { s.Multiplier, s.Shift }).ToArray(), o.CellClip > 0 ? (int)Math.Min(o.CellClip / c.Scale, 32767) : 0,
            (int)Math.Round(Math.Log2(c.Scale)), SigmoidTable(),
        ]));
    }

    /// <summary>
    /// The reference's table of 256 values of the logistic function at steps of 1/24, raised by half of what a straight
    /// line to the next value falls short at most (kernels/internal/common.h).
    /// </summary>
    private static int[] SigmoidTable()
    {
        var table = new int[256];
        for (int i = 0; i < 255; i++)
        {
            double s = 1 / (1 + Math.Exp(-i / 24.0)), curvature = s * (1 - s) * (1 - 2 * s);
            table[i] = (int)Math.Round(65536 * (s - curvature / (16 * 24 * 24)), MidpointRounding.AwayFromZero);
        }

        table[255] = 65535;
        return table;
    }

    private static void Concatenate(PlainModel model, Node node)
    {
        Tensor output = node.Output;
        int axis = (node.Options as ConcatenationOptions ?? new ConcatenationOptions()).Axis;
        if (axis < 0) axis += output.Shape.Length;
        int outer = Product(output.Shape[..axis]), run = output.Count / outer, at = 0;
        foreach (Tensor input in node.Inputs.Select(i => i!))
        {
            model.Steps.Add(new PlainStep("Movement", "Concatenate", [Sbytes(model, node, input), outer, input.Count / outer, Sbytes(model, node, output), run, at]));
            at += input.Count / outer;
        }
    }

    private static void StridedSlice(PlainModel model, Node node)
    {
        Tensor input = node.Input();
        var o = node.Options as StridedSliceOptions ?? new StridedSliceOptions();
        int rank = input.Shape.Length;
        Require(node, rank <= 4 && o.EllipsisMask == 0 && o.NewAxisMask == 0, "only slices of up to four dimensions are written out");
        int[] begin = [0, 0, 0, 0], stride = [1, 1, 1, 1], shape = [1, 1, 1, 1];
        for (int d = 0; d < rank; d++)
        {
            int size = input.Shape[d], step = (int)node.Input(3).Integers()[d], to = 4 - rank + d;
            int first = (int)node.Input(1).Integers()[d], end = (int)node.Input(2).Integers()[d];
            Require(node, step > 0, "it steps backwards");
            first = (o.BeginMask & (1 << d)) != 0 ? 0 : Math.Clamp(first < 0 ? first + size : first, 0, size);
            end = (o.EndMask & (1 << d)) != 0 ? size : Math.Clamp(end < 0 ? end + size : end, 0, size);
            if ((o.ShrinkAxisMask & (1 << d)) != 0) end = first + 1;
            (begin[to], stride[to], shape[to]) = (first, step, (end - first + step - 1) / step);
        }

        Slice(model, node, node.Output, begin, stride, shape);
    }

    private static void Split(PlainModel model, Node node)
    {
        bool sized = node.Operator == BuiltinOperator.SPLIT_V;
        Tensor input = sized ? node.Input() : node.Input(1);
        int axis = (int)(sized ? node.Input(2) : node.Input()).Integers()[0], at = 0;
        if (axis < 0) axis += input.Shape.Length;
        Require(node, input.Shape.Length <= 4, "only slices of up to four dimensions are written out");
        foreach (Tensor output in node.Outputs)
        {
            int[] begin = [0, 0, 0, 0];
            begin[4 - input.Shape.Length + axis] = at;
            Slice(model, node, output, begin, [1, 1, 1, 1], Four(output.Shape), input);
            at += output.Shape[axis];
        }
    }

    private static void Slice(PlainModel model, Node node, Tensor output, int[] begin, int[] stride, int[] shape, Tensor? input = null)
    {
        input ??= node.Input();
        model.Steps.Add(new PlainStep("Movement", "Slice", [Sbytes(model, node, input), Four(input.Shape), begin, stride, Sbytes(model, node, output), shape]));
    }

    private static void Transpose(PlainModel model, Node node)
    {
        Tensor input = node.Input();
        int rank = input.Shape.Length;
        Require(node, rank <= 4, "only four dimensions are written out");
        int[] permutation = [.. Enumerable.Range(0, 4 - rank), .. node.Input(1).Integers().Select(p => (int)p + 4 - rank)];
        model.Steps.Add(new PlainStep("Movement", "Transpose",
            [Sbytes(model, node, input), Four(input.Shape), permutation, Sbytes(model, node, node.Output), Four(node.Output.Shape)]));
    }

    private static int[] Four(int[] shape) => [.. Enumerable.Repeat(1, 4 - shape.Length), .. shape];

    private static int Product(IEnumerable<int> sizes) => sizes.Aggregate(1, (a, b) => a * b);
}
