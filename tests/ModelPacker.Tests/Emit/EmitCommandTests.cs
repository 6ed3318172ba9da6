using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>pack --emit csharp, as a user calls it, and the class that an application sees.</summary>
public sealed class EmitCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Emitting_writes_a_project_that_names_exactly_the_sources_beside_it()
    {
        File.WriteAllBytes(_folder.File("tiny-net.tflite"), SmallModels.Convolution(6, 2, 5));
        Tool.Result result = Tool.Run("pack", _folder.File("tiny-net.tflite"), "--emit", "csharp", _folder.File("out"), "--json");
        Assert.Equal(0, result.ExitCode);
        JsonElement code = JsonDocument.Parse(result.Output).RootElement.GetProperty("code");
        Assert.True(code.GetProperty("flashBytes").GetInt32() > code.GetProperty("ilBytes").GetInt32());
        XNamespace ns = "http://schemas.microsoft.com/developer/msbuild/2003";
        XDocument project = XDocument.Load(Path.Combine(_folder.File("out"), "TinyNet.nfproj"));
        var compiled = project.Descendants(ns + "Compile").Select(c => c.Attribute("Include")!.Value).Order(StringComparer.Ordinal);
        Assert.Equal(Directory.GetFiles(_folder.File("out"), "*.cs").Select(Path.GetFileName).Order(StringComparer.Ordinal), compiled);
        Assert.Contains(XDocument.Load(Path.Combine(_folder.File("out"), "packages.config")).Descendants("package"), p => p.Attribute("targetFramework")!.Value == "netnano1.0");
    }

    [Theory]
    [InlineData("--emit", "fortran", "out", "--emit fortran is not known")]
    [InlineData("--max-code-bytes", "100", "", "more than the 100 allowed")]
    [InlineData("--code", "7-9", "", "--code 7-9 names no layers of this pack")]
    public void What_cannot_be_emitted_ends_in_a_sentence_and_exit_code_2(string option, string value, string folder, string sentence)
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        string[] emit = option == "--emit" ? [option, value, _folder.File(folder)] : ["--emit", "csharp", _folder.File("out"), option, value];
        Tool.Result result = Tool.Run(["pack", _folder.File("m.tflite"), .. emit]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(sentence, result.Error);
        Assert.False(Directory.Exists(_folder.File("out")));
    }

    [Fact]
    public void A_layer_without_a_generated_form_calls_its_kernel_with_weights_on_the_heap()
    {
        string model = Path.Combine(SharedFolder.ZooOrSkip(), "models", "armzoo_dscnn_s_int16x8.tflite");
        JsonElement[] layers = [.. Code("pack", model, "--emit", "csharp", _folder.File("out"), "--json").GetProperty("layers").EnumerateArray()];
        Assert.Contains("CONV_2D", layers[2].GetProperty("operator").GetString());
        Assert.Equal("kernel", layers[2].GetProperty("chosen").GetString());
        Assert.Equal(JsonValueKind.Null, layers[2].GetProperty("code").ValueKind);
        Assert.True(layers[2].GetProperty("kernel").GetProperty("heapBytes").GetInt32() > 5000);
    }

    [Fact]
    public void Steps_that_only_code_divides_a_layer_into_are_one_layer_of_the_account()
    {
        string model = Path.Combine(SharedFolder.ZooOrSkip(), "models", "tflm_keyword_scrambled_svdf_8bit.tflite");
        JsonElement[] layers = [.. Code("pack", model, "--emit", "csharp", _folder.File("out"), "--json").GetProperty("layers").EnumerateArray()];
        Assert.Equal(15, layers.Length);
        Assert.Contains("SVDF", layers[1].GetProperty("operator").GetString());
        Assert.Equal("code", layers[1].GetProperty("chosen").GetString());
        Assert.InRange(layers[1].GetProperty("code").GetProperty("heapBytes").GetInt32(), 0, 1000);
    }

    [Fact]
    public void The_user_says_which_layers_are_code_and_sees_what_either_form_takes()
    {
        string model = Path.Combine(SharedFolder.ZooOrSkip(), "models", "tinymaix_mnist_valid_q.tflite");
        JsonElement code = Code("pack", model, "--emit", "csharp", _folder.File("out"), "--code", "0,2-4", "--json");
        JsonElement[] layers = [.. code.GetProperty("layers").EnumerateArray()];
        Assert.Equal(["code", "kernel", "code"], layers.Take(3).Select(l => l.GetProperty("chosen").GetString()));
        foreach (JsonElement layer in layers.Take(3))
        {
            JsonElement own = layer.GetProperty("code"), kernel = layer.GetProperty("kernel");
            Assert.True(own.GetProperty("milliseconds").GetDouble() < kernel.GetProperty("milliseconds").GetDouble() / 3, layer.ToString());
            Assert.True(kernel.GetProperty("heapBytes").GetInt32() > own.GetProperty("heapBytes").GetInt32());
        }

        JsonElement none = Code("pack", model, "--emit", "csharp", _folder.File("none"), "--code", "none", "--json");
        Assert.True(none.GetProperty("heapBytes").GetInt32() > code.GetProperty("heapBytes").GetInt32());
        Assert.True(none.GetProperty("milliseconds").GetDouble() > 2 * code.GetProperty("milliseconds").GetDouble());
    }

    [Fact]
    public void Too_little_flash_for_all_code_leaves_the_layers_that_gain_least_to_kernels()
    {
        string model = Path.Combine(SharedFolder.ZooOrSkip(), "models", "nanguoyu_magic_wand_imu6.tflite");
        JsonElement code = Code("pack", model, "--emit", "csharp", _folder.File("out"), "--max-code-bytes", "16000", "--json");
        Assert.InRange(code.GetProperty("flashBytes").GetInt32(), 1, 16000);
        string[] chosen = [.. code.GetProperty("layers").EnumerateArray().Where(l => l.GetProperty("code").ValueKind == JsonValueKind.Object).Select(l => l.GetProperty("chosen").GetString()!)];
        Assert.Contains("code", chosen);
        Assert.Equal("kernel", chosen[^1]);
    }

    private static JsonElement Code(params string[] arguments)
    {
        Tool.Result result = Tool.Run(arguments);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement.GetProperty("code");
    }

    [Fact]
    public void Small_constants_give_every_count_the_value_of_the_packs_integers()
    {
        int narrow = 0;
        Seeds.ForAll(40, seed =>
        {
            var random = new Random(seed);
            double slope = Math.Pow(2, random.Next(2) == 0 ? -random.Next(0, 12) : 3 - 14 * random.NextDouble());
            var channel = new SensorChannel { Name = "a", CountsPerUnit = random.Next(4) == 0 ? -1 / slope : 1 / slope, Offset = random.Next(-200, 200) * random.NextDouble() };
            (int multiplier, int shift, long offset) = channel.ToIntegers(1, random.Next(-128, 128));
            CountsWriter.Formula formula = CountsWriter.Formula.Of((multiplier, shift, offset));
            if (!formula.IsWide) narrow++;
            for (int counts = short.MinValue; counts <= short.MaxValue; counts++)
            {
                long expected = Math.Clamp((counts * (long)multiplier + offset) >> shift, sbyte.MinValue, sbyte.MaxValue);
                Assert.True(Math.Clamp(formula.Apply((short)counts), sbyte.MinValue, sbyte.MaxValue) == expected, $"seed {seed}: {counts} counts");
            }
        });
        Assert.True(narrow > 20, $"only {narrow} of 40 need 32 bits");
    }

    /// <summary>Factors that differ by channel; powers of two, alike in threes; negative ones; one for all that needs 64 bits.</summary>
    [Theory]
    [InlineData("4096 4196 4296 4396 4496 4596", 8)]
    [InlineData("4096 4096 4096 1024 1024 1024", 8)]
    [InlineData("4096 -4096 4096 -900 900 900", 8)]
    [InlineData("51.7 51.7 51.7 51.7 51.7 51.7", 0.001)]
    public void Classify_takes_raw_counts_and_answers_like_the_pack(string countsPerUnit, double divisor)
    {
        string model = Path.Combine(SharedFolder.ZooOrSkip(), "models", "nanguoyu_magic_wand_imu6.tflite");
        SensorChannel[] channels = [.. countsPerUnit.Split(' ').Select((c, i) => new SensorChannel { Name = $"{(char)('a' + i)}", CountsPerUnit = double.Parse(c, CultureInfo.InvariantCulture), Offset = 4, Divisor = divisor })];
        var metadata = new Metadata { Name = "wand", Labels = ["one", "two words", "2nd", "two-words", "é"], Input = new SensorInput { Window = 119, Channels = channels } };
        PackResult packed = Packer.Pack(File.ReadAllBytes(model), "wand", metadata);
        CompiledLibrary compiled = CompiledLibrary.Of(CSharpEmitter.Emit(packed, metadata));
        var classifier = new WindowClassifier(packed.Pack);
        var random = new Random(11);
        var seen = new HashSet<int>();
        for (int i = 0; i < 40; i++)
        {
            int amplitude = 1 << random.Next(divisor < 1 ? 1 : 8, 16);
            short[] window = [.. Enumerable.Range(0, 714).Select(_ => (short)Math.Clamp(random.Next(-amplitude, amplitude), short.MinValue, short.MaxValue))];
            int expected = classifier.Classify(window).Index;
            object label = compiled.Call("Classify", window)!;
            Assert.Equal(expected, (int)label);
            Assert.Equal(new[] { "One", "TwoWords", "Class2Nd", "TwoWords_3", "Class" }[expected], label.ToString());
            seen.Add(expected);
        }

        Assert.True(seen.Count > 1, "the windows must not all be of one class");
    }
}
