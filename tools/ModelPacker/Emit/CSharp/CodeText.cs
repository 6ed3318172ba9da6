using System.Globalization;
using System.Text;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>C# source being written: indented lines, and an estimate of the IL bytes they compile to.</summary>
internal sealed class CodeText
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Starts at a depth of indentation.</summary>
    public CodeText(int depth = 0) => _depth = depth;

    /// <summary>Estimated IL bytes so far, as the emitters count them.</summary>
    public int IlBytes { get; set; }

    /// <summary>Writes a line; an empty one without indentation. Adds IL bytes to the estimate.</summary>
    public CodeText Line(string line = "", int il = 0)
    {
        IlBytes += il;
        if (line.Length > 0) _text.Append(' ', 4 * _depth).Append(line);
        _text.Append('\n');
        return this;
    }

    /// <summary>Writes a line and an opening brace.</summary>
    public CodeText Open(string line, int il = 0) => Line(line, il).Brace();

    /// <summary>Writes an opening brace.</summary>
    public CodeText Brace()
    {
        Line("{");
        _depth++;
        return this;
    }

    /// <summary>Adds lines that are written already, with their IL; before stands in front of the first.</summary>
    public CodeText Raw(string lines, string before, int il)
    {
        IlBytes += il;
        _text.Append(before).Append(lines);
        return this;
    }

    /// <summary>Closes the innermost brace.</summary>
    public CodeText Close()
    {
        _depth--;
        return Line("}");
    }

    /// <summary>
    /// Writes a sum as a statement, several terms to a line. head is all before the first term, such as "a = ", tail all after the last.
    /// </summary>
    public void Sum(string head, IReadOnlyList<string> terms, int il, string tail = ";")
    {
        IlBytes += il;
        const int Width = 150;
        var line = new StringBuilder(head);
        bool first = true, fresh = false;
        foreach (string term in terms)
        {
            if (!first && line.Length + term.Length + 3 > Width)
            {
                Line(line.ToString());
                line.Clear().Append("    ");
                fresh = true;
            }

            if (!first) line.Append(fresh ? "+ " : " + ");
            line.Append(term);
            first = fresh = false;
        }

        if (terms.Count == 0) line.Append('0');
        Line(line.Append(tail).ToString());
    }

    /// <summary>Writes a list, several entries to a line, that continues the entries in head and ends with tail.</summary>
    public void List(string head, IEnumerable<string> entries, string tail, int il)
    {
        IlBytes += il;
        const int Width = 150;
        var line = new StringBuilder(head);
        foreach (string entry in entries)
        {
            line.Append(',');
            if (line.Length + entry.Length > Width)
            {
                Line(line.ToString());
                line.Clear().Append("   ");
            }

            line.Append(' ').Append(entry);
        }

        Line(line.Append(tail).ToString());
    }

    /// <summary>An index as C# writes it: a variable, and a distance where there is one.</summary>
    public static string At(string start, int distance) => distance == 0 ? start : $"{start} + {distance}";

    /// <summary>A 64-bit constant as C# writes it.</summary>
    public static string Long(long value) => value.ToString(CultureInfo.InvariantCulture) + "L";

    /// <summary>IL bytes that load a 64-bit constant: the compiler widens a 32-bit one where the value fits.</summary>
    public static int LongBytes(long value) => value switch
    {
        >= -1 and <= 8 => 2,
        >= sbyte.MinValue and <= sbyte.MaxValue => 3,
        >= int.MinValue and <= uint.MaxValue => 6,
        _ => 9,
    };

    /// <summary>IL bytes that load a 32-bit constant.</summary>
    public static int IntBytes(int value) => value switch
    {
        >= -1 and <= 8 => 1,
        >= sbyte.MinValue and <= sbyte.MaxValue => 2,
        _ => 5,
    };

    /// <summary>Numbers as people write them: 0-5, 9.</summary>
    public static IEnumerable<string> Ranges(IEnumerable<int> numbers)
    {
        int[] sorted = [.. numbers.Order()];
        for (int i = 0; i < sorted.Length;)
        {
            int j = i;
            while (j + 1 < sorted.Length && sorted[j + 1] == sorted[j] + 1) j++;
            yield return i == j ? $"{sorted[i]}" : $"{sorted[i]}-{sorted[j]}";
            i = j + 1;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
