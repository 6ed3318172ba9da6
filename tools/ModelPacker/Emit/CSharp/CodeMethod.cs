using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit.CSharp.Layers;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// A piece of generated code that goes into one assembly: one method or several that call each other. Class and method
/// names are made by the library writer, which decides the assembly.
/// </summary>
/// <param name="Name">Name of the method that is called.</param>
/// <param name="Text">Source, indented for the inside of a class.</param>
/// <param name="IlBytes">Estimated IL.</param>
/// <param name="Methods">Methods in the text.</param>
/// <param name="DataBytes">Bytes of array initialisers in flash.</param>
internal sealed record CodeMethod(string Name, string Text, int IlBytes, int Methods = 1, int DataBytes = 0)
{
    /// <summary>Methods that it calls, which are the same wherever they have the same name: they stand in an assembly once.</summary>
    public IReadOnlyList<CodeMethod> Helpers { get; init; } = [];

    /// <summary>Whether it copies a padded input (<see cref="PaddingEmitter"/>).</summary>
    public bool IsPadding { get; init; }
}

/// <summary>An object that the model holds for a layer: parameters or a small table, made once.</summary>
/// <param name="Type">C# type.</param>
/// <param name="Name">Name of the field.</param>
/// <param name="Initialiser">Right side of its assignment in the constructor.</param>
/// <param name="HeapBytes">Managed heap by the 32-bit model.</param>
/// <param name="DataBytes">Bytes of initialiser data in flash.</param>
/// <param name="Maker">A generated method that makes the object, in place of an initialiser.</param>
internal sealed record CodeField(string Type, string Name, string Initialiser, int HeapBytes, int DataBytes, CodeMethod? Maker = null)
{
    /// <summary>What an initialiser takes beside its data: a field with a long name, a type for its size, the call that copies it.</summary>
    private const int InitialiserBytes = 140;

    /// <summary>Values that are stored one by one after the array has been made; 0 is there already.</summary>
    public IReadOnlyList<(int Index, int Value)> Stores { get; init; } = [];

    /// <summary>IL of the stores.</summary>
    public int StoreBytes => Stores.Sum(s => 2 + CodeText.IntBytes(s.Index) + CodeText.IntBytes(s.Value));

    /// <summary>An array of numbers: an initialiser, or single stores where these take less flash.</summary>
    public static CodeField Numbers(string type, string name, IReadOnlyList<int> values, int elementBytes)
    {
        var data = new CodeField(type, name, $"new {type} {{ {string.Join(", ", values)} }}", HeapModel.Array(values.Count, elementBytes), values.Count * elementBytes);
        CodeField stored = data with
        {
            Initialiser = $"new {type[..^2]}[{values.Count}]", DataBytes = 0, Stores = [.. values.Select((v, i) => (i, v)).Where(s => s.v != 0)],
        };
        return stored.StoreBytes < data.DataBytes + InitialiserBytes ? stored : data;
    }
}

/// <summary>One call that Run makes: a generated method with these arguments, or (Method null) a whole statement.</summary>
internal sealed record CodeCall(CodeMethod? Method, string Text, int IlBytes);

/// <summary>What a layer became.</summary>
/// <param name="Index">Position among the layers of the code.</param>
/// <param name="Remarks">Lines of the header that a reader sees above the code.</param>
/// <param name="Methods">Generated methods.</param>
/// <param name="Fields">Objects held by the model.</param>
/// <param name="Calls">What Run does for the layer.</param>
internal sealed record LayerCode(int Index, string[] Remarks, List<CodeMethod> Methods, List<CodeField> Fields, List<CodeCall> Calls)
{
    /// <summary>Estimated cost of a run in 32-bit additions, or null where a kernel does the work.</summary>
    public double? Adds { get; init; }

    /// <summary>What copies a padded input, and its call: other forms of the layer begin with the same.</summary>
    public (List<CodeMethod> Methods, List<CodeCall> Calls) Padding =>
        ([.. Methods.Where(m => m.IsPadding)], [.. Calls.Where(c => c.Method is { IsPadding: true })]);

    /// <summary>Flash of the layer's own code and data.</summary>
    public int FlashBytes => Methods.Sum(m => m.IlBytes + m.DataBytes) + Methods.SelectMany(m => m.Helpers).DistinctBy(h => h.Name).Sum(h => h.IlBytes) + Fields.Sum(f => f.DataBytes + f.StoreBytes) + Calls.Sum(c => c.IlBytes);

    /// <summary>Managed heap of the layer's own objects.</summary>
    public int HeapBytes => Fields.Sum(f => f.HeapBytes);
}
