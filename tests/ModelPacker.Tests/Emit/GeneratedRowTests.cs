using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>Softmax and mean as generated code against the kernels, which have tests of their own against the definition.</summary>
public class GeneratedRowTests
{
    [Fact]
    public void A_softmax_as_code_gives_the_kernels_bytes()
    {
        var forms = new Dictionary<string, int> { ["looked up"] = 0, ["computed"] = 0, ["kernel"] = 0 };
        Seeds.ForAll(80, seed =>
        {
            var random = new Random(seed);
            int rows = random.Next(3) == 0 ? random.Next(2, 5) : 1, length = random.Next(1, random.Next(2) == 0 ? 17 : 65);
            Tensor x = SingleNode.Activation("x", [rows, length], (float)Math.Pow(2, random.NextDouble() * 13 - 11), random.Next(-128, 128));
            Tensor y = SingleNode.Activation("y", [rows, length], 1f / 256, -128);
            string code = AgreesWithKernel(SingleNode.Node(BuiltinOperator.SOFTMAX, new SoftmaxOptions(1), [x], y), random, seed, Math.Pow(60, random.NextDouble()));
            forms[code.Contains("Exponential0", StringComparison.Ordinal) ? "looked up" : code.Contains("ExpOnNegative", StringComparison.Ordinal) ? "computed" : "kernel"]++;
        });
        Assert.All(forms, f => Assert.True(f.Value > 0, $"only {f.Value} of the rows are {f.Key}"));
    }

    [Fact]
    public void A_mean_as_code_gives_the_kernels_bytes()
    {
        Seeds.ForAll(60, seed =>
        {
            var random = new Random(seed);
            int[] shape = [random.Next(1, 3), random.Next(1, 5), random.Next(1, 5), random.Next(1, 9)];
            bool[] reduced = [random.Next(4) == 0, random.Next(2) == 0, true, random.Next(4) == 0];
            int[] axes = [.. Enumerable.Range(0, 4).Where(d => reduced[d])], kept = [.. Enumerable.Range(0, 4).Select(d => reduced[d] ? 1 : shape[d])];
            Tensor x = SingleNode.Activation("x", shape, 0.05f, Zero(random)), y = SingleNode.Activation("y", kept, (float)(0.02 + 0.1 * random.NextDouble()), Zero(random));
            BuiltinOperator op = random.Next(2) == 0 ? BuiltinOperator.MEAN : BuiltinOperator.SUM;
            AgreesWithKernel(SingleNode.Node(op, new ReducerOptions(true), [x, SingleNode.Int32("axes", axes)], y), random, seed);
        });
    }

    private static int Zero(Random random) => random.Next(3) switch { 0 => -128, 1 => 127, _ => random.Next(-128, 128) };

    private static string AgreesWithKernel(Node node, Random random, int seed, double exchange = 0)
    {
        PackResult packed = Packer.Pack(SingleNode.Lower(node), new Metadata(), int.MaxValue);
        GeneratedLibrary library = CSharpEmitter.Emit(packed, options: new CodeOptions { TimePerFlash = exchange });
        CompiledLibrary compiled = CompiledLibrary.Of(library);
        var runner = new ModelRunner(packed.Pack);
        for (int i = 0; i < 8; i++)
        {
            byte[][] inputs = [SingleNode.Bytes(SingleNode.Values(random, packed.Model.Inputs[0].Place.Bytes))];
            if (i == 0) Array.Fill(inputs[0], (byte)(sbyte)random.Next(-128, 128));
            Assert.True(runner.Run(inputs)[0].AsSpan().SequenceEqual(compiled.Run(inputs)[0]), $"seed {seed}, input {i}: generated code differs from the kernel");
        }

        return string.Concat(library.Files.Values);
    }
}
