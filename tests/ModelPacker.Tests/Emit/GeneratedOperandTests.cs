using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>Operators of two inputs as generated code, one of them a constant or both computed, against the session's kernels.</summary>
public class GeneratedOperandTests
{
    [Theory]
    [InlineData(0, "constants, ")]
    [InlineData(1, "constants, ")]
    [InlineData(2, "Sums of ")]
    public void A_product_of_matrices_gives_the_kernels_bytes(int constant, string form)
    {
        Check(form, random =>
        {
            int rows = random.Next(1, 9), depth = random.Next(1, 30), columns = random.Next(1, 12);
            bool transposed = random.Next(2) == 0, transposed2 = random.Next(2) == 0;
            int batches = random.Next(4) == 0 ? 2 : 1;
            Tensor a = Operand(random, "a", [batches, transposed ? depth : rows, transposed ? rows : depth]);
            Tensor b = Operand(random, "b", [batches, transposed2 ? columns : depth, transposed2 ? depth : columns]);
            if (constant < 2) MakeConstant(random, constant == 0 ? a : b);
            Tensor y = SingleNode.Activation("y", [batches, rows, columns], (float)(0.02 * Math.Sqrt(depth) * (0.5 + random.NextDouble())), Zero(random));
            return SingleNode.Node(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(transposed, transposed2), [a, b], y);
        });
    }

    [Fact]
    public void Packed_weights_as_arguments_give_the_kernels_bytes()
    {
        Check("Weights as arguments, those of", random =>
        {
            int inputs = random.Next(40, 200), outputs = random.Next(2, 17);
            Tensor weights = SingleNode.Weights("w", [outputs, inputs], SingleNode.Values(random, inputs * outputs), 0.01f);
            Tensor bias = SingleNode.Int32("b", [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-60000, 60000))]);
            Tensor y = SingleNode.Activation("y", [1, outputs], (float)(0.002 * Math.Sqrt(inputs) * (0.5 + random.NextDouble())), Zero(random));
            return SingleNode.Node(BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptions(), [Operand(random, "x", [1, inputs]), weights, bias], y);
        }, 30);
    }

    [Theory]
    [InlineData(BuiltinOperator.ADD)]
    [InlineData(BuiltinOperator.SUB)]
    public void A_sum_with_constants_gives_the_kernels_bytes(BuiltinOperator op)
    {
        Check("constants in addends", random => Elementwise(random, op));
    }

    [Theory]
    [InlineData(BuiltinOperator.MUL)]
    [InlineData(BuiltinOperator.MAXIMUM)]
    [InlineData(BuiltinOperator.SQUARED_DIFFERENCE)]
    public void A_kernel_reads_constants_from_an_array(BuiltinOperator op)
    {
        Check("sbyte[] _c0;", random => Elementwise(random, op));
    }

    private static Node Elementwise(Random random, BuiltinOperator op)
    {
        int[] shape = [random.Next(1, 4), random.Next(1, 6), random.Next(1, 8)];
        int[] small = random.Next(4) switch { 0 => [1], 1 => [shape[2]], 2 => [shape[1], 1], _ => shape };
        Tensor a = Operand(random, "a", shape), b = Operand(random, "b", small);
        if (op == BuiltinOperator.MAXIMUM) b.Quantisation = a.Quantisation;
        MakeConstant(random, b);
        Tensor y = op == BuiltinOperator.MAXIMUM ? SingleNode.Activation("y", shape, a.Scale, a.ZeroPoint) : Operand(random, "y", shape);
        return SingleNode.Node(op, null, random.Next(2) == 0 ? [a, b] : [b, a], y);
    }

    private static Tensor Operand(Random random, string name, int[] shape) => SingleNode.Activation(name, shape, (float)(0.01 + 0.05 * random.NextDouble()), Zero(random));

    private static void MakeConstant(Random random, Tensor tensor) => tensor.Data = SingleNode.Bytes(SingleNode.Values(random, tensor.Count));

    private static int Zero(Random random) => random.Next(4) switch { 0 => -128, 1 => 127, 2 => 0, _ => random.Next(-128, 128) };

    /// <summary>Compares on random models; some of those that exchange time and flash as said must have the form that a remark names.</summary>
    private static void Check(string form, Func<Random, Node> node, double timePerFlash = 0)
    {
        int formed = 0, said = 0;
        Seeds.ForAll(60, seed =>
        {
            var random = new Random(seed);
            PackResult packed = Packer.Pack(SingleNode.Lower(node(random)), new Metadata(), int.MaxValue);
            bool asSaid = random.Next(3) > 0;
            GeneratedLibrary library = CSharpEmitter.Emit(packed, options: new CodeOptions { TimePerFlash = asSaid ? timePerFlash : 40 - timePerFlash });
            if (asSaid) said++;
            if (asSaid && library.Files.Values.Any(f => f.Contains(form, StringComparison.Ordinal))) formed++;
            CompiledLibrary compiled = CompiledLibrary.Of(library);
            var runner = new ModelRunner(packed.Pack);
            for (int i = 0; i < 8; i++)
            {
                byte[][] inputs = [.. packed.Model.Inputs.Select(input => SingleNode.Bytes(SingleNode.Values(random, input.Place.Bytes)))];
                if (i == 0) Array.Fill(inputs[0], (byte)(sbyte)(random.Next(2) * 255 - 128));
                Assert.True(runner.Run(inputs)[0].AsSpan().SequenceEqual(compiled.Run(inputs)[0]), $"seed {seed}, input {i}: generated code differs from the kernel");
            }
        });
        Assert.True(10 * formed > said, $"{formed} of {said} models have the form");
    }
}
