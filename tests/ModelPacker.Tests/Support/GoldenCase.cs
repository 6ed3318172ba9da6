namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>One golden case: NNN.in.bin or NNN.inK.bin, and the outputs likewise.</summary>
public sealed record GoldenCase(string Name, List<byte[]> Inputs, List<byte[]> Outputs)
{
    /// <summary>All cases of a folder, ascending.</summary>
    public static IEnumerable<GoldenCase> In(string folder)
    {
        var names = Directory.GetFiles(folder, "*.bin").Select(f => Path.GetFileName(f).Split('.')[0]).Distinct().Order(StringComparer.Ordinal);
        return names.Select(name => new GoldenCase(name, Tensors(folder, name, "in"), Tensors(folder, name, "out")));
    }

    private static List<byte[]> Tensors(string folder, string name, string kind)
    {
        string single = Path.Combine(folder, $"{name}.{kind}.bin");
        if (File.Exists(single)) return [File.ReadAllBytes(single)];
        var tensors = new List<byte[]>();
        while (File.Exists(Path.Combine(folder, $"{name}.{kind}{tensors.Count}.bin")))
            tensors.Add(File.ReadAllBytes(Path.Combine(folder, $"{name}.{kind}{tensors.Count}.bin")));
        return tensors;
    }
}
