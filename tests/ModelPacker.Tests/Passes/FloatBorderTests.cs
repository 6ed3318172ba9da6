using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;

namespace TinyAI.ModelPacker.Tests.Passes;

/// <summary>The same integers given out more than once, as integers and as floats.</summary>
public class FloatBorderTests
{
    private static readonly sbyte[] s_values = [-128, -3, 0, 127];

    // TFLite reference dequantize.h: scale * (q - zero point) in double, rounded to float.
    private static readonly float[] s_floats = [.. s_values.Select(q => (float)((double)0.05f * (q + 3)))];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Integers_are_given_out_as_they_are_and_as_floats_in_any_order(bool floatFirst)
    {
        var builder = new TfliteModelBuilder();
        int x = builder.AddTensor("x", TfliteType.INT8, [4], 0.05f, -3), y = builder.AddTensor("y", TfliteType.INT8, [4], 0.05f, -3);
        int real = builder.AddTensor("real", TfliteType.FLOAT32, [4]), again = builder.AddTensor("again", TfliteType.FLOAT32, [4]);
        builder.AddOperator(BuiltinOperator.REVERSE_V2, [x, builder.AddConstant("axis", TfliteType.INT32, [1], new[] { 0 })], [y]);
        builder.AddOperator(BuiltinOperator.DEQUANTIZE, [y], [real]);
        builder.AddOperator(BuiltinOperator.DEQUANTIZE, [y], [again]);
        builder.SetInputs(x).SetOutputs(floatFirst ? [real, y, again] : [y, real, again]);
        byte[][] outputs = Runner(builder).Run([SingleNode.Bytes([.. s_values.Reverse()])]);
        Assert.Equal(s_values, SingleNode.Signed(outputs[floatFirst ? 1 : 0]));
        Assert.Equal(s_floats, Floats(outputs[floatFirst ? 0 : 1]));
        Assert.Equal(s_floats, Floats(outputs[2]));
    }

    [Fact]
    public void The_integers_of_a_float_input_can_be_an_output_and_stay_integers()
    {
        var builder = new TfliteModelBuilder();
        int real = builder.AddTensor("real", TfliteType.FLOAT32, [4]), q = builder.AddTensor("q", TfliteType.INT8, [4], 0.05f, -3);
        int back = builder.AddTensor("back", TfliteType.FLOAT32, [4]);
        builder.AddOperator(BuiltinOperator.QUANTIZE, [real], [q]);
        builder.AddOperator(BuiltinOperator.DEQUANTIZE, [q], [back]);
        builder.SetInputs(real).SetOutputs(q, back);
        byte[][] outputs = Runner(builder).Run([[.. s_floats.SelectMany(BitConverter.GetBytes)]]);
        Assert.Equal(s_values, SingleNode.Signed(outputs[0]));
        Assert.Equal(s_floats, Floats(outputs[1]));
    }

    private static float[] Floats(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToSingle(bytes, 4 * i))];

    private static ModelRunner Runner(TfliteModelBuilder builder) => new(Packer.Pack(TfliteWriter.Write(builder.Build()), "borders").Pack);
}
