using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Documents;

/// <summary>
/// A project that a solution does not list is still built for those that refer to it, but as Debug: its figures would
/// not be those of the release.
/// </summary>
public class SolutionTests
{
    [Fact]
    public void Every_project_is_in_the_solution_and_every_desktop_project_in_its_filter()
    {
        string root = RepositoryFolder.Path;
        string solution = File.ReadAllText(Path.Combine(root, "TinyAI.sln")), filter = File.ReadAllText(Path.Combine(root, "TinyAI.Host.slnf"));
        string[] projects =
        [
            .. new[] { "bench", "boards", "src", "tests", "tools" }
                .SelectMany(folder => Directory.GetFiles(Path.Combine(root, folder), "*.*proj", SearchOption.AllDirectories))
                .Select(file => Path.GetRelativePath(root, file).Replace('/', '\\')),
        ];
        Assert.True(projects.Length > 15);
        Assert.Equal([], projects.Where(p => !solution.Contains($"\"{p}\"", StringComparison.Ordinal)));
        Assert.Equal([], projects.Where(p => p.EndsWith(".csproj", StringComparison.Ordinal) && !filter.Contains($"\"{p.Replace(@"\", @"\\")}\"", StringComparison.Ordinal)));
    }
}
