using System.Globalization;
using System.Text;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Library;

/// <summary>Names in generated code.</summary>
internal static class Names
{
    /// <summary>IL bytes of a call with two places.</summary>
    public const int CallIl = 23;

    /// <summary>A place as the two arguments that every kernel takes: the block and the offset in it.</summary>
    public static string Of(Place? place) =>
        place is { } p ? $"_block{p.Buffer.Block}, {(p.Buffer.Offset + p.Offset).ToString(CultureInfo.InvariantCulture)}" : "null, 0";

    /// <summary>The block that a place is in.</summary>
    public static string BlockOf(Place place) => $"_block{place.Buffer.Block}";

    /// <summary>Where in its block a place begins.</summary>
    public static int StartOf(Place place) => place.Buffer.Offset + place.Offset;

    /// <summary>A name as C# and people write types: gesture_net-v2 becomes GestureNetV2.</summary>
    public static string Pascal(string name, string fallback)
    {
        var text = new StringBuilder();
        bool upper = true;
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                upper = true;
                continue;
            }

            if (text.Length == 0 && char.IsAsciiDigit(c)) text.Append(fallback);
            text.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = char.IsAsciiDigit(c);
        }

        return text.Length == 0 ? fallback : text.ToString();
    }

    /// <summary>Names of enum members for labels, each once.</summary>
    public static string[] Members(IReadOnlyList<string> labels)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        var names = new string[labels.Count];
        for (int i = 0; i < names.Length; i++)
        {
            string name = Pascal(labels[i], "Class");
            while (!used.Add(name)) name = $"{name}_{i}";
            names[i] = name;
        }

        return names;
    }
}
