using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>Depthwise layers with one output position as generated code against the kernel.</summary>
public class GeneratedDepthwiseTests
{
    [Fact]
    public void A_depthwise_layer_with_one_position_gives_the_kernels_bytes()
    {
        int asArguments = 0;
        Seeds.ForAll(60, seed =>
        {
            var random = new Random(seed);
            int[] kernel = [random.Next(1, 7), random.Next(2, 4)];
            int inputs = random.Next(1, 7), multiplier = random.Next(1, 3), channels = inputs * multiplier, taps = kernel[0] * kernel[1];
            int Zero() => random.Next(3) switch { 0 => -128, 1 => 127, _ => random.Next(-128, 128) };
            TfliteActivation activation = random.Next(3) == 0 ? TfliteActivation.RELU : TfliteActivation.NONE;
            Tensor x = SingleNode.Activation("x", [1, kernel[0], kernel[1], inputs], 0.05f, Zero()), y = SingleNode.Activation("y", [1, 1, 1, channels], 0.04f, Zero());
            float[] scales = [.. Enumerable.Range(0, channels).Select(_ => (float)Math.Pow(2, -12 + 12 * random.NextDouble()))];
            var weights = new Tensor
            {
                Name = "w", Type = TfliteType.INT8, Shape = [1, kernel[0], kernel[1], channels], Data = SingleNode.Bytes(SingleNode.Values(random, taps * channels)),
                Quantisation = new Quantisation(scales, new long[channels], 3),
            };
            Tensor bias = SingleNode.Int32("b", [.. Enumerable.Range(0, channels).Select(_ => random.Next(-20_000, 20_000))]);
            Node node = SingleNode.Node(
                BuiltinOperator.DEPTHWISE_CONV_2D, new DepthwiseConv2DOptions(TflitePadding.VALID, 1, 1, multiplier, activation, 1, 1), [x, weights, bias], y);
            PackResult packed = Packer.Pack(SingleNode.Lower(node), new Metadata(), int.MaxValue);
            GeneratedLibrary library = CSharpEmitter.Emit(packed);
            if (library.Files.Values.Any(f => f.Contains("Weights as arguments, ", StringComparison.Ordinal))) asArguments++;
            CompiledLibrary compiled = CompiledLibrary.Of(library);
            var runner = new ModelRunner(packed.Pack);
            for (int i = 0; i < 12; i++)
            {
                byte[][] values = [SingleNode.Bytes(SingleNode.Values(random, x.Count))];
                Assert.True(runner.Run(values)[0].AsSpan().SequenceEqual(compiled.Run(values)[0]), $"seed {seed}, input {i}: generated code differs from the kernel");
            }
        });
        Assert.True(asArguments > 20, $"only {asArguments} of 60 layers have their weights as arguments");
    }
}
