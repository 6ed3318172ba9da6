using Mono.Cecil;

namespace TinyAI.CostModel;

/// <summary>Types as the evaluation stack knows them, as far as costs depend on them.</summary>
internal enum StackKind
{
    /// <summary>Integers of up to 32 bits, booleans and characters; on a 32-bit device also native integers.</summary>
    Int32,

    /// <summary>64-bit integers.</summary>
    Int64,

    /// <summary>Floating point of either width.</summary>
    Float,

    /// <summary>Object references.</summary>
    Object,

    /// <summary>Managed pointers.</summary>
    Pointer,

    /// <summary>Structs.</summary>
    Struct,
}

/// <summary>From types in metadata to types on the stack.</summary>
internal static class StackKinds
{
    /// <summary>The kind of a value of this type.</summary>
    public static StackKind Of(TypeReference type)
    {
        switch (type.MetadataType)
        {
            case MetadataType.Boolean or MetadataType.Char or MetadataType.SByte or MetadataType.Byte or MetadataType.Int16 or MetadataType.UInt16
                or MetadataType.Int32 or MetadataType.UInt32 or MetadataType.IntPtr or MetadataType.UIntPtr:
                return StackKind.Int32;
            case MetadataType.Int64 or MetadataType.UInt64:
                return StackKind.Int64;
            case MetadataType.Single or MetadataType.Double:
                return StackKind.Float;
            case MetadataType.ByReference or MetadataType.Pointer:
                return StackKind.Pointer;
            case MetadataType.RequiredModifier or MetadataType.OptionalModifier or MetadataType.Pinned:
                return Of(((TypeSpecification)type).ElementType);
            case MetadataType.ValueType:
                return type.Resolve() is { IsEnum: true } e ? Of(e.Fields.First(f => !f.IsStatic).FieldType) : StackKind.Struct;
            case MetadataType.TypedByReference:
                return StackKind.Struct;
            case MetadataType.GenericInstance when type.IsValueType:
                return StackKind.Struct;
            default:
                return StackKind.Object;
        }
    }
}
