using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Documents;

/// <summary>A page that is written from the code; the test fails where somebody changed one without the other.</summary>
internal static class WrittenDocument
{
    /// <summary>Compares the page with what it should say, or renews it where the environment asks for that.</summary>
    public static void Check(string name, string content)
    {
        string path = Path.Combine(RepositoryFolder.Path, "docs", name);
        if (Environment.GetEnvironmentVariable("TINYAI_UPDATE_DOCS") == "1") File.WriteAllText(path, content);
        Assert.True(
            File.Exists(path) && File.ReadAllText(path).ReplaceLineEndings("\n") == content,
            $"docs/{name} is not what the code says; renew it with TINYAI_UPDATE_DOCS=1 dotnet test TinyAI.Host.slnf -c Release");
    }

    /// <summary>The same for the part of a page between two comments that name it.</summary>
    public static void CheckPart(string name, string part, string content)
    {
        string page = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "docs", name)).ReplaceLineEndings("\n");
        string begin = $"<!-- {part}: written by a test, see CONTRIBUTING.md -->\n\n", end = $"\n<!-- end of {part} -->";
        int from = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length, to = page.IndexOf(end, StringComparison.Ordinal);
        Assert.True(from >= begin.Length && to >= from, $"docs/{name} has no part {part}");
        Check(name, page[..from] + content + page[to..]);
    }
}
