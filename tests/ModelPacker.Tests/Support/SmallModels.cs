using System.Buffers.Binary;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>Models small enough to be understood at a glance, for tests that are not about arithmetic.</summary>
public static class SmallModels
{
    /// <summary>int8 [1, inSize] -> FULLY_CONNECTED -> int8 [1, outSize] with seeded weights.</summary>
    public static byte[] FullyConnected(int inSize = 8, int outSize = 4, int seed = 1)
    {
        var random = new Random(seed);
        var builder = new TfliteModelBuilder();
        var weights = new sbyte[inSize * outSize];
        for (int i = 0; i < weights.Length; i++) weights[i] = (sbyte)random.Next(-127, 128);
        int input = builder.AddTensor("input", TfliteType.INT8, [1, inSize], 0.05f, 3);
        int kernel = builder.AddConstant("kernel", TfliteType.INT8, [outSize, inSize], weights, [0.01f], [0]);
        int bias = builder.AddConstant("bias", TfliteType.INT32, [outSize], Enumerable.Range(0, outSize).Select(i => i * 100).ToArray(), [0.0005f], [0]);
        int output = builder.AddTensor("output", TfliteType.INT8, [1, outSize], 0.1f, -5);
        builder.AddOperator(BuiltinOperator.FULLY_CONNECTED, [input, kernel, bias], [output], new FullyConnectedOptions());
        return TfliteWriter.Write(builder.SetInputs(input).SetOutputs(output).Build());
    }

    /// <summary>A 3x3 convolution over an image, SAME padding, for questions of memory.</summary>
    public static byte[] Convolution(int size, int inChannels, int outChannels)
    {
        var random = new Random(size);
        var builder = new TfliteModelBuilder();
        var weights = new sbyte[outChannels * 9 * inChannels];
        for (int i = 0; i < weights.Length; i++) weights[i] = (sbyte)random.Next(-127, 128);
        int input = builder.AddTensor("image", TfliteType.INT8, [1, size, size, inChannels], 0.02f, -128);
        int kernel = builder.AddConstant("kernel", TfliteType.INT8, [outChannels, 3, 3, inChannels], weights, [0.01f], [0]);
        int output = builder.AddTensor("features", TfliteType.INT8, [1, size, size, outChannels], 0.1f, 0);
        builder.AddOperator(BuiltinOperator.CONV_2D, [input, kernel, -1], [output], new Conv2DOptions());
        return TfliteWriter.Write(builder.SetInputs(input).SetOutputs(output).Build());
    }

    /// <summary>Two inputs joined along their middle dimension: a model that only moves elements.</summary>
    public static byte[] Concatenation()
    {
        var builder = new TfliteModelBuilder();
        int a = builder.AddTensor("a", TfliteType.INT8, [3, 2, 5], 0.1f, 0), b = builder.AddTensor("b", TfliteType.INT8, [3, 4, 5], 0.1f, 0);
        int both = builder.AddTensor("both", TfliteType.INT8, [3, 6, 5], 0.1f, 0);
        builder.AddOperator(BuiltinOperator.CONCATENATION, [a, b], [both], new ConcatenationOptions { Axis = 1 });
        return TfliteWriter.Write(builder.SetInputs(a, b).SetOutputs(both).Build());
    }

    /// <summary>Corrects the CRC of a pack after a test has changed it.</summary>
    public static void FixCrc(byte[] pack)
    {
        int crc = new TinyRuntime.Crc32().Update(0, pack, TinyRuntime.PackFormat.CrcFrom, pack.Length - TinyRuntime.PackFormat.CrcFrom);
        BinaryPrimitives.WriteInt32LittleEndian(pack.AsSpan(TinyRuntime.PackFormat.CrcAt), crc);
    }
}
