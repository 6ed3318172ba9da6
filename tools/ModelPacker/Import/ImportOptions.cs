using System.Globalization;

namespace TinyAI.ModelPacker.Import;

/// <summary>What a user says about a model beside the file itself.</summary>
/// <param name="Shapes">Shapes of inputs, or sizes of named dimensions, by name.</param>
/// <param name="Folder">Where files that belong to the model lie; null where the model is not a file.</param>
public sealed record ImportOptions(IReadOnlyDictionary<string, int[]> Shapes, string? Folder = null)
{
    /// <summary>Nothing said.</summary>
    public static ImportOptions None { get; } = new(new Dictionary<string, int[]>());

    /// <summary>Reads the arguments of --shape, NAME=1,128 each.</summary>
    /// <exception cref="ModelFormatException">An argument is not of that form.</exception>
    public static Dictionary<string, int[]> ParseShapes(IEnumerable<string> arguments)
    {
        var shapes = new Dictionary<string, int[]>();
        foreach (string argument in arguments)
        {
            int equals = argument.LastIndexOf('=');
            string[] sizes = equals < 1 ? [] : argument[(equals + 1)..].Split(',', StringSplitOptions.TrimEntries);
            var shape = new int[sizes.Length];
            bool sound = sizes.Length > 0;
            for (int i = 0; i < sizes.Length && sound; i++)
                sound = int.TryParse(sizes[i], NumberStyles.None, CultureInfo.InvariantCulture, out shape[i]) && shape[i] is > 0 and <= 1 << 24;
            if (!sound) throw new ModelFormatException($"--shape {argument} is not a name and sizes: write it as --shape NAME=1,128.");
            shapes[argument[..equals]] = shape;
        }

        return shapes;
    }
}
