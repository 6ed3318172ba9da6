using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Commands;

public sealed class SensorCsvTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1,2\n3,4\n")]
    [InlineData("1,2\r\n3,4\r\n")]
    [InlineData("\uFEFFx,y\n1,2\n3,4")]
    [InlineData("\uFEFF1,2\n3,4")]
    [InlineData("# from the left hand\n\nx,y\n1,2\n3,4\n")]
    [InlineData("x;y\n1;2\n3;4;\n")]
    [InlineData("1\t2\n3 \t 4\n")]
    [InlineData("  1  2\n3 4\n")]
    public void Rows_are_read_in_every_common_form(string text)
    {
        List<double[]> recording = Assert.Single(Read(text, 2));
        Assert.Equal([[1, 2], [3, 4]], recording);
    }

    [Fact]
    public void A_line_of_dashes_ends_a_recording()
    {
        List<List<double[]>> recordings = Read("1,2\n-,-\n3,4\n5,6\n", 2);
        Assert.Equal([1, 2], recordings.Select(r => r.Count));
    }

    [Theory]
    [InlineData("1,2\n3,NaN\n", "Line 2")]
    [InlineData("1,2\n3,1e999\n", "Line 2")]
    [InlineData("1,2\n3,,4\n", "Line 2")]
    [InlineData("1,2\n,4\n", "Line 2")]
    [InlineData("1,2\n3\n", "1 values")]
    [InlineData("1,2\n3,4,5\n", "3 values")]
    [InlineData("x,y\nx,y\n1,2\n", "Line 2")]
    [InlineData("1,5;2,5\n1,5;2,5\n", "Line 2")]
    [InlineData("", "no rows")]
    [InlineData("x,y\n", "no rows")]
    public void A_line_that_is_no_row_is_named_rather_than_guessed_at(string text, string mentions) =>
        Assert.Contains(mentions, Assert.Throws<ModelFormatException>(() => Read(text, 2)).Message);

    private List<List<double[]>> Read(string text, int channels)
    {
        File.WriteAllText(_folder.File("rows.csv"), text);
        return SensorCsv.Read(_folder.File("rows.csv"), channels);
    }
}
