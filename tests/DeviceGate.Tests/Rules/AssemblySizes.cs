using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Mono.Cecil;
using MetadataReader = System.Reflection.Metadata.MetadataReader;
using PEReaderExtensions = System.Reflection.Metadata.PEReaderExtensions;

namespace TinyAI.DeviceGate.Rules;

/// <summary>
/// Limits of the converted assembly: 16-bit offsets into its IL and its signatures, 8-bit counts of arguments, locals
/// and evaluation stack slots, and what it takes of RAM once loaded.
/// </summary>
public sealed record AssemblySizes(int Il, int Signatures, int Ram, int LargestMethod, string LargestMethodName)
{
    /// <summary>Largest offset into the IL.</summary>
    public const int IlLimit = 65535;

    /// <summary>All signatures and array initialisers together stay below this.</summary>
    public const int SignatureLimit = 65536;

    /// <summary>A method larger than this is a quarter of all an assembly can hold: split it.</summary>
    public const int MethodLimit = 16384;

    private const int ByteLimit = 255;

    /// <summary>Measures an assembly.</summary>
    public static AssemblySizes Of(byte[] image)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(image));
        (int il, int largest, string name) = (0, 0, "");
        foreach (MethodDefinition method in Methods(module).Where(m => m.HasBody))
        {
            il += method.Body.CodeSize;
            if (method.Body.CodeSize > largest) (largest, name) = (method.Body.CodeSize, Finding.NameOf(method));
        }

        using var pe = new PEReader(new MemoryStream(image));
        MetadataReader reader = PEReaderExtensions.GetMetadataReader(pe);
        int signatures = reader.GetHeapSize(HeapIndex.Blob) + module.GetTypes().SelectMany(t => t.Fields).Sum(f => f.InitialValue?.Length ?? 0);
        return new AssemblySizes(il, signatures, RamOf(module), largest, name);
    }

    internal static IEnumerable<Finding> Check(ModuleDefinition module, byte[] image)
    {
        AssemblySizes sizes = Of(image);
        if (sizes.Il > IlLimit) yield return new Finding(Rule.Size, module.Name, $"{sizes.Il} bytes of IL, {IlLimit} are the limit");
        if (sizes.Signatures >= SignatureLimit)
            yield return new Finding(Rule.Size, module.Name, $"{sizes.Signatures} bytes of signatures and array data, {SignatureLimit} are too many");
        foreach (MethodDefinition method in Methods(module))
        {
            int arguments = method.Parameters.Count + (method.HasThis ? 1 : 0);
            if (arguments > ByteLimit) yield return Finding.At(Rule.Size, method, $"{arguments} arguments, {ByteLimit} are the limit");
            if (!method.HasBody) continue;
            if (method.Body.CodeSize > MethodLimit) yield return Finding.At(Rule.Size, method, $"{method.Body.CodeSize} bytes of IL, {MethodLimit} are the limit");
            if (method.Body.Variables.Count > ByteLimit) yield return Finding.At(Rule.Size, method, $"{method.Body.Variables.Count} locals, {ByteLimit} are the limit");
            if (method.Body.MaxStackSize > ByteLimit) yield return Finding.At(Rule.Size, method, $"{method.Body.MaxStackSize} stack slots, {ByteLimit} are the limit");
        }
    }

    private static IEnumerable<MethodDefinition> Methods(ModuleDefinition module) => module.GetTypes().SelectMany(t => t.Methods);

    /// <summary>
    /// Bytes of RAM on a 32-bit device: 136, 4 per reference to an assembly, type, field or method, 8 per type, 2 per
    /// field and method (rounded up to 4 each), 12 per static field. The metadata processor drops constants, the module
    /// type and attributes that say nothing at run time.
    /// </summary>
    private static int RamOf(ModuleDefinition module)
    {
        TypeDefinition[] types = [.. module.GetTypes().Where(t => t.Name != "<Module>" && !IsDropped(t))];
        FieldDefinition[] fields = [.. types.SelectMany(t => t.Fields).Where(f => !f.HasConstant)];
        int methods = types.Sum(t => t.Methods.Count);
        (int typeRefs, int fieldRefs, int methodRefs) = References(module);
        return 136 + 4 * module.AssemblyReferences.Count + 4 * (typeRefs + fieldRefs + methodRefs)
            + 8 * types.Length + RoundUp(2 * fields.Length) + RoundUp(2 * methods) + 12 * fields.Count(f => f.IsStatic);
    }

    private static bool IsDropped(TypeDefinition type) => type.Name.StartsWith("<PrivateImplementationDetails>", StringComparison.Ordinal) || type.DeclaringType is { } d && IsDropped(d);

    private static int RoundUp(int bytes) => (bytes + 3) & ~3;

    private static (int Types, int Fields, int Methods) References(ModuleDefinition module)
    {
        bool Kept(TypeReference t) => !(t.Namespace == "System.Reflection" && t.Name.StartsWith("Assembly", StringComparison.Ordinal) && t.Name.EndsWith("Attribute", StringComparison.Ordinal))
            && t.Namespace is not ("System.Runtime.CompilerServices" or "System.Diagnostics");
        MemberReference[] members = [.. module.GetMemberReferences().Where(m => Kept(m.DeclaringType))];
        return (module.GetTypeReferences().Count(Kept), members.OfType<FieldReference>().Count(), members.OfType<MethodReference>().Count());
    }
}
