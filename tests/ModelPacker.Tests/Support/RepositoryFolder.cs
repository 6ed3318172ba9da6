namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>The root of the repository: the folder above the test binaries that holds TinyAI.sln.</summary>
public static class RepositoryFolder
{
    /// <summary>Path of the folder.</summary>
    public static string Path { get; } = Locate();

    private static string Locate()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "TinyAI.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
