using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using static TinyAI.ModelPacker.Tests.Operators.SingleNode;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>Small models whose results were computed with TensorFlow Lite Micro 90b983c2.</summary>
public class ReferenceTests
{
    private static readonly sbyte[] s_image = [-128, 50, -16, 127, 3, 9, -56, 100, 77, 1, 2, -126];

    [Fact]
    public void Weights_of_four_bits_give_the_bytes_of_the_reference()
    {
        var builder = new TfliteModelBuilder();
        int x = builder.AddTensor("x", TfliteType.INT8, [1, 2, 2, 3], 0.05f, -3);
        int weights = builder.AddTensor("w", TfliteType.INT4, [2, 1, 1, 3], [0.1f, 0.2f], null, 0, [0x87, 0x1F, 0x65]);
        int y = builder.AddTensor("y", TfliteType.INT8, [1, 2, 2, 2], 0.4f, 7);
        builder.AddOperator(BuiltinOperator.CONV_2D, [x, weights, -1], [y], new Conv2DOptions());

        // Computed with TensorFlow Lite Micro 90b983c2.
        Assert.Equal<sbyte>([-9, 9, 18, 13, -9, 31, 8, -11], Run(builder, x, y, s_image));
    }

    [Fact]
    public void Depthwise_weights_of_four_bits_give_the_bytes_of_the_reference()
    {
        var builder = new TfliteModelBuilder();
        int x = builder.AddTensor("x", TfliteType.INT8, [1, 2, 2, 3], 0.05f, -3);
        int weights = builder.AddTensor("w", TfliteType.INT4, [1, 1, 2, 3], [0.1f, 0.2f, 0.3f], null, 3, [0x87, 0x1F, 0x65]);
        int bias = builder.AddConstant("b", TfliteType.INT32, [3], new[] { 100, -50, 7 }, [0.005f, 0.01f, 0.015f]);
        int y = builder.AddTensor("y", TfliteType.INT8, [1, 2, 2, 3], 0.4f, 7);
        builder.AddOperator(BuiltinOperator.DEPTHWISE_CONV_2D, [x, weights, bias], [y], new DepthwiseConv2DOptions());

        // Computed with TensorFlow Lite Micro 90b983c2.
        Assert.Equal<sbyte>([-1, -4, 10, 20, 5, 7, 4, -14, -23, 9, 5, 12], Run(builder, x, y, s_image));
    }

    [Fact]
    public void An_odd_number_of_four_bit_weights_ends_in_half_a_byte()
    {
        // 15 weights in 8 bytes, lower half first: row 2 is -5, -4, -2 (halves B, C, E) after 4 and 0 (halves of 0x04).
        var builder = new TfliteModelBuilder();
        int x = builder.AddTensor("x", TfliteType.INT8, [1, 5], 1f, 0);
        byte[] halves = [0x21, 0x43, 0x65, 0x87, 0xA9, 0x04, 0xCB, 0x0E];
        int weights = builder.AddTensor("w", TfliteType.INT4, [3, 5], [1f], null, 0, halves);
        int y = builder.AddTensor("y", TfliteType.INT8, [1, 3], 1f, 0);
        builder.AddOperator(BuiltinOperator.FULLY_CONNECTED, [x, weights, -1], [y], new FullyConnectedOptions());
        Assert.Equal<sbyte>([1, 6, 4], Run(builder, x, y, [1, 0, 0, 0, 0]));
        Assert.Equal<sbyte>([5, -6, -2], Run(builder, x, y, [0, 0, 0, 0, 1]));
    }

    [Fact]
    public void A_slope_that_is_computed_gives_the_bytes_of_the_reference()
    {
        var builder = new TfliteModelBuilder();
        int x = builder.AddTensor("x", TfliteType.INT8, [1, 6], 0.05f, -3), slope = builder.AddTensor("slope", TfliteType.INT8, [1, 6], 0.02f, 5);
        int y = builder.AddTensor("y", TfliteType.INT8, [1, 6], 0.06f, 4);
        builder.AddOperator(BuiltinOperator.PRELU, [x, slope], [y]);
        builder.SetInputs(x, slope).SetOutputs(y);
        byte[][] inputs = [Bytes([-128, 50, -16, 127, 3, -96]), Bytes([9, -56, 100, 77, 1, -128])];

        // Computed with TensorFlow Lite Micro 90b983c2.
        Assert.Equal<sbyte>([-4, 48, -17, 112, 9, 127], Signed(Runner(builder).Run(inputs)[0]));
    }

    [Theory]
    [InlineData(true, 4)]
    [InlineData(false, 0)]
    public void Initial_states_that_the_graph_makes_are_folded_into_constants(bool fill, sbyte expected)
    {
        // FILL repeats its value's bytes; ZEROS_LIKE writes zero bytes, not zero points (TFLM zeros_like.cc).
        var builder = new TfliteModelBuilder();
        int x = builder.AddTensor("x", TfliteType.INT8, [1, 3], 0.05f, -3), zeros = builder.AddTensor("z", TfliteType.INT8, [1, 3], 0.05f, -3);
        int y = builder.AddTensor("y", TfliteType.INT8, [1, 6], 0.05f, -3);
        int shape = builder.AddConstant("shape", TfliteType.INT32, [2], new[] { 1, 3 });
        int value = builder.AddTensor("value", TfliteType.INT8, [], 0.05f, -3, [4]);
        builder.AddOperator(fill ? BuiltinOperator.FILL : BuiltinOperator.ZEROS_LIKE, fill ? [shape, value] : [x], [zeros]);
        builder.AddOperator(BuiltinOperator.CONCATENATION, [zeros, x], [y], new ConcatenationOptions(1));
        Assert.Equal<sbyte>([expected, expected, expected, 9, -128, 127], Run(builder, x, y, [9, -128, 127]));
    }

    private static sbyte[] Run(TfliteModelBuilder builder, int x, int y, sbyte[] values)
    {
        builder.SetInputs(x).SetOutputs(y);
        return Signed(Runner(builder).Run([Bytes(values)])[0]);
    }

    private static ModelRunner Runner(TfliteModelBuilder builder) => new(Packer.Pack(TfliteWriter.Write(builder.Build()), "reference").Pack);
}
