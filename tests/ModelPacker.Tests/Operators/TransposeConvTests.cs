using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Reference;

namespace TinyAI.ModelPacker.Tests.Operators;

/// <summary>TRANSPOSE_CONV against the scattering form of the reference.</summary>
public class TransposeConvTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Gathering_equals_scattering(int seed)
    {
        var random = new Random(seed);
        Case c = Case.Make(random);
        foreach (ModelRunner runner in SingleNode.Runners(c.Node))
        {
            sbyte[] x = SingleNode.Values(random, c.Node.Input(2).Count);
            Assert.Equal(c.Expected(x), SingleNode.Signed(runner.Run([SingleNode.Bytes(x)])[0]));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Parts_of_rows_and_channels_give_the_same_as_the_whole(int seed)
    {
        var random = new Random(seed);
        Case c = Case.Make(random);
        Layer layer = SingleNode.Lower(c.Node).Layers[0];
        sbyte[] x = SingleNode.Values(random, c.Node.Input(2).Count), y = new sbyte[c.Node.Output.Count + 1];
        foreach ((int rowFrom, int rowTo) in SingleNode.Cuts(random, layer.Rows))
        {
            foreach ((int from, int to) in SingleNode.Cuts(random, c.Node.Output.Shape[3]))
                TransposeConv2D.Run(layer.Parameters, [1, 1, .. x], 2, y, 1, layer.Weights, from * layer.BlockBytes, from, to, rowFrom, rowTo);
        }

        Assert.Equal(c.Expected(x), y[1..]);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Node With(Action<Node> change)
        {
            Node node = Case.Make(new Random(4)).Node;
            change(node);
            return node;
        }

        Assert.Contains("asks for another shape", SingleNode.Refusal(With(n => n.Inputs[0] = SingleNode.Int32("s", 1, 2, 3, 4))));
        Assert.Contains("stride", SingleNode.Refusal(With(n => n.Options = new TransposeConvOptions(StrideH: 0))));
        Assert.Contains("TANH is not supported", SingleNode.Refusal(With(n => n.Options = new TransposeConvOptions(Activation: TfliteActivation.TANH))));
        Assert.Contains("has shape", SingleNode.Refusal(With(n => n.Input(2).Shape = [.. n.Input(2).Shape[..3], 77])));
        Assert.Contains("constants of int32", SingleNode.Refusal(With(n => n.Inputs[3] = SingleNode.Int32("b", new int[99]))));
    }

    private sealed record Case(Node Node, sbyte[] Weights, int[]? Bias, float[] Scales, int PadTop, int PadLeft)
    {
        public static Case Make(Random random)
        {
            int[] x = [random.Next(1, 3), random.Next(1, 5), random.Next(1, 5), random.Next(1, 4)];
            int channels = random.Next(1, 5), kernelH = random.Next(1, 5), kernelW = random.Next(1, 5), strideH = random.Next(1, 4), strideW = random.Next(1, 4);
            bool same = random.Next(2) == 0;
            int[] y =
            [
                x[0], same ? Math.Max(x[1] * strideH - random.Next(strideH), 1) : (x[1] - 1) * strideH + kernelH + random.Next(2),
                same ? Math.Max(x[2] * strideW - random.Next(strideW), 1) : (x[2] - 1) * strideW + kernelW + random.Next(2), channels,
            ];
            float[] scales = [.. Enumerable.Range(0, random.Next(2) == 0 ? 1 : channels).Select(_ => (float)(0.002 + 0.02 * random.NextDouble()))];
            sbyte[] weights = SingleNode.Values(random, channels * kernelH * kernelW * x[3]);
            int[]? bias = random.Next(3) == 0 ? null : [.. Enumerable.Range(0, channels).Select(_ => random.Next(-9999, 9999))];
            Node node = SingleNode.Node(
                BuiltinOperator.TRANSPOSE_CONV,
                new TransposeConvOptions(same ? TflitePadding.SAME : TflitePadding.VALID, strideW, strideH, random.Next(2) == 0 ? TfliteActivation.NONE : TfliteActivation.RELU6),
                [
                    SingleNode.Int32("shape", y), SingleNode.Weights("w", [channels, kernelH, kernelW, x[3]], weights, scales),
                    SingleNode.Activation("x", x, 0.05f, random.Next(-128, 128)),
                ],
                SingleNode.Activation("y", y, 0.07f, random.Next(-128, 100)));
            if (bias is not null) node.Inputs.Add(SingleNode.Int32("b", bias));
            int Pad(int size, int kernel, int stride) => same ? Math.Max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size) / 2 : 0;
            return new Case(node, weights, bias, scales, Pad(y[1], kernelH, strideH), Pad(y[2], kernelW, strideW));
        }

        public sbyte[] Expected(sbyte[] x)
        {
            Tensor input = Node.Input(2), output = Node.Output;
            var options = (TransposeConvOptions)Node.Options!;
            bool relu6 = options.Activation == TfliteActivation.RELU6;
            int min = relu6 ? output.ZeroPoint : -128, max = relu6 ? Math.Min(127, output.ZeroPoint + (int)Math.Round(6f / 0.07f)) : 127;
            double[] scales = [.. Enumerable.Range(0, output.Shape[3]).Select(c => (double)0.05f * (double)Scales[Scales.Length == 1 ? 0 : c] / (double)0.07f)];
            return MatrixReference.TransposeConv(
                x, input.Shape, input.ZeroPoint, Weights, Node.Input(1).Shape, Bias, scales, output.Shape, output.ZeroPoint,
                options.StrideH, options.StrideW, PadTop, PadLeft, min, max);
        }
    }
}
