using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>Generated code against the device's plain kernels, on random models and inputs.</summary>
public class GeneratedPropertyTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Generated_code_equals_the_kernels_on_random_models(bool narrow, bool small)
    {
        Seeds.ForAll(120, seed => AgreesWithKernels(seed, narrow, small));
    }

    [Fact]
    public void One_multiplication_requantises_like_the_reference_for_every_sum()
    {
        Seeds.ForAll(80, seed =>
        {
            var random = new Random(seed);
            Requantisation scale = Requantisation.From(Math.Pow(2, -14 + 15 * random.NextDouble()));
            int rounding = scale.Shift < 0 ? random.Next(4) : 2;
            if (rounding == 0) scale = scale with { Shift = FixedPoint.Once + scale.Shift };
            if (rounding == 1) scale = new Requantisation(scale.Multiplier, FixedPoint.Down + scale.Shift).WithFraction(random.NextDouble());
            long offset = random.Next(-300_000, 100_000), range = random.Next(1, 400_000);
            int zero = random.Next(3) switch { 0 => -128, 1 => 127, _ => random.Next(-128, 128) };
            int min = random.Next(2) == 0 ? zero : random.Next(-128, 1), max = random.Next(2) == 0 ? 127 : random.Next(min, 128);
            RequantiseForm? form = RequantiseForm.Derive(scale, offset, range, zero, min, max, search: random.Next(4) > 0);
            if (form is null) return;
            for (long sum = 0; sum <= range; sum++)
            {
                int expected = Math.Clamp(FixedPoint.Requantise((int)(sum + offset), scale.Multiplier, scale.Shift) + zero, min, max);
                Assert.True(form.Widened().Apply(sum) == expected, $"seed {seed}: sum {sum} widened gives {form.Widened().Apply(sum)}, not {expected}");
                Assert.True(form.Apply(sum) == expected, $"seed {seed}: sum {sum} gives {form.Apply(sum)}, not {expected}");
                if (sum <= form.LowThreshold) Assert.Equal(min, expected);
            }
        });
    }

    /// <summary>Positions that the pooling leaves out are not walked over: random models have them too seldom.</summary>
    [Fact]
    public void A_pooling_that_leaves_rows_out_is_summed_in_blocks_like_the_kernels() => AgreesWithKernels(1175784181, narrow: true, small: false);

    [Fact]
    public void The_same_model_gives_the_same_text()
    {
        PackResult packed = RandomChain.Make(new Random(5));
        GeneratedLibrary first = CSharpEmitter.Emit(packed), second = CSharpEmitter.Emit(packed);
        Assert.Equal(first.Files.Select(f => f.Key + f.Value), second.Files.Select(f => f.Key + f.Value));
        Assert.Contains(first.Files.Keys, f => f.EndsWith(".nfproj", StringComparison.Ordinal));
    }

    /// <summary>
    /// narrow: limits so low that windows, methods and assemblies are divided even in small models; small: for little flash, so that
    /// weights are arguments wherever they can be.
    /// </summary>
    private static void AgreesWithKernels(int seed, bool narrow, bool small)
    {
        var random = new Random(seed);
        PackResult packed = RandomChain.Make(random);
        Optimise optimise = small || random.Next(3) == 0 ? Optimise.Size : Optimise.Speed;
        double exchange = random.Next(2) * 0.5;
        CodeOptions options = !narrow ? new CodeOptions { Optimise = optimise, TimePerFlash = exchange } : new CodeOptions
        {
            Optimise = optimise, TimePerFlash = exchange,
            WindowLocals = random.Next(3, 40), MethodLocals = random.Next(70, 120), MethodIlBytes = random.Next(700, 6000), AssemblyIlBytes = 9000,
            FusePooling = random.Next(3) > 0,
        };
        if (random.Next(3) == 0) options = options with { CodeLayers = Enumerable.Range(0, packed.Model.Layers.Count).Where(_ => random.Next(2) == 0).ToHashSet() };
        CompiledLibrary compiled = CompiledLibrary.Of(CSharpEmitter.Emit(packed, options: options));
        var runner = new ModelRunner(packed.Pack);
        for (int i = 0; i < 6; i++)
        {
            byte[][] inputs = [SingleNode.Bytes(SingleNode.Values(random, packed.Model.Inputs[0].Place.Bytes))];
            byte[][] expected = runner.Run(inputs), actual = compiled.Run(inputs);
            Assert.True(expected[0].AsSpan().SequenceEqual(actual[0]), $"seed {seed}, input {i}: generated code differs from the kernels");
        }
    }
}
