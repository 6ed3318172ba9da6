namespace TinyAI.Boards.Tests.Screen;

/// <summary>Labels on a panel, seen in the memory of its controller.</summary>
public class TextPanelTests
{
    private static readonly PanelShape s_stick = new() { Width = 240, Height = 135, Left = 40, Top = 53, Access = 0x60, IsInverted = true };

    [Fact]
    public void The_controller_is_woken_told_its_shape_and_cleared_before_it_shines()
    {
        FakePanel panel = new(320, 240);
        _ = new TextPanel(panel, s_stick);
        Assert.True(panel is { IsAwake: true, IsOn: true, IsInverted: true, PixelFormat: 0x55, Access: 0x60 });
        Assert.All(Picture(panel, s_stick).SelectMany(r => r), c => Assert.Equal('.', c));
        // What lies beside the glass in the controller's memory is nobody's.
        Assert.Equal(0x1234, panel[39, 60]);
        Assert.Equal(0x1234, panel[40, 52]);
        Assert.Equal(0x1234, panel[40, 53 + 135]);
    }

    [Fact]
    public void A_letter_is_as_large_as_the_panel_allows_and_in_its_middle()
    {
        PanelShape shape = new() { Width = 16, Height = 9 };
        FakePanel panel = new(16, 9);
        new TextPanel(panel, shape).Show("a1");
        string[] expected =
        [
            "................",
            "...###....#.....",
            "..#...#..##.....",
            "..#...#.#.#.....",
            "..#####...#.....",
            "..#...#...#.....",
            "..#...#...#.....",
            "..#...#.#####...",
            "................",
        ];
        Assert.Equal(expected, Picture(panel, shape));
    }

    [Fact]
    public void A_pixel_of_a_large_letter_is_a_square()
    {
        PanelShape shape = new() { Width = 20, Height = 27 };
        FakePanel small = new(16, 9), large = new(20, 27);
        new TextPanel(small, new PanelShape { Width = 16, Height = 9 }).Show("R");
        new TextPanel(large, shape).Show("R");
        string[] once = Picture(small, new PanelShape { Width = 16, Height = 9 }), thrice = Picture(large, shape);
        for (int row = 0; row < 21; row++)
        {
            for (int column = 0; column < 15; column++) Assert.Equal(once[1 + row / 3][5 + column / 3], thrice[3 + row][2 + column]);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void Nothing_is_left_of_a_text_when_another_or_none_takes_its_place(string? text)
    {
        FakePanel used = new(320, 240), fresh = new(320, 240);
        TextPanel panel = new(used, s_stick);
        panel.Show("I");
        panel.Show("Wingardium Leviosa");
        panel.Show(text);
        _ = new TextPanel(fresh, s_stick);
        Assert.Equal(Picture(fresh, s_stick), Picture(used, s_stick));
        panel.Show("ok");
        new TextPanel(fresh, s_stick).Show("OK");
        Assert.Equal(Picture(fresh, s_stick), Picture(used, s_stick));
    }

    [Fact]
    public void Text_of_any_length_and_any_characters_stays_within_the_glass()
    {
        Random random = new(1);
        for (int i = 0; i < 200; i++)
        {
            PanelShape shape = new() { Width = random.Next(5, 60), Height = random.Next(9, 60), Left = random.Next(4), Top = random.Next(4) };
            FakePanel panel = new(64, 64);
            TextPanel text = new(panel, shape);
            text.Show(new string([.. Enumerable.Range(0, random.Next(40)).Select(_ => (char)random.Next(1, 400))]));
            for (int row = 0; row < 64; row++)
            {
                for (int column = 0; column < 64; column++)
                {
                    bool inside = column >= shape.Left && column < shape.Left + shape.Width && row >= shape.Top && row < shape.Top + shape.Height;
                    Assert.Equal(inside, panel[column, row] != 0x1234);
                }
            }
        }
    }

    [Fact]
    public void Every_character_looks_different()
    {
        string known = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -._%?#";
        string[] looks = [.. known.Select(c => string.Join(',', Enumerable.Range(0, Glyphs.Height).Select(r => Glyphs.Row(c, r))))];
        Assert.Equal(known.Length, looks.Distinct().Count());
        Assert.All(known.SelectMany(c => Enumerable.Range(0, Glyphs.Height).Select(r => Glyphs.Row(c, r))), row => Assert.InRange(row, 0, 31));
        Assert.Equal(Glyphs.Row('Q', 4), Glyphs.Row('q', 4));
    }

    private static string[] Picture(FakePanel panel, PanelShape shape) =>
    [
        .. Enumerable.Range(shape.Top, shape.Height).Select(r => new string([.. Enumerable.Range(shape.Left, shape.Width).Select(c => panel[c, r] switch
        {
            0 => '.',
            0xFFFF => '#',
            _ => '?',
        })])),
    ];
}
