using System.Text.RegularExpressions;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Commands;

/// <summary>The README shows what the commands print today, because this test puts it there.</summary>
public class ReadmeTests
{
    private const string Open = "<!-- demo: written by a test, see CONTRIBUTING.md -->", Close = "<!-- /demo -->";

    [Fact]
    public void The_README_shows_the_output_of_the_demo()
    {
        string path = Path.Combine(RepositoryFolder.Path, "README.md");
        string readme = File.ReadAllText(path).ReplaceLineEndings("\n");
        string output = Regex.Replace(Tool.Run("demo").Output.ReplaceLineEndings("\n"), "[ \t]+\n", "\n").Trim('\n');
        string expected = $"{Open}\n```\n$ dotnet run --project tools/ModelPacker -- demo\n\n{output}\n```\n{Close}";
        string renewed = Regex.Replace(readme, Regex.Escape(Open) + ".*?" + Regex.Escape(Close), expected.Replace("$", "$$"), RegexOptions.Singleline);
        if (Environment.GetEnvironmentVariable("TINYAI_UPDATE_DOCS") == "1") File.WriteAllText(path, renewed);
        Assert.True(
            File.ReadAllText(path).ReplaceLineEndings("\n") == renewed,
            "README.md does not show what the demo prints; renew it with TINYAI_UPDATE_DOCS=1 dotnet test TinyAI.Host.slnf -c Release");
    }
}
