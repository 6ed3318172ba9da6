using TinyAI.ModelPacker.Plan;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Rows;

/// <summary>Input fed by rows, as a camera or a sensor delivers it.</summary>
public class FeedTests
{
    private readonly byte[] _model = SmallModels.Convolution(30, 3, 5);
    private readonly sbyte[] _image = Image(30 * 30 * 3);

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(30)]
    public void Rows_in_pieces_give_what_the_whole_input_gives(int most)
    {
        byte[] golden = Whole();
        foreach (Preference prefer in Enum.GetValues<Preference>())
        {
            Session session = SessionOf(prefer);
            Assert.Equal(prefer == Preference.Ram, session.IsFed);
            Assert.Equal((30, 90), (session.FeedRows, session.FeedRowBytes));
            for (int run = 0; run < 3; run++)
            {
                bool done = false;
                for (int row = 0; row < 30; row += most)
                {
                    Assert.False(done);
                    done = session.Feed(_image, row * 90, Math.Min(most, 30 - row));
                }

                Assert.True(done);
                Assert.Equal(golden, OutputOf(session));
            }
        }
    }

    [Fact]
    public void Reset_forgets_rows_that_have_been_fed()
    {
        Session session = SessionOf(Preference.Ram);
        Assert.False(session.Feed(Image(90 * 7), 0, 7));
        session.Reset();
        Assert.True(session.Feed(_image, 0, 30));
        Assert.Equal(Whole(), OutputOf(session));
    }

    [Fact]
    public void Memory_never_holds_the_whole_image()
    {
        Assert.True(Packer.Pack(_model, "m", Preference.Ram).Plan.TotalBytes < _image.Length + 30 * 30 * 5);
        Assert.Equal(0, Packer.Pack(_model, "m", Preference.Ram).Model.Groups.Sum(g => g.Streams.Count(s => s.Held == s.Bytes && s == g.Fed)));
    }

    [Fact]
    public void What_cannot_be_fed_or_written_is_said_in_one_sentence()
    {
        Session session = SessionOf(Preference.Ram);
        Assert.Contains("call Feed with rows of 90 bytes", Assert.Throws<PackException>(() => session.Write(0, _image, 0)).Message);
        Assert.Contains("call Feed", Assert.Throws<PackException>(() => session.WriteBytes(0, new byte[2700], 0)).Message);
        Assert.Contains("call Feed", Assert.Throws<PackException>(session.Run).Message);
        Assert.Contains("30 rows, of which 0", Assert.Throws<PackException>(() => session.Feed(_image, 0, 31)).Message);
        Assert.Contains("the array has 2700", Assert.Throws<PackException>(() => session.Feed(_image, 90, 30)).Message);
        Assert.Contains("the array has 2700", Assert.Throws<PackException>(() => session.Feed(_image, -1, 1)).Message);
        Assert.Contains("-1 more", Assert.Throws<PackException>(() => session.Feed(_image, 0, -1)).Message);
        Session two = Model.Load(new ByteArraySource(Packer.Pack(SmallModels.Concatenation(), "two").Pack)).CreateSession();
        Assert.Contains("2 inputs", Assert.Throws<PackException>(() => two.Feed(_image, 0, 1)).Message);
    }

    private static sbyte[] Image(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return [.. bytes.Select(b => (sbyte)b)];
    }

    private byte[] Whole() => new ModelRunner(Packer.Pack(_model, "m").Pack).Run([[.. _image.Select(v => (byte)v)]])[0];

    private Session SessionOf(Preference prefer) => Model.Load(new ByteArraySource(Packer.Pack(_model, "m", prefer).Pack)).CreateSession();

    private static byte[] OutputOf(Session session)
    {
        var bytes = new byte[30 * 30 * 5];
        session.ReadBytes(0, bytes, 0);
        return bytes;
    }
}
