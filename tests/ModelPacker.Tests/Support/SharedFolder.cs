namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>
/// The folder of public models and data that lies beside the repository, not in it. The environment variable TINYAI_SHARED
/// names it; otherwise it is looked for as "shared" next to any folder above the test binaries.
/// </summary>
public static class SharedFolder
{
    /// <summary>The folder, or null where there is none.</summary>
    public static string? Path { get; } = Locate();

    /// <summary>The model zoo inside the folder, or null where there is none.</summary>
    public static string? Zoo =>
        Path is not null && Directory.Exists(System.IO.Path.Combine(Path, "zoo", "models")) ? System.IO.Path.Combine(Path, "zoo") : null;

    /// <summary>The model zoo; a test that asks for it is skipped where there is none.</summary>
    public static string ZooOrSkip()
    {
        if (Zoo is null) Assert.Skip("There is no model zoo beside the repository; set TINYAI_SHARED to the folder that holds zoo/.");
        return Zoo!;
    }

    private static string? Locate()
    {
        if (Environment.GetEnvironmentVariable("TINYAI_SHARED") is { Length: > 0 } given) return Directory.Exists(given) ? given : null;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = System.IO.Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(System.IO.Path.Combine(candidate, "zoo"))) return candidate;
        }

        return null;
    }
}
