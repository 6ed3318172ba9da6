using System.Text.Json;
using TinyAI.Boards.Tests.Support;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.Boards.Tests.Probe;

/// <summary>The probe's line on a board whose time is made up, and what `board add` makes of such a line.</summary>
public class ProbeTests
{
    [Fact]
    public void The_probes_line_is_JSON_with_all_that_a_profile_needs()
    {
        var link = new TextLink();
        new ProbeReport(new SteadyBoard(), link).Run();
        using JsonDocument line = JsonDocument.Parse(Assert.Single(link.Lines));
        JsonElement root = line.RootElement;
        Assert.Equal((1, "esp32", "ESP32_REV3"), (root.GetProperty("tinyaiProbe").GetInt32(), root.GetProperty("board").GetString(), root.GetProperty("target").GetString()));
        Assert.Equal("1.12 \"quoted\\\"?", root.GetProperty("firmware").GetString());
        Assert.Equal(70000, root.GetProperty("freeHeapBytes").GetInt32());
        Assert.True(root.GetProperty("nsPerAdd").GetDouble() > 0);
        string[] costs = [.. root.GetProperty("costs").EnumerateObject().Select(p => p.Name)];
        using JsonDocument host = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryFolder.Path, "boards", "costs", "host.json")));
        // The table of the host build was measured by hand; the probe gives every class of it but struct fields, and two more.
        Assert.Equal(host.RootElement.GetProperty("costs").EnumerateObject().Select(p => p.Name).Where(n => n != "struct-field").Append("ldc.i8").Append("call.local").Order(), costs.Order());
        Assert.All(root.GetProperty("costs").EnumerateObject(), c => Assert.True(c.Value.GetDouble() >= 0));
    }

    [Fact]
    public void Board_add_makes_a_profile_and_costs_that_the_tools_read()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("profiles"));
        Directory.CreateDirectory(folder.File("costs"));
        // As a console shows it: other lines around, and broken in the middle.
        string line = Line("mine");
        File.WriteAllText(folder.File("console.txt"), "The program has begun\r\n" + line[..100] + "\r\n" + line[100..] + "\r\nThe program has ended.\r\n");
        Tool.Result add = Tool.Run("board", "add", "--from", folder.File("console.txt"), "--like", "esp32", "--to", folder.Path);
        Assert.True(add is { ExitCode: 0, Error: "" }, add.ToString());
        string profile = folder.File(Path.Combine("profiles", "mine.json"));
        using (JsonDocument made = JsonDocument.Parse(File.ReadAllText(profile)))
        {
            Assert.Equal(70000 + 12288, made.RootElement.GetProperty("managedHeapBytes").GetInt32());
            Assert.Equal(41000, made.RootElement.GetProperty("largestSafeArrayBytes").GetInt32());
            Assert.Equal("ESP32_REV3", made.RootElement.GetProperty("firmwareTarget").GetString());
            Assert.Contains("measured on a board by the Probe application, firmware 1.12", made.RootElement.GetProperty("source").GetString());
        }

        Tool.Result pack = Tool.Run("pack", GestureModel.Path, "-o", folder.File("g.tai"), "--board", profile);
        Assert.Equal(0, pack.ExitCode);
        using JsonDocument costs = JsonDocument.Parse(File.ReadAllText(folder.File(Path.Combine("costs", "mine.json"))));
        Assert.Equal("mine", costs.RootElement.GetProperty("board").GetString());
        Assert.Equal(101.5, costs.RootElement.GetProperty("nsPerAdd").GetDouble());
        Assert.Equal(0.43, costs.RootElement.GetProperty("costs").GetProperty("ldloc").GetDouble());
    }

    [Theory]
    [InlineData("nothing here", "holds no line of the Probe application")]
    [InlineData("{\"tinyaiProbe\":1,\"board\":\"x\"", "is cut")]
    [InlineData("{\"tinyaiProbe\":1,\"costs\":{}}", "cannot be read")]
    [InlineData("VERSION", "has version 2")]
    [InlineData("NAME", "letters, digits and hyphens")]
    [InlineData("HEAP", "free heap, which cannot be")]
    [InlineData("ARRAY", "which cannot be")]
    [InlineData("CLOCK", "its clock stood still")]
    [InlineData("COST", "missing or below 0")]
    public void A_line_that_cannot_be_right_is_refused_and_nothing_is_written(string text, string reason)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("profiles"));
        string line = Line("mine");
        text = text switch
        {
            "VERSION" => line.Replace("\"tinyaiProbe\":1", "\"tinyaiProbe\":2"),
            "NAME" => Line("../mine"),
            "HEAP" => line.Replace("70000", "-5"),
            "ARRAY" => line.Replace("41000", "71000"),
            "CLOCK" => line.Replace("101.5", "0"),
            "COST" => line.Replace("0.43", "-0.43"),
            _ => text,
        };
        File.WriteAllText(folder.File("p.txt"), text);
        Tool.Result add = Tool.Run("board", "add", "--from", folder.File("p.txt"), "--like", "esp32", "--to", folder.Path);
        Assert.Equal(2, add.ExitCode);
        Assert.Contains(reason, add.Error);
        Assert.Empty(Directory.GetFiles(folder.File("profiles")));
    }

    private static string Line(string board) =>
        "{\"tinyaiProbe\":1,\"board\":\"" + board + "\",\"target\":\"ESP32_REV3\",\"firmware\":\"1.12\",\"freeHeapBytes\":70000,\"largestArrayBytes\":41000,"
        + "\"largestNativeBlockBytes\":90000,\"nsPerAdd\":101.5,\"costs\":{\"add.i4\":1.000,\"ldloc\":0.43,\"ldelem.i1\":1.4}}";

    /// <summary>A board on which every look at the clock is 25 ms later: all loops take the same, which is no board's time.</summary>
    private sealed class SteadyBoard : IProbeBoard
    {
        private long _now;

        public string Name => "esp32";

        public string Firmware => "1.12 \"quoted\\\"\t";

        public string Target => "ESP32_REV3";

        public long Microseconds() => _now += 25_000;

        public long FreeHeapBytes() => 70000;

        public long LargestNativeBlock() => 0;
    }
}
