using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.TinyRuntime.Tests;

/// <summary>Small models put together in the test, with weights from a seeded generator.</summary>
internal static class BuiltModels
{
    /// <summary>
    /// Convolution, depthwise convolution and a fully connected layer whose rows are longer than a small window, so
    /// that whole pages, part pages and rows in pieces all happen.
    /// </summary>
    public static PackResult ConvolutionsAndDense(string name = "built")
    {
        var random = new Random(7);
        var b = new TfliteModelBuilder();
        int x = b.AddTensor("x", TfliteType.INT8, [1, 9, 7, 3], 0.05f, -4);
        int conv = Convolution(b, random, x, [1, 9, 7, 12], [12, 3, 3, 3], depthwise: false);
        int depth = Convolution(b, random, conv, [1, 9, 7, 12], [1, 3, 3, 12], depthwise: true);
        int w = b.AddConstant("fw", TfliteType.INT8, [10, 756], Weights(random, 7560), [0.01f]);
        int bias = b.AddConstant("fb", TfliteType.INT32, [10], Biases(random, 10), [0.0005f]);
        int y = b.AddTensor("y", TfliteType.INT8, [1, 10], 0.3f, 5);
        b.AddOperator(BuiltinOperator.FULLY_CONNECTED, [depth, w, bias], [y], new FullyConnectedOptions());
        b.SetInputs(x).SetOutputs(y);
        return Packer.Pack(TfliteWriter.Write(b.Build()), name);
    }

    /// <summary>Seeded input values for input 0.</summary>
    public static byte[] Input(int bytes, int seed)
    {
        var values = new byte[bytes];
        new Random(seed).NextBytes(values);
        return values;
    }

    private static int Convolution(TfliteModelBuilder b, Random random, int x, int[] shape, int[] kernel, bool depthwise)
    {
        int channels = shape[3], count = kernel.Aggregate(1, (a, d) => a * d);
        float[] scales = [.. Enumerable.Range(0, channels).Select(_ => 0.005f + random.NextSingle() * 0.02f)];
        int w = b.AddConstant("w", TfliteType.INT8, kernel, Weights(random, count), scales, axis: depthwise ? 3 : 0);
        int bias = b.AddConstant("b", TfliteType.INT32, [channels], Biases(random, channels), [.. scales.Select(s => s * 0.05f)]);
        int y = b.AddTensor("h", TfliteType.INT8, shape, 0.05f, -4);
        if (depthwise)
            b.AddOperator(BuiltinOperator.DEPTHWISE_CONV_2D, [x, w, bias], [y], new DepthwiseConv2DOptions { Padding = TflitePadding.SAME, StrideH = 1, StrideW = 1, DepthMultiplier = 1 });
        else
            b.AddOperator(BuiltinOperator.CONV_2D, [x, w, bias], [y], new Conv2DOptions { Padding = TflitePadding.SAME, StrideH = 1, StrideW = 1 });
        return y;
    }

    private static sbyte[] Weights(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (sbyte)random.Next(-127, 128))];

    private static int[] Biases(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(-2000, 2000))];
}
