namespace TinyAI.Bench;

/// <summary>Where things lie: the repository that this program was built in, and the model zoo beside it.</summary>
internal static class Folders
{
    /// <summary>The repository's root, or null outside of one.</summary>
    public static string? Repository { get; } = Above(folder => File.Exists(Path.Combine(folder, "Directory.Packages.props")) ? folder : null);

    /// <summary>The folder of public models: zoo/ in the folder that TINYAI_SHARED names, or in one named shared beside or above the repository.</summary>
    public static string? Zoo { get; } = FindZoo();

    private static string? FindZoo()
    {
        if (Environment.GetEnvironmentVariable("TINYAI_SHARED") is { Length: > 0 } given) return Existing(given);
        return Above(folder => Existing(Path.Combine(folder, "shared")));
    }

    private static string? Existing(string shared) => Directory.Exists(Path.Combine(shared, "zoo", "models")) ? Path.Combine(shared, "zoo") : null;

    private static string? Above(Func<string, string?> found)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (found(folder.FullName) is { } result) return result;
        }

        return null;
    }
}
