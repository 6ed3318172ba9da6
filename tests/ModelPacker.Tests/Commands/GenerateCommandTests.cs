using TinyAI.ModelPacker.Tests.Families;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Commands;

/// <summary>generate: texts out of the checked-in decoder, with the device's code.</summary>
public sealed class GenerateCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_text_goes_on_greedily_with_words_of_the_grammar()
    {
        Tool.Result result = Tool.Run("generate", TrainedGptFamily.PackFile, "--text", "lift the w");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("lift the wand ", result.Output);
        Assert.Equal(TrainedGptFamily.Shape.Length, result.Output.TrimEnd('\r', '\n').Length);
    }

    [Fact]
    public void Drawing_from_the_best_gives_the_same_text_for_the_same_seed_and_others_for_others()
    {
        string Text(int seed) => Tool.Run("generate", TrainedGptFamily.PackFile, "--best", "5", "--seed", seed.ToString(), "--count", "40").Output;
        Assert.Equal(Text(3), Text(3));
        Assert.True(Enumerable.Range(1, 6).Select(Text).Distinct().Count() > 3);
        Assert.All(Enumerable.Range(1, 6).Select(Text), t => Assert.Equal(40, t.TrimEnd('\r', '\n').Length));
    }

    [Theory]
    [InlineData("does not know the character \"Ä\"", "--text", "lift Ä")]
    [InlineData("--text is longer than", "--text", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("--best must be", "--best", "0")]
    [InlineData("--temperature must be", "--temperature", "0")]
    [InlineData("--temperature must be", "--temperature", "NaN")]
    [InlineData("--count must be", "--count", "-1")]
    public void What_cannot_be_meant_is_refused(string words, params string[] options)
    {
        Tool.Result result = Tool.Run(["generate", TrainedGptFamily.PackFile, .. options]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(words, result.Error);
    }

    [Fact]
    public void A_pack_that_is_no_decoder_is_refused()
    {
        string pack = _folder.File("m.tai");
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        Assert.Equal(0, Tool.Run("pack", _folder.File("m.tflite"), "-o", pack).ExitCode);
        Tool.Result result = Tool.Run("generate", pack);
        Assert.Equal((2, true), (result.ExitCode, result.Error.Contains("no cache")));
        Assert.Contains("is no pack", Tool.Run("generate", _folder.File("m.tflite")).Error);
    }

    public void Dispose() => _folder.Dispose();
}
