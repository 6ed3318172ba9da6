using Mono.Cecil;
using Mono.Cecil.Cil;

namespace TinyAI.DeviceGate.Rules;

/// <summary>What nanoFramework's v1 interpreter and metadata processor cannot load or run, found in types and IL.</summary>
internal static class LoadRules
{
    private static readonly HashSet<Code> s_unsupported =
    [
        Code.Localloc, Code.Cpblk, Code.Initblk, Code.Calli, Code.Ckfinite, Code.Arglist, Code.Jmp, Code.Mkrefany, Code.Refanytype,
        Code.Refanyval, Code.Readonly,
    ];

    private static readonly HashSet<Code> s_float =
    [
        Code.Ldc_R4, Code.Ldc_R8, Code.Conv_R4, Code.Conv_R8, Code.Conv_R_Un, Code.Ldelem_R4, Code.Ldelem_R8, Code.Stelem_R4,
        Code.Stelem_R8, Code.Ldind_R4, Code.Ldind_R8, Code.Stind_R4, Code.Stind_R8,
    ];

    public static IEnumerable<Finding> Check(ModuleDefinition module, bool allowFloat)
    {
        foreach (TypeDefinition type in module.GetTypes())
        {
            if (type.HasGenericParameters) yield return new Finding(Rule.Generics, type.Name, "the type has type parameters");
            if (type.BaseType is not null)
                foreach (Finding f in CheckType(type.BaseType, type.Name, allowFloat)) yield return f;
            foreach (InterfaceImplementation i in type.Interfaces)
                foreach (Finding f in CheckType(i.InterfaceType, type.Name, allowFloat)) yield return f;
            foreach (FieldDefinition field in type.Fields)
                foreach (Finding f in CheckType(field.FieldType, $"{type.Name}.{field.Name}", allowFloat)) yield return f;
            foreach (MethodDefinition method in type.Methods)
                foreach (Finding f in CheckMethod(method, allowFloat)) yield return f;
        }
    }

    private static IEnumerable<Finding> CheckMethod(MethodDefinition method, bool allowFloat)
    {
        string where = Finding.NameOf(method);
        if (method.HasGenericParameters) yield return Finding.At(Rule.Generics, method, "the method has type parameters");
        foreach (TypeReference type in SignatureOf(method))
            foreach (Finding f in CheckType(type, where, allowFloat)) yield return f;
        if (!method.HasBody) yield break;
        foreach (VariableDefinition local in method.Body.Variables)
        {
            if (local.IsPinned || local.VariableType.IsPinned) yield return Finding.At(Rule.Pointer, method, $"local {local.Index} is pinned");
            foreach (Finding f in CheckType(local.VariableType, where, allowFloat)) yield return f;
        }

        foreach (Instruction i in method.Body.Instructions)
        {
            if (s_unsupported.Contains(i.OpCode.Code)) yield return Finding.At(Rule.UnsupportedOpcode, method, i);
            // The metadata processor writes, and the interpreter reads, the number of cases as one byte.
            if (i.Operand is Instruction[] { Length: > byte.MaxValue } cases) yield return Finding.At(Rule.Size, method, $"a switch of {cases.Length} cases, {byte.MaxValue} are the limit");
            if (!allowFloat && s_float.Contains(i.OpCode.Code)) yield return Finding.At(Rule.FloatingPoint, method, i);
            foreach (TypeReference type in TypesOf(i))
                foreach (Finding f in CheckType(type, where, allowFloat)) yield return f;
            if (i.Operand is GenericInstanceMethod) yield return Finding.At(Rule.Generics, method, i);
        }
    }

    private static IEnumerable<TypeReference> SignatureOf(MethodReference method) =>
        method.Parameters.Select(p => p.ParameterType).Append(method.ReturnType);

    private static IEnumerable<TypeReference> TypesOf(Instruction i) => i.Operand switch
    {
        MethodReference m => SignatureOf(m).Append(m.DeclaringType),
        FieldReference f => [f.FieldType, f.DeclaringType],
        TypeReference t => [t],
        _ => [],
    };

    /// <summary>Looks through arrays, references and pointers down to the element.</summary>
    private static IEnumerable<Finding> CheckType(TypeReference type, string where, bool allowFloat)
    {
        for (TypeReference? t = type; t is not null; t = (t as TypeSpecification)?.ElementType)
        {
            if (t is ArrayType { Rank: > 1 }) yield return new Finding(Rule.MultiDimensionalArray, where, type.FullName);
            if (t is PointerType or FunctionPointerType) yield return new Finding(Rule.Pointer, where, type.FullName);
            if (t is GenericInstanceType or GenericParameter) yield return new Finding(Rule.Generics, where, type.FullName);
            if (!allowFloat && (t.FullName is "System.Single" or "System.Double"))
                yield return new Finding(Rule.FloatingPoint, where, type.FullName);
            if (t is FunctionPointerType) yield break;
        }
    }
}
