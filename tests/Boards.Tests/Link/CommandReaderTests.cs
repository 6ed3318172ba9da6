using System.Text;

namespace TinyAI.Boards.Tests.Link;

/// <summary>Commands as they come over a wire: whole, in pieces, too long, or not text at all.</summary>
public class CommandReaderTests
{
    [Fact]
    public void A_command_is_cut_into_words()
    {
        CommandReader reader = Read("\r\n  infer 10\t 0%", out int[] results);
        Assert.Equal([CommandReader.Ready], results);
        Assert.True(reader.NextWord() && reader.Is("infer") && !reader.Is("infe") && !reader.Is("inferr"));
        Assert.True(reader.NextWord());
        Assert.Equal(10, reader.Number());
        Assert.True(reader.NextWord());
        Assert.Equal(0, reader.Number());
        Assert.False(reader.NextWord());
        Assert.Equal(-1, reader.Number());
    }

    [Fact]
    public void Eighty_characters_are_a_command_and_one_more_is_too_long()
    {
        Read(new string('x', 80) + "%", out int[] fits);
        Read(new string('x', 81) + "%", out int[] tooLong);
        Assert.Equal([CommandReader.Ready], fits);
        Assert.Equal([CommandReader.TooLong], tooLong);
    }

    [Fact]
    public void Garbage_is_dropped_up_to_the_next_percent_sign()
    {
        CommandReader reader = Read("na\u0001\u00FFme%" + new string('y', 500) + "%name%", out int[] results);
        Assert.Equal([CommandReader.NotText, CommandReader.TooLong, CommandReader.Ready], results);
        Assert.True(reader.NextWord() && reader.Is("name"));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1000000000", 1000000000)]
    [InlineData("1000000001", -1)]
    [InlineData("99999999999999999999999999", -1)]
    [InlineData("-1", -1)]
    [InlineData("1x", -1)]
    [InlineData("0x10", -1)]
    public void Only_whole_numbers_are_numbers(string word, int expected)
    {
        CommandReader reader = Read(word + "%", out _);
        Assert.True(reader.NextWord());
        Assert.Equal(expected, reader.Number());
    }

    [Fact]
    public void Hexadecimal_digits_have_either_case()
    {
        CommandReader reader = Read("0fA9g0 @1%", out _);
        Assert.Equal([0x0F, 0xA9, -1, -1], [reader.HexByte(0), reader.HexByte(2), reader.HexByte(4), reader.HexByte(7)]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-7)]
    [InlineData(1234567890123)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Lines_write_numbers_as_they_are(long number)
    {
        var link = new TextLink();
        new TextLine(link).Add("n ").Add(number).Add(' ').AddFixed(number, 0).Add(' ').AddFixed(number, 6).End();
        string digits = number.ToString().TrimStart('-').PadLeft(7, '0');
        Assert.Equal($"n {number} {number} {(number < 0 ? "-" : "")}{digits[..^6]}.{digits[^6..]}\r\n", link.Text);
    }

    [Fact]
    public void A_line_longer_than_the_buffer_arrives_whole()
    {
        var link = new TextLink();
        string text = string.Concat(Enumerable.Range(0, 100).Select(i => $"{i},"));
        new TextLine(link).Add(text).AddHex(0xA5).AddHexWord(unchecked((int)0xDEADBEEF)).Add("é").End();
        Assert.Equal(text + "a5deadbeef?\r\n", link.Text);
    }

    private static CommandReader Read(string text, out int[] results)
    {
        var reader = new CommandReader();
        var all = new List<int>();
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        for (int i = 0; i < bytes.Length; i++)
        {
            int result = reader.Add(bytes[i]);
            if (result == CommandReader.Pending) continue;
            all.Add(result);
            if (i + 1 < bytes.Length) reader.Clear();
        }

        results = [.. all];
        return reader;
    }
}
