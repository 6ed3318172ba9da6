using Mono.Cecil;
using Mono.Cecil.Cil;

namespace TinyAI.DeviceGate.Rules;

/// <summary>One place in an assembly that breaks a rule.</summary>
/// <param name="Rule">Name of the rule, one of the constants of <see cref="Rule"/>.</param>
/// <param name="Where">The member, as Type.Member.</param>
/// <param name="What">What was found there.</param>
public sealed record Finding(string Rule, string Where, string What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Rule}: {Where}: {What}";

    internal static Finding At(string rule, MethodDefinition method, string what) => new(rule, NameOf(method), what);

    internal static Finding At(string rule, MethodDefinition method, Instruction instruction) =>
        new(rule, NameOf(method), $"IL_{instruction.Offset:X4} {instruction.OpCode} {instruction.Operand}".TrimEnd());

    internal static string NameOf(MethodReference method) => $"{method.DeclaringType.Name}.{method.Name}";
}

/// <summary>Names of the rules.</summary>
public static class Rule
{
    public const string Generics = "generics";
    public const string MultiDimensionalArray = "multi-dimensional array";
    public const string UnsupportedOpcode = "unsupported opcode";
    public const string Pointer = "pointer";
    public const string FloatingPoint = "floating point";
    public const string Size = "size";
    public const string StaticArray = "static array";
    public const string CallInInnerLoop = "call in inner loop";
    public const string Allocation = "allocation while running";
}
