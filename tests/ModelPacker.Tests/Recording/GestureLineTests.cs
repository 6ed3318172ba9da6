using TinyAI.Boards;
using TinyAI.ModelPacker.Commands;
using TinyAI.ModelPacker.Demo;
using TinyAI.ModelPacker.Recording;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Recording;

public sealed class GestureLineTests
{
    [Fact]
    public void Lines_are_read_as_the_protocol_tells_them()
    {
        Assert.Equal(new GestureLine.Head(1, 100, 6, 119, "a,b"), GestureLine.Parse("m-stream-[1,100,6,119,a,b]"));
        Assert.Equal(new GestureLine.Window(122, -1, 310), GestureLine.Parse("w-122,-1,310"));
        Assert.Equal(new GestureLine.Decision(126, 4, 2, "Revelio, or so"), GestureLine.Parse("d-126,4,2,Revelio, or so"));
        Assert.Equal(new GestureLine.Decision(126, -1, 0, ""), GestureLine.Parse("d-126,-1,0,"));
        Assert.Equal(new GestureLine.Fault("No answer"), GestureLine.Parse("e-[No answer]"));
        Assert.Equal(new GestureLine.Answer("m-ready"), GestureLine.Parse("m-ready"));
        var row = Assert.IsType<GestureLine.Row>(GestureLine.Parse("s-7,-32768,0,32767"));
        Assert.Equal(7, row.Number);
        Assert.Equal([-32768, 0, 32767], row.Counts.Select(c => (int)c));
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("s-")]
    [InlineData("s-1")]
    [InlineData("s--1,2")]
    [InlineData("s-1,40000")]
    [InlineData("s-1,2,")]
    [InlineData("w-1,2")]
    [InlineData("d-1,2,3")]
    [InlineData("m-stream-[1,0,6,119,x]")]
    [InlineData("m-stream-[1,100,6,99999999,x]")]
    [InlineData("e-[half")]
    [InlineData("hello")]
    public void What_is_no_line_is_nothing(string text) => Assert.True(GestureLine.Parse(text) is null or GestureLine.Answer);

    [Fact]
    public void What_the_board_writes_is_what_is_read()
    {
        var link = new MemoryLink();
        Model model = Model.Load(new ByteArraySource(ModelFile.PackOf(DemoCommand.ModelPath)));
        var pipeline = new GesturePipeline(model, new GestureSettings());
        var lines = new StreamLines(link);
        short[] rows = new WandSimulator(5).Stream([0, 3, 1]);
        lines.Head(pipeline, model, 50);
        for (int row = 0; row < rows.Length / 6; row++)
        {
            int result = pipeline.Add(rows, row * 6);
            lines.Row(row, rows, row * 6, 6);
            lines.Result(pipeline, model, result);
        }

        GestureLine?[] read = [.. link.Text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(GestureLine.Parse)];
        Assert.All(read, line => Assert.NotNull(line));
        Assert.Equal(new GestureLine.Head(1, 50, 6, 119, "gesture"), read[0]);
        Assert.Equal(rows, read.OfType<GestureLine.Row>().SelectMany(r => r.Counts));
        Assert.Equal(pipeline.WindowCount, read.OfType<GestureLine.Window>().Count());
        Assert.Equal(new[] { 0, 3, 1 }.Select(i => WandSimulator.Labels[i]), read.OfType<GestureLine.Decision>().Select(d => d.Name));
    }

    [Fact]
    public void Random_bytes_are_never_more_than_a_line()
    {
        var random = new Random(3);
        const string alphabet = "swdme-[],0123456789 -stream";
        for (int i = 0; i < 20_000; i++)
            GestureLine.Parse(string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => alphabet[random.Next(alphabet.Length)])));
    }

    private sealed class MemoryLink : IByteLink
    {
        private readonly System.Text.StringBuilder _text = new();

        public string Text => _text.ToString();

        public int Read(byte[] buffer, int count) => 0;

        public void Write(byte[] data, int count) => _text.Append(System.Text.Encoding.Latin1.GetString(data, 0, count));
    }
}
