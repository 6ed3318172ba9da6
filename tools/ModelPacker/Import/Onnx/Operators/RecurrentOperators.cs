using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>LSTM and GRU, forward, reverse and both: one block for each direction, joined along the direction.</summary>
internal static class RecurrentOperators
{
    public static void Lstm(OnnxNodeContext c)
    {
        Refuse(c, ["sigmoid", "tanh", "tanh"]);
        if (c.Int("input_forget", 0) != 0) throw new OnnxRefusal("couples its input and forget gates, which is not supported.");
        if (c.Optional(7)?.Constant is { } peephole && peephole.Values.Any(v => v != 0)) throw new OnnxRefusal("has peepholes, which are not supported.");
        Run(c, 4, withCell: true, reverse => new LstmBlockOptions(reverse));
    }

    public static void Gru(OnnxNodeContext c)
    {
        Refuse(c, ["sigmoid", "tanh"]);
        Run(c, 3, withCell: false, reverse => new GruOptions(reverse, c.Int("linear_before_reset", 0) != 0));
    }

    private static void Refuse(OnnxNodeContext c, string[] usual)
    {
        if (c.Node.Attributes.TryGetValue("activations", out OnnxAttribute? activations)
            && activations.Texts.Select((a, i) => a.Equals(usual[i % usual.Length], StringComparison.OrdinalIgnoreCase)).Any(same => !same))
            throw new OnnxRefusal($"has the activations {string.Join(", ", activations.Texts)}: only {string.Join(", ", usual)} are supported.");
        if (c.Float("clip", 0) > 0) throw new OnnxRefusal("clips its cell, which is not supported.");
        if (c.Optional(4) is { } lengths && (lengths.Constant is not { } known || known.Values.Any(v => v != c.In(0).Shape[c.Int("layout", 0) != 0 ? 1 : 0])))
            throw new OnnxRefusal("has sequences of different lengths, which is not supported: pad them outside the model.");
    }

    private static void Run(OnnxNodeContext c, int gates, bool withCell, Func<bool, BlockOptions> options)
    {
        OnnxValue x = c.OfRank(0, 3, 3);
        Weights w = Weights.At(c, 1, "its weights"), r = Weights.At(c, 2, "its recurrent weights");
        string direction = c.Text("direction", "forward");
        int directions = direction == "bidirectional" ? 2 : 1, hidden = r.Shape.Length == 3 ? r.Shape[2] : 0;
        bool batchFirst = c.Int("layout", 0) != 0;
        GraphWriter write = c.Write;
        Tensor input = batchFirst ? write.Transpose(c.Tensor(0), 1, 0, 2) : c.Tensor(0);
        (int steps, int batch, int size) = (input.Shape[0], input.Shape[1], input.Shape[2]);
        if (!w.Shape.AsSpan().SequenceEqual((int[])[directions, gates * hidden, size]) || !r.Shape.AsSpan().SequenceEqual((int[])[directions, gates * hidden, hidden]))
            throw new OnnxRefusal($"has weights [{string.Join(',', w.Shape)}] and [{string.Join(',', r.Shape)}], which do not fit its input.");

        Tensor[] all = new Tensor[directions], last = new Tensor[directions], cells = new Tensor[directions];
        for (int d = 0; d < directions; d++)
        {
            Tensor? bias = c.Optional(3) is null ? null : Direction(Weights.At(c, 3, "its bias"), d, 2 * gates * hidden).ToTensor(write);
            Tensor? h = State(c, 5, d, batchFirst, batch, hidden), cell = withCell ? State(c, 6, d, batchFirst, batch, hidden) : null;
            Tensor?[] inputs = [input, Direction(w, d, gates * hidden, size).ToTensor(write), Direction(r, d, gates * hidden, hidden).ToTensor(write), bias, h];
            if (withCell) inputs = [.. inputs, cell];
            int[] sequence = [steps, batch, hidden], state = [batch, hidden];
            Tensor[] outputs = write.Blocks(options(direction == "reverse" || d == 1), inputs, withCell ? [sequence, state, state] : [sequence, state]);
            all[d] = write.Reshape(outputs[0], steps, 1, batch, hidden);
            last[d] = write.Reshape(outputs[1], 1, batch, hidden);
            if (withCell) cells[d] = write.Reshape(outputs[2], 1, batch, hidden);
        }

        Tensor y = Join(write, all, 1), final = Join(write, last, 0);
        if (c.Wants(0)) c.Result(batchFirst ? write.Transpose(y, 2, 0, 1, 3) : y);
        if (c.Wants(1)) c.Result(batchFirst ? write.Transpose(final, 1, 0, 2) : final, 1);
        if (withCell && c.Wants(2)) c.Result(batchFirst ? write.Transpose(Join(write, cells, 0), 1, 0, 2) : Join(write, cells, 0), 2);
    }

    private static Weights Direction(Weights weights, int direction, params int[] shape)
    {
        int count = OnnxConstant.CountOf(shape);
        OnnxConstant Part(OnnxConstant all) => new(all.Type, shape, all.Values[(direction * count)..((direction + 1) * count)]);
        QuantisedConstant? q = weights.Quantised is { Scales.Length: 1 } quantised ? quantised with { Integers = Part(quantised.Integers) } : null;
        return new Weights(Part(weights.Real), q);
    }

    private static Tensor? State(OnnxNodeContext c, int index, int direction, bool batchFirst, int batch, int hidden)
    {
        if (c.Optional(index) is not { } state || (state.Constant is { } zeros && zeros.Values.All(v => v == 0))) return null;
        Tensor all = batchFirst ? c.Write.Transpose(c.Tensor(state), 1, 0, 2) : c.Tensor(state);
        if (all.Shape.Length != 3 || all.Shape[0] <= direction) throw new OnnxRefusal($"has an initial state of shape [{string.Join(',', state.Shape)}].");
        Tensor one = SliceOperators.Take(c.Write, all, [new AxisSlice(direction, 1, 1), new AxisSlice(0, 1, batch), new AxisSlice(0, 1, hidden)]);
        return c.Write.Reshape(one, batch, hidden);
    }

    private static Tensor Join(GraphWriter write, Tensor[] parts, int axis) => parts.Length == 1 ? parts[0]
        : write.Like(BuiltinOperator.CONCATENATION, new ConcatenationOptions(axis), Shapes.With(parts[0].Shape, axis, parts.Length), parts[0], parts[1..]);
}
