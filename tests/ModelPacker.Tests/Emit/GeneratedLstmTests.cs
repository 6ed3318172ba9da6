using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>LSTM layers as generated code against the kernel, which has tests of its own against the definition.</summary>
public class GeneratedLstmTests
{
    [Fact]
    public void An_lstm_as_code_gives_the_kernels_bytes_run_after_run()
    {
        Seeds.ForAll(80, seed => Agrees(seed, new CodeOptions()));
    }

    [Fact]
    public void In_tiles_or_in_a_loop_over_units_it_gives_the_same()
    {
        Seeds.ForAll(60, seed => Agrees(seed, new CodeOptions
        {
            Optimise = seed % 2 == 0 ? Optimise.Size : Optimise.Speed, WindowLocals = 3 + seed % 5, MethodIlBytes = 700 + seed % 3000, AssemblyIlBytes = 9000,
        }));
    }

    [Theory]
    [InlineData(300, 7)]
    [InlineData(90, 50)]
    public void Sums_too_wide_for_a_lane_and_layers_too_large_for_a_method_are_divided(int inputs, int units)
    {
        var random = new Random(inputs);
        (Node node, _) = LstmTests.Make(random, inputs, units);
        foreach (Tensor? weights in node.Inputs.Skip(1).Take(4)) weights!.Data = [.. weights.Data!.Select(b => (byte)((sbyte)b < 0 ? -127 : 127))];
        Agrees(node, random, new CodeOptions(), "extreme weights");
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void Onnx_form_runs_in_either_direction_as_code_and_as_a_kernel(bool reverse, bool asCode)
    {
        for (int seed = 0; seed < 6; seed++)
        {
            var random = new Random(seed);
            Node node = RecurrentBlockTests.Make(random, new LstmBlockOptions(reverse), 4, false, seed > 3);
            Agrees(node, random, asCode ? new CodeOptions() : new CodeOptions { CodeLayers = new HashSet<int>() }, $"seed {seed}", asCode);
        }
    }

    [Fact]
    public void Two_roundings_in_two_products_are_those_of_the_reference_for_every_sum()
    {
        Seeds.ForAll(60, seed =>
        {
            var random = new Random(seed);
            Requantisation scale = Requantisation.From(Math.Pow(2, -20 + 22 * random.NextDouble()));
            if (random.Next(8) == 0) scale = new Requantisation(1 << 30, -random.Next(0, 20));
            long low = -random.Next(0, 60_000), high = random.Next(0, 60_000), offset = -low + random.Next(100);
            int added = random.Next(-300, 50_000);
            if (RoundedScale.Of(scale, low, high, offset, added) is not { } form) return;
            for (long sum = low; sum <= high; sum++)
            {
                int expected = FixedPoint.Requantise((int)sum, scale.Multiplier, scale.Shift);
                Assert.True(form.Apply(sum + offset) == expected + added, $"seed {seed}: sum {sum} gives {form.Apply(sum + offset) - added}, not {expected}");
                Assert.InRange(expected, form.Low, form.High);
            }
        });
    }

    private static void Agrees(int seed, CodeOptions options)
    {
        var random = new Random(seed);
        (Node node, _) = LstmTests.Make(random);
        Agrees(node, random, options, $"seed {seed}");
    }

    private static void Agrees(Node node, Random random, CodeOptions options, string what, bool asCode = true)
    {
        PackResult packed = Packer.Pack(SingleNode.Lower(node), new Metadata(), int.MaxValue);
        GeneratedLibrary library = CSharpEmitter.Emit(packed, options: options);
        Assert.Equal(!asCode, library.Files.Values.Any(f => f.Contains("Kernels.Lstm.Run", StringComparison.Ordinal)));
        CompiledLibrary compiled = CompiledLibrary.Of(library);
        var runner = new ModelRunner(packed.Pack);
        int bytes = packed.Model.Inputs[0].Place.Bytes;
        for (int run = 0; run < 9; run++)
        {
            byte[] input = SingleNode.Bytes(SingleNode.Values(random, bytes));
            if (run == 6)
            {
                runner.Reset();
                compiled.Reset();
            }

            Assert.True(runner.Run([input])[0].AsSpan().SequenceEqual(compiled.Run([input])[0]), $"{what}, run {run}: generated code differs from the kernel");
        }
    }
}
