using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Reports;

public sealed class ReportCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_model_and_its_pack_each_give_a_page_that_needs_no_network()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.Convolution(16, 2, 3));
        Assert.Equal(0, Tool.Run("pack", _folder.File("m.tflite"), "-o", _folder.File("m.tai")).ExitCode);
        foreach (string source in new[] { "m.tflite", "m.tai" })
        {
            Tool.Result result = Tool.Run("report", _folder.File(source), "-o", _folder.File("page.html"));
            Assert.Equal("", result.Error);
            Assert.Equal(0, result.ExitCode);
            string page = File.ReadAllText(_folder.File("page.html"));
            foreach (string part in new[] { "Boards", "Layers", "Memory over time", "Number ranges", "Conv2D", "esp32-s3" }) Assert.Contains(part, page);
            foreach (string foreign in new[] { "http", "<script", "<link", "@import", "url(" }) Assert.DoesNotContain(foreign, page);
        }
    }

    [Fact]
    public void A_model_too_large_for_a_board_is_reported_with_the_reason()
    {
        File.WriteAllBytes(_folder.File("big.tflite"), SmallModels.Convolution(160, 1, 4));
        Tool.Result result = Tool.Run("report", _folder.File("big.tflite"), "-o", _folder.File("page.html"));
        Assert.Equal(0, result.ExitCode);
        string page = File.ReadAllText(_folder.File("page.html"));
        Assert.Contains("does not fit", page);
        Assert.Contains("102,400 bytes", page);
    }

    [Fact]
    public void Names_of_a_model_cannot_bring_markup_into_the_page()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        File.WriteAllText(_folder.File("m.json"), """{ "name": "<img src=x onerror=alert(1)>", "labels": ["<b>a", "b", "c", "d"] }""");
        Assert.Equal(0, Tool.Run("report", _folder.File("m.tflite"), "-o", _folder.File("page.html")).ExitCode);
        string page = File.ReadAllText(_folder.File("page.html"));
        Assert.DoesNotContain("<img", page);
        Assert.DoesNotContain("<b>a", page);
        Assert.Contains("&lt;img", page);
    }

    [Fact]
    public void A_file_that_is_no_model_leaves_no_page()
    {
        File.WriteAllText(_folder.File("text.tflite"), "this is not a model");
        Tool.Result result = Tool.Run("report", _folder.File("text.tflite"), "-o", _folder.File("page.html"));
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith("error: ", result.Error);
        Assert.False(File.Exists(_folder.File("page.html")));
    }
}
