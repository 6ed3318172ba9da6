using System.Text;

namespace TinyAI.TinyRuntime.Tests;

/// <summary>The device's own UTF-8 decoder against .NET's.</summary>
public class Utf8Tests
{
    [Fact]
    public void Every_valid_text_decodes_as_dotnet_decodes_it()
    {
        for (int code = 0; code <= 0x10FFFF; code += code is >= 0xD7FF and < 0xE000 ? 0xE000 - code : 1)
        {
            byte[] bytes = Encoding.UTF8.GetBytes("a" + char.ConvertFromUtf32(code) + "z");
            string expected = Encoding.UTF8.GetString(bytes);
            string actual = Utf8.Decode(bytes, 0, bytes.Length);
            if (actual != expected) Assert.Fail($"U+{code:X}: {actual}");
        }
    }

    [Fact]
    public void Bytes_that_are_not_text_give_replacement_characters_and_never_throw()
    {
        var random = new Random(5);
        for (int i = 0; i < 20000; i++)
        {
            var bytes = new byte[random.Next(0, 12)];
            random.NextBytes(bytes);
            string text = Utf8.Decode(bytes, 0, bytes.Length);
            bool valid = IsUtf8(bytes);
            Assert.Equal(!valid, text.Contains('\uFFFD'));
            if (valid) Assert.Equal(Encoding.UTF8.GetString(bytes), text);
        }
    }

    private static bool IsUtf8(byte[] bytes)
    {
        try
        {
            new UTF8Encoding(false, true).GetCharCount(bytes);
            return !Encoding.UTF8.GetString(bytes).Contains('\uFFFD');
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
