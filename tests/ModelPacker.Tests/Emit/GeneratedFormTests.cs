using System.Text.RegularExpressions;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>Single convolutions and fully connected layers in the forms that small code has, against the kernel.</summary>
public partial class GeneratedFormTests
{
    [Fact]
    public void Weights_that_share_a_long_are_taken_apart_in_images_with_any_padding()
    {
        var shared = new HashSet<string>();
        Seeds.ForAll(120, seed =>
        {
            var random = new Random(seed);
            int batch = random.Next(4) == 0 ? 2 : 1, stride = random.Next(1, 3), dilation = stride == 1 ? random.Next(1, 3) : 1, inputs = random.Next(1, 5), outputs = random.Next(3, 14);
            int[] size = [random.Next(1, 7), random.Next(1, 7)], kernel = [random.Next(1, 5), random.Next(1, 5)];
            int[] outSize = [(size[0] + stride - 1) / stride, (size[1] + stride - 1) / stride];
            int most = new[] { 127, 127, 63, 15, 7 }[random.Next(5)];
            Tensor x = SingleNode.Activation("x", [batch, .. size, inputs], 0.05f, Zero(random)), y = SingleNode.Activation("y", [batch, .. outSize, outputs], 0.04f, Zero(random));
            var options = new Conv2DOptions(TflitePadding.SAME, stride, stride, random.Next(3) == 0 ? TfliteActivation.RELU : TfliteActivation.NONE, dilation, dilation);
            Node node = SingleNode.Node(BuiltinOperator.CONV_2D, options, [x, Weights(random, [outputs, .. kernel, inputs], most, perChannel: true), Bias(random, outputs)], y);
            Match form = Shared().Match(AgreesWithKernel(node, random, seed));
            if (form.Success) shared.Add(form.Groups[1].Value);
        });
        Assert.Superset(new HashSet<string> { "6", "9", "12", "15" }, shared);
    }

    [Fact]
    public void Fully_connected_layers_with_one_scale_have_one_store_for_all_outputs()
    {
        int blocks = 0, channels = 0;
        Seeds.ForAll(120, seed =>
        {
            var random = new Random(seed);
            int inputs = random.Next(1, 200), outputs = random.Next(2, 24);
            Tensor x = SingleNode.Activation("x", [1, inputs], 0.05f, Zero(random)), y = SingleNode.Activation("y", [1, outputs], 0.04f, Zero(random));
            var options = new FullyConnectedOptions(random.Next(3) == 0 ? TfliteActivation.RELU : TfliteActivation.NONE);
            Node node = SingleNode.Node(BuiltinOperator.FULLY_CONNECTED, options, [x, Weights(random, [outputs, inputs], 127, perChannel: random.Next(4) == 0), Bias(random, outputs)], y);
            string text = AgreesWithKernel(node, random, seed);
            if (text.Contains("outputs a call;", StringComparison.Ordinal) && text.Contains("for (int i", StringComparison.Ordinal)) blocks++;
            if (text.Contains("whose sum begins at s0", StringComparison.Ordinal)) channels++;
        });
        Assert.True(blocks > 10 && channels > 10, $"{blocks} layers in blocks, {channels} channel by channel");
    }

    /// <summary>Where time is cheap a sum with constants is left to its kernel, which takes no more of them than the heap should.</summary>
    [Theory]
    [InlineData(Optimise.Speed)]
    [InlineData(Optimise.Size)]
    public void A_sum_with_more_constants_than_its_kernel_takes_is_code_at_any_rate(Optimise optimise)
    {
        var random = new Random(1);
        Tensor x = SingleNode.Activation("x", [1, 64, 96], 0.05f, 3), constants = SingleNode.Activation("c", [1, 64, 96], 0.02f, -5), y = SingleNode.Activation("y", [1, 64, 96], 0.06f, 1);
        constants.Data = SingleNode.Bytes(SingleNode.Values(random, constants.Count));
        AgreesWithKernel(SingleNode.Node(BuiltinOperator.ADD, new AddOptions(), [x, constants], y), random, 1, optimise);
    }

    [Fact]
    public void A_layer_in_blocks_with_many_outputs_is_divided_into_methods_that_fit()
    {
        var random = new Random(2);
        Tensor x = SingleNode.Activation("x", [1, 64], 0.05f, 0), y = SingleNode.Activation("y", [1, 512], 0.04f, 0);
        Node node = SingleNode.Node(BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptions(), [x, Weights(random, [512, 64], 127, perChannel: true), Bias(random, 512)], y);
        foreach (Optimise optimise in new[] { Optimise.Speed, Optimise.Size }) AgreesWithKernel(node, random, 2, optimise);
    }

    [Fact]
    public void No_product_is_larger_than_said_when_sums_are_lifted_by_less()
    {
        Seeds.ForAll(200, seed =>
        {
            var random = new Random(seed);
            Requantisation scale = Requantisation.From(Math.Pow(2, -14 + 12 * random.NextDouble()));
            long offset = random.Next(-300_000, 300_000), range = random.Next(1, 400_000), less = random.Next(0, 400_000);
            if (RequantiseForm.Derive(scale, offset, range, 0, -128, 127) is not { } form) return;
            RequantiseForm lifted = form.Lifting(less);
            foreach (long sum in new[] { -less, range - less })
                Assert.True(Math.Abs(sum * lifted.Multiplier + lifted.Addend) <= lifted.LargestProduct, $"seed {seed}: sum {sum}");
        });
    }

    private static int Zero(Random random) => random.Next(4) switch { 0 => -128, 1 => 127, 2 => 0, _ => random.Next(-128, 128) };

    private static Tensor Weights(Random random, int[] shape, int most, bool perChannel)
    {
        int count = shape.Aggregate((a, b) => a * b);
        sbyte[] values = [.. Enumerable.Range(0, count).Select(_ => random.Next(8) == 0 ? (sbyte)(random.Next(2) == 0 ? most : -most) : (sbyte)random.Next(-most, most + 1))];
        return SingleNode.Weights("w", shape, values, [.. Enumerable.Range(0, perChannel ? shape[0] : 1).Select(_ => (float)Math.Pow(2, -9 + 7 * random.NextDouble()))]);
    }

    private static Tensor Bias(Random random, int outputs) => SingleNode.Int32("b", [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-20_000, 20_000))]);

    private static string AgreesWithKernel(Node node, Random random, int seed, Optimise optimise = Optimise.Size)
    {
        PackResult packed = Packer.Pack(SingleNode.Lower(node), new Metadata(), int.MaxValue);
        GeneratedLibrary library = CSharpEmitter.Emit(packed, options: new CodeOptions { Optimise = optimise });
        CompiledLibrary compiled = CompiledLibrary.Of(library);
        for (int i = 0; i < compiled.Images.Count; i++) GeneratedZooTests.CheckLimits(compiled.Images[i], library.Assemblies[i]);
        var runner = new ModelRunner(packed.Pack);
        for (int i = 0; i < 8; i++)
        {
            byte[][] inputs = [SingleNode.Bytes(SingleNode.Values(random, packed.Model.Inputs[0].Place.Bytes))];
            if (i == 0) Array.Fill(inputs[0], (byte)(sbyte)(random.Next(2) * 255 - 128));
            Assert.True(runner.Run(inputs)[0].AsSpan().SequenceEqual(compiled.Run(inputs)[0]), $"seed {seed}, input {i}: generated code differs from the kernel");
        }

        return string.Concat(library.Files.Values);
    }

    [GeneratedRegex(@"Weights as arguments, (\d+) to a long")]
    private static partial Regex Shared();
}
