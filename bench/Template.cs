namespace TinyAI.Bench;

/// <summary>Texts of the pages in docs/ that this program writes.</summary>
internal static class Template
{
    /// <summary>A template, from this program's resources.</summary>
    public static string Read(string name)
    {
        using var reader = new StreamReader(typeof(Template).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
