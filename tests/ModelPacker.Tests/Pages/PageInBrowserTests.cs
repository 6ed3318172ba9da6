using TinyAI.ModelPacker.Commands;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Power;
using TinyAI.ModelPacker.Reports;
using TinyAI.ModelPacker.Tests.Power;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Pages;

/// <summary>The pages in a real browser, as wide as a screen and as narrow as a telephone.</summary>
public sealed class PageInBrowserTests : IDisposable
{
    private const int Wide = 1280, Narrow = 400;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Wide)]
    [InlineData(Narrow)]
    public void A_report_of_the_gesture_model_is_laid_out_without_overlap(int width) => Check(Gesture(), width, 120);

    [Theory]
    [InlineData("mlperf_ic_resnet8", Wide)]
    [InlineData("tinyhar_cnn_attention", Wide)]
    [InlineData("tinyhar_cnn_attention", Narrow)]
    [InlineData("mlperf_sww_streaming_wakeword", Narrow)]
    public void Reports_of_larger_models_are_laid_out_without_overlap(string name, int width)
    {
        byte[] model = File.ReadAllBytes(Path.Combine(SharedFolder.ZooOrSkip(), "models", name + ".tflite"));
        Check(ReportPage.Write(ModelReport.Of(block => Packer.Pack(model, name, null, block))), width, 150);
    }

    [Theory]
    [InlineData(Wide)]
    [InlineData(Narrow)]
    public void A_report_of_a_pack_alone_is_laid_out_without_overlap(int width) =>
        Check(ReportPage.Write(ModelReport.Of(Packer.Pack(SmallModels.Convolution(16, 2, 3), "small").Pack)), width, 60);

    [Theory]
    [InlineData(Wide)]
    [InlineData(Narrow)]
    public void A_power_analysis_is_laid_out_without_overlap(int width)
    {
        string capture = _folder.File("capture.ppk2");
        new Waveform(100_000).Cycle().Cycle(63).Cycle(61).Piece(12, 10).WritePpk2(capture);
        Check(PowerPage.Write("capture.ppk2", PowerAnalysis.Run(() => CaptureFile.Open(capture), new PowerOptions { Volts = 3.3 })), width, 60);
    }

    [Fact]
    public void The_picture_in_the_documentation_is_a_report_of_the_gesture_model()
    {
        string path = Path.Combine(RepositoryFolder.Path, "docs", "images", "report.png");
        if (Environment.GetEnvironmentVariable("TINYAI_UPDATE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, Browser.Picture(Gesture(), 1040, 1330));
        }

        byte[] picture = File.ReadAllBytes(path);
        Assert.True(picture.AsSpan(1, 3).SequenceEqual("PNG"u8));
        Assert.InRange(picture.Length, 20_000, 200_000);
    }

    private static byte[] Gesture()
    {
        byte[] model = ModelFile.Read(DemoCommand.ModelPath);
        Metadata about = ModelFile.MetadataFor(DemoCommand.ModelPath, null);
        return ReportPage.Write(ModelReport.Of(block => Packer.Pack(model, "gesture", about, block)));
    }

    private static void Check(byte[] page, int width, int texts)
    {
        Browser.Layout layout = Browser.Open(page, width);
        Assert.Equal(width, layout.WindowWidth);
        Assert.True(layout.PageWidth <= width, $"The page is {layout.PageWidth} pixels wide.");
        Assert.InRange(layout.Texts, texts, int.MaxValue);
        Assert.Empty(layout.Overlaps);
        Assert.Empty(layout.Faint);
    }
}
