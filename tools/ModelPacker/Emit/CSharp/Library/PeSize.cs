using System.Text.RegularExpressions;

namespace TinyAI.ModelPacker.Emit.CSharp.Library;

/// <summary>
/// Flash of an assembly: the size of its .pe, which is IL and, beside it, tables with an entry for every type, field, method
/// and reference, the names of all these, and signatures with a byte for every parameter and local. Entries and names are
/// read off the generated text; the size of IL is the emitters' estimate. The compiler makes a field of 64 letters, and a
/// type per size, for the data of array initialisers. Tests compare this with what the metadata processor writes.
/// </summary>
internal sealed partial class PeSize
{
    private const int Header = 124, AssemblyEntry = 12, TypeReference = 8, MethodReference = 8, TypeEntry = 24, FieldEntry = 8, MethodEntry = 16;

    /// <summary>Object and Array; the constructor of one and Copy of the other; signatures of these; names of namespace and constructor.</summary>
    private const int Always = 2 * TypeReference + 2 * MethodReference + 16 + 14;

    /// <summary>Signature of a kernel; of any method, and of one with locals, before their types.</summary>
    private const int KernelSignature = 10, Signature = 3;

    /// <summary>The type that holds initialisers with the type and method that it refers to; a size; the name of a field.</summary>
    private const int InitialiserType = TypeEntry + 31 + 2 * TypeReference + MethodReference + 10, InitialiserSize = TypeEntry + 30, InitialiserName = 65;

    /// <summary>Initialisers below this are single stores.</summary>
    private const int SmallestInitialiser = 12;

    private readonly HashSet<string> _names = [];
    private readonly HashSet<int> _initialisers = [];
    private int _bytes = Header + AssemblyEntry + Always;

    /// <summary>Begins with the assembly's name.</summary>
    public PeSize(string name) => Name(name);

    /// <summary>Estimated size so far.</summary>
    public int Bytes => (_bytes + 3) / 4 * 4;

    /// <summary>Adds a type.</summary>
    public void Type(string name)
    {
        _bytes += TypeEntry;
        Name(name);
    }

    /// <summary>Adds a field with the data of its initialiser, if it has any.</summary>
    public void Field(string name, int dataBytes)
    {
        _bytes += FieldEntry;
        Name(name);
        Data(dataBytes);
    }

    /// <summary>Adds an array initialiser.</summary>
    public void Data(int bytes)
    {
        _bytes += bytes;
        if (bytes < SmallestInitialiser) return;
        if (_initialisers.Count == 0) _bytes += InitialiserType;
        if (_initialisers.Add(bytes)) _bytes += InitialiserSize;
        _bytes += FieldEntry + InitialiserName + 4;
    }

    /// <summary>Adds an assembly that is referred to, a type of it, and a method of that.</summary>
    public void Reference(string assembly, string type, string method)
    {
        if (Name(assembly)) _bytes += AssemblyEntry;
        if (Name(type)) _bytes += TypeReference;
        if (Name($"{type}.{method}")) _bytes += MethodReference - $"{type}.".Length;
    }

    /// <summary>Adds a text with members of a class, and the size of its IL.</summary>
    public void Text(string text, int il)
    {
        // A reference in IL takes two bytes less than the compiler's.
        _bytes += il - 2 * References().Count(text);
        foreach (Match head in Heads().Matches(text))
        {
            _bytes += MethodEntry + Signature + 3 + head.Groups[2].Value.Count(c => c == ',');
            Name(head.Groups[1].Value);
        }

        foreach (Match locals in Locals().Matches(text)) _bytes += 1 + locals.Value.Count(c => c == ',');
        foreach (Match call in KernelCalls().Matches(text))
        {
            if (!_names.Contains($"{call.Groups[1].Value}.{call.Groups[2].Value}")) _bytes += KernelSignature;
            Reference("TinyAI.Kernels", call.Groups[1].Value, call.Groups[2].Value);
        }
    }

    private bool Name(string name)
    {
        if (!_names.Add(name)) return false;
        _bytes += name.Length + 1;
        return true;
    }

    [GeneratedRegex(@"(?:public|private) (?:static )?[A-Za-z\[\]]* ?(\w+)\(([^;]*?)\)\n\s*\{")]
    private static partial Regex Heads();

    [GeneratedRegex(@"^\s*(?:for \()?(?:long|int|sbyte\[\]) [^\n]*;", RegexOptions.Multiline)]
    private static partial Regex Locals();

    [GeneratedRegex(@"(?<!(?:void|long|int) )\b[A-Z]\w*\(|\b_\w")]
    private static partial Regex References();

    [GeneratedRegex(@"TinyAI\.Kernels\.(\w+)\.(\w+)\(")]
    private static partial Regex KernelCalls();
}
