namespace TinyAI.GestureTrainer.Tests;

/// <summary>Where the tests find the checked-in model, and the shared recordings that are not checked in.</summary>
internal static class Places
{
    public static string Root { get; } = FindRoot();

    public static string ModelFolder => Path.Combine(Root, "models", "gesture");

    public static byte[] ModelFile => File.ReadAllBytes(Path.Combine(ModelFolder, "gesture.tflite"));

    public static Recordings RecordingsOrSkip() =>
        Recordings.Read(SharedOrSkip(Path.Combine("data", "spells_imu6", "train")));

    public static string SharedOrSkip(string path)
    {
        string shared = Environment.GetEnvironmentVariable("TINYAI_SHARED") ?? Path.Combine(Root, "..", "shared");
        string full = Path.Combine(shared, path);
        Assert.SkipUnless(Directory.Exists(full), $"'{path}' was found neither under TINYAI_SHARED nor in 'shared' beside the repository.");
        return full;
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
