using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Passes;

/// <summary>Passes over moving operators: the packed model must give what the same graph gives without any pass.</summary>
public class MovingPassesTests
{
    private readonly TfliteModelBuilder _builder = new();
    private readonly Random _random = new(5);

    [Fact]
    public void Padding_goes_into_the_convolution_that_reads_it()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var test = new MovingPassesTests();
            int[] pads = [0, 0, .. Enumerable.Range(0, 4).Select(_ => new Random(seed).Next(4)), 0, 0];
            new Random(seed).Shuffle(pads.AsSpan(2, 4));
            int input = test.Tensor([1, 6, 5, 3]);
            int padded = test.Padded(input, [1, 6, 5, 3], pads);
            test.Finish(input, test.Convolution(padded, [1, 6 + pads[2] + pads[3], 5 + pads[4] + pads[5], 3], 3, 3, depthwise: seed % 2 == 0), layers: 1);
        }
    }

    [Fact]
    public void Padding_of_a_sequence_goes_through_the_reshape_of_a_1D_convolution()
    {
        int input = Tensor([1, 10, 4]);
        int padded = Padded(input, [1, 10, 4], [0, 0, 4, 0, 0, 0]);
        int image = Reshaped(padded, BuiltinOperator.EXPAND_DIMS, [1, 1, 14, 4]);
        Finish(input, Convolution(image, [1, 1, 14, 4], 1, 5, depthwise: false), layers: 1);
    }

    [Fact]
    public void Padding_with_another_value_or_of_channels_stays()
    {
        int input = Tensor([1, 4, 4, 2]);
        int value = _builder.AddTensor("value", TfliteType.INT8, [], 0.5f, 3, [99]);
        int padded = Padded(input, [1, 4, 4, 2], [0, 0, 1, 1, 1, 1, 0, 0], value);
        Finish(input, Convolution(padded, [1, 6, 6, 2], 3, 3, depthwise: false), layers: 3);

        var channels = new MovingPassesTests();
        input = channels.Tensor([1, 4, 4, 2]);
        padded = channels.Padded(input, [1, 4, 4, 2], [0, 0, 1, 1, 1, 1, 0, 1]);
        channels.Finish(input, channels.Convolution(padded, [1, 6, 6, 3], 3, 3, depthwise: false), layers: 3);
    }

    [Theory]
    [InlineData(2, 3, 0, false)]
    [InlineData(2, 2, 2, true)]
    [InlineData(3, 1, 1, false)]
    public void A_convolution_between_blocks_is_a_dilated_one(int blockHeight, int blockWidth, int crop, bool depthwise)
    {
        int height = 4 * blockHeight, width = 5 * blockWidth, top = crop, bottom = blockHeight + crop;
        int padded = height + top + bottom;
        while (padded % blockHeight != 0) (padded, bottom) = (padded + 1, bottom + 1);
        int positions = blockHeight * blockWidth;
        int input = Tensor([1, height, width, 2]);
        int[] batch = [positions, padded / blockHeight, width / blockWidth, 2];
        int blocks = _builder.AddConstant("block", TfliteType.INT32, [2], [blockHeight, blockWidth]);
        int inside = Tensor(batch);
        _builder.AddOperator(
            BuiltinOperator.SPACE_TO_BATCH_ND, [input, blocks, _builder.AddConstant("pads", TfliteType.INT32, [2, 2], [top, bottom, 0, 0])], [inside]);
        (int convolved, int[] shape) = ConvolutionAndShape(inside, batch, 3, 2, depthwise);
        int cropTop = crop > 0 ? 1 : 0;
        int output = Tensor([1, shape[1] * blockHeight - cropTop - 1, shape[2] * blockWidth, shape[3]]);
        _builder.AddOperator(
            BuiltinOperator.BATCH_TO_SPACE_ND, [convolved, blocks, _builder.AddConstant("crops", TfliteType.INT32, [2, 2], [cropTop, 1, 0, 0])], [output]);
        Finish(input, output, layers: 1);
    }

    [Fact]
    public void A_dilated_1D_convolution_is_found_behind_its_reshapes()
    {
        int input = Tensor([1, 12, 3]);
        int blocks = _builder.AddConstant("block", TfliteType.INT32, [1], [4]);
        int inside = Tensor([4, 5, 3]);
        _builder.AddOperator(BuiltinOperator.SPACE_TO_BATCH_ND, [input, blocks, _builder.AddConstant("pads", TfliteType.INT32, [1, 2], [8, 0])], [inside]);
        int image = Reshaped(inside, BuiltinOperator.EXPAND_DIMS, [4, 1, 5, 3]);
        (int convolved, int[] shape) = ConvolutionAndShape(image, [4, 1, 5, 3], 1, 3, depthwise: false);
        int sequence = Reshaped(convolved, BuiltinOperator.SQUEEZE, [4, 3, shape[3]]);
        int output = Tensor([1, 12, shape[3]]);
        _builder.AddOperator(BuiltinOperator.BATCH_TO_SPACE_ND, [sequence, blocks, _builder.AddConstant("crops", TfliteType.INT32, [1, 2], [0, 0])], [output]);
        Finish(input, output, layers: 1);
    }

    [Fact]
    public void Moves_that_leave_everything_in_its_order_take_no_layer()
    {
        int input = Tensor([1, 4, 1, 3]);
        int turned = Tensor([1, 1, 4, 3]);
        _builder.AddOperator(BuiltinOperator.TRANSPOSE, [input, _builder.AddConstant("order", TfliteType.INT32, [4], [2, 0, 1, 3])], [turned]);
        int joined = Tensor([1, 1, 4, 3]);
        _builder.AddOperator(BuiltinOperator.CONCATENATION, [turned], [joined], new ConcatenationOptions(2));
        int padded = Padded(joined, [1, 1, 4, 3], new int[8]);
        Finish(input, padded, layers: 0);
    }

    [Fact]
    public void Arithmetic_on_shapes_is_done_by_the_packer()
    {
        // reshape(x, pack(shape(x)[0], 3 * 4, -1 + 3)) with everything computed in the graph.
        int input = Tensor([2, 3, 4, 2]);
        int Ints(string name, int[] shape, params int[] values) => _builder.AddConstant(name, TfliteType.INT32, shape, values);
        int Value(string name, params int[] shape) => _builder.AddTensor(name, TfliteType.INT32, shape);
        int shape = Value("shape", 4), batch = Value("batch"), product = Value("product"), sum = Value("sum"), target = Value("target", 3);
        _builder.AddOperator(BuiltinOperator.SHAPE, [input], [shape], new ShapeOptions());
        _builder.AddOperator(
            BuiltinOperator.STRIDED_SLICE, [shape, Ints("b", [1], 0), Ints("e", [1], 1), Ints("s", [1], 1)], [batch], new StridedSliceOptions(ShrinkAxisMask: 1));
        _builder.AddOperator(BuiltinOperator.MUL, [Ints("three", [], 3), Ints("four", [], 4)], [product], new MulOptions());
        _builder.AddOperator(BuiltinOperator.ADD, [Ints("one", [], -1), Ints("more", [], 3)], [sum], new AddOptions());
        _builder.AddOperator(BuiltinOperator.PACK, [batch, product, sum], [target], new PackOptions(3, 0));
        int output = Tensor([2, 12, 2]);
        _builder.AddOperator(BuiltinOperator.RESHAPE, [input, target], [output]);
        _builder.SetInputs(input).SetOutputs(output);
        Graph graph = TfliteImporter.Import(_builder.Build(), "shapes");
        FoldConstants.Run(graph);
        Node reshape = Assert.Single(graph.Nodes);
        Assert.Equal(new long[] { 2, 12, 2 }, reshape.Input(1).Integers());
    }

    [Theory]
    [InlineData(BuiltinOperator.SUB, 7, -3, 10)]
    [InlineData(BuiltinOperator.DIV, -7, 2, -3)]
    [InlineData(BuiltinOperator.FLOOR_DIV, -7, 2, -4)]
    [InlineData(BuiltinOperator.FLOOR_DIV, 7, -2, -4)]
    [InlineData(BuiltinOperator.FLOOR_DIV, -8, 2, -4)]
    [InlineData(BuiltinOperator.MAXIMUM, -7, 2, 2)]
    [InlineData(BuiltinOperator.MINIMUM, -7, 2, -7)]
    public void Integer_constants_are_combined_as_the_operator_says(BuiltinOperator op, int a, int b, int expected)
    {
        int result = _builder.AddTensor("result", TfliteType.INT32, [1]), wide = _builder.AddTensor("wide", TfliteType.INT64, [1]);
        int used = _builder.AddTensor("used", TfliteType.INT64, [1]);
        _builder.AddOperator(op, [_builder.AddConstant("a", TfliteType.INT32, [1], [a]), _builder.AddConstant("b", TfliteType.INT32, [], [b])], [result]);
        _builder.AddOperator(BuiltinOperator.CAST, [result], [wide], new CastOptions(TfliteType.INT32, TfliteType.INT64));
        _builder.AddOperator(BuiltinOperator.RESHAPE, [wide], [used]);
        _builder.SetOutputs(used);
        Graph graph = TfliteImporter.Import(_builder.Build(), "constants");
        FoldConstants.Run(graph);
        Assert.Equal(new long[] { expected }, Assert.Single(graph.Nodes).Input().Integers());
    }

    [Fact]
    public void Float_borders_move_past_reshapes_and_off_the_model()
    {
        int input = _builder.AddTensor("input", TfliteType.FLOAT32, [2, 6]), image = _builder.AddTensor("image", TfliteType.FLOAT32, [1, 3, 4]);
        int integers = Tensor([1, 3, 4]), turned = Tensor([1, 4, 3]), real = _builder.AddTensor("real", TfliteType.FLOAT32, [1, 4, 3]);
        int output = _builder.AddTensor("output", TfliteType.FLOAT32, [12]);
        _builder.AddOperator(BuiltinOperator.RESHAPE, [input], [image], new ReshapeOptions(1, 3, 4));
        _builder.AddOperator(BuiltinOperator.QUANTIZE, [image], [integers]);
        _builder.AddOperator(BuiltinOperator.TRANSPOSE, [integers, _builder.AddConstant("order", TfliteType.INT32, [3], [0, 2, 1])], [turned]);
        _builder.AddOperator(BuiltinOperator.DEQUANTIZE, [turned], [real]);
        _builder.AddOperator(BuiltinOperator.RESHAPE, [real], [output], new ReshapeOptions(12));
        _builder.SetInputs(input).SetOutputs(output);
        PackResult packed = Packer.Pack(TfliteWriter.Write(_builder.Build()), "borders");
        Assert.Equal(PackFormat.KindStridedCopy, Assert.Single(packed.Model.Layers).Kind);
        Assert.Equal(new[] { 2, 6 }, packed.Model.Inputs[0].Tensor.Shape);
        Assert.Equal(new[] { 12 }, packed.Model.Outputs[0].Tensor.Shape);
        float[] values = [.. Enumerable.Range(0, 12).Select(i => i * 1.3f - 9)];
        byte[] result = new ModelRunner(packed.Pack).Run([[.. values.SelectMany(BitConverter.GetBytes)]])[0];
        for (int i = 0; i < 12; i++)
        {
            float rounded = MathF.Round(values[i % 3 * 4 + i / 3] / 0.5f, MidpointRounding.AwayFromZero);
            Assert.Equal(rounded * 0.5f, BitConverter.ToSingle(result, 4 * i));
        }
    }

    [Fact]
    public void Nodes_that_nobody_reads_go_but_assignments_stay()
    {
        int input = Tensor([4]), unread = Tensor([2, 2]), output = Tensor([1, 4]);
        int handle = _builder.AddTensor("handle", TfliteType.RESOURCE, []);
        _builder.AddOperator(BuiltinOperator.VAR_HANDLE, [], [handle], new VarHandleOptions("", "v"));
        _builder.AddOperator(BuiltinOperator.ASSIGN_VARIABLE, [handle, input], []);
        _builder.AddOperator(BuiltinOperator.RESHAPE, [input], [unread]);
        _builder.AddOperator(BuiltinOperator.RESHAPE, [input], [output]);
        _builder.SetInputs(input).SetOutputs(output);
        Graph graph = TfliteImporter.Import(_builder.Build(), "dead");
        RemoveDeadNodes.Run(graph);
        Assert.Equal([BuiltinOperator.VAR_HANDLE, BuiltinOperator.ASSIGN_VARIABLE, BuiltinOperator.RESHAPE], graph.Nodes.Select(n => n.Operator));
    }

    private int Tensor(int[] shape) => _builder.AddTensor($"t{_random.Next()}", TfliteType.INT8, shape, 0.5f, 3);

    private int Padded(int input, int[] shape, int[] pads, int value = -1)
    {
        int output = Tensor([.. shape.Select((n, d) => n + pads[2 * d] + pads[2 * d + 1])]);
        int constant = _builder.AddConstant("pads", TfliteType.INT32, [shape.Length, 2], pads);
        _builder.AddOperator(value < 0 ? BuiltinOperator.PAD : BuiltinOperator.PADV2, value < 0 ? [input, constant] : [input, constant, value], [output]);
        return output;
    }

    private int Reshaped(int input, BuiltinOperator op, int[] shape)
    {
        int output = Tensor(shape);
        _builder.AddOperator(op, [input], [output]);
        return output;
    }

    private int Convolution(int input, int[] shape, int kernelHeight, int kernelWidth, bool depthwise) =>
        ConvolutionAndShape(input, shape, kernelHeight, kernelWidth, depthwise).Output;

    private (int Output, int[] Shape) ConvolutionAndShape(int input, int[] shape, int kernelHeight, int kernelWidth, bool depthwise)
    {
        int channels = depthwise ? shape[3] : 4;
        int[] weightShape = depthwise ? [1, kernelHeight, kernelWidth, channels] : [channels, kernelHeight, kernelWidth, shape[3]];
        var taps = new byte[weightShape.Aggregate(1, (a, b) => a * b)];
        _random.NextBytes(taps);
        int weights = _builder.AddTensor("weights", TfliteType.INT8, weightShape, 0.01f, 0, taps);
        int[] outShape = [shape[0], shape[1] - kernelHeight + 1, shape[2] - kernelWidth + 1, channels];
        int output = Tensor(outShape);
        if (depthwise) _builder.AddOperator(BuiltinOperator.DEPTHWISE_CONV_2D, [input, weights, -1], [output], new DepthwiseConv2DOptions(TflitePadding.VALID));
        else _builder.AddOperator(BuiltinOperator.CONV_2D, [input, weights, -1], [output], new Conv2DOptions(TflitePadding.VALID));
        return (output, outShape);
    }

    /// <summary>Packs with and without passes and compares; checks how many layers the passes leave.</summary>
    private void Finish(int input, int output, int layers)
    {
        TfliteModel model = _builder.SetInputs(input).SetOutputs(output).Build();
        Graph plain = TfliteImporter.Import(model, "plain");
        Assert.Empty(OperatorTable.Check(plain));
        PackResult slow = Packer.Pack(Lowering.Run(plain), new Emit.Metadata(), int.MaxValue);
        PackResult fast = Packer.Pack(TfliteWriter.Write(model), "fast");
        Assert.Equal(layers, fast.Model.Layers.Count);
        ModelRunner a = new(slow.Pack), b = new(fast.Pack);
        for (int run = 0; run < 3; run++)
        {
            var data = new byte[a.InputBytes(0)];
            _random.NextBytes(data);
            Assert.Equal(a.Run([data])[0], b.Run([data])[0]);
        }
    }
}
