using Mono.Cecil;
using Mono.Cecil.Cil;

namespace TinyAI.DeviceGate.Rules;

/// <summary>What would run on a device but cost too much there: rules for kernels and for Session.Run.</summary>
internal static class KernelRules
{
    /// <summary>A static array lives in flash and is copied to the heap as well, for as long as the program runs.</summary>
    public static IEnumerable<Finding> StaticArrays(ModuleDefinition module) =>
        from type in module.GetTypes()
        from field in type.Fields
        where field.IsStatic && field.FieldType.IsArray
        select new Finding(Rule.StaticArray, $"{type.Name}.{field.Name}", field.FieldType.FullName);

    /// <summary>A call costs as much as five additions: innermost loops of kernels have none.</summary>
    public static IEnumerable<Finding> CallsInInnerLoops(ModuleDefinition module) =>
        from type in module.GetTypes()
        from method in type.Methods
        where method.HasBody
        from instruction in new ControlFlow(method.Body).InnermostLoops()
        where instruction.OpCode.Code is Code.Call or Code.Callvirt or Code.Newobj
        select Finding.At(Rule.CallInInnerLoop, method, instruction);

    /// <summary>
    /// Everything that a method and all it calls can allocate before it returns. Calls through an interface reach all
    /// implementations in the given modules; calls out of them are findings unless they are known to be harmless.
    /// </summary>
    public static IEnumerable<Finding> Allocations(IReadOnlyList<ModuleDefinition> modules, string type, string method, ISet<string> knownCalls)
    {
        TypeDefinition[] types = [.. modules.SelectMany(m => m.GetTypes())];
        var open = new Stack<MethodDefinition>(types.Where(t => t.Name == type).SelectMany(t => t.Methods).Where(m => m.Name == method));
        if (open.Count == 0) throw new ArgumentException($"There is no method {type}.{method}.");
        var seen = new HashSet<string>();
        while (open.TryPop(out MethodDefinition? current))
        {
            if (!seen.Add(current.FullName) || !current.HasBody) continue;
            foreach (Instruction i in new ControlFlow(current.Body).Returning)
            {
                if (i.OpCode.Code is Code.Newarr or Code.Newobj or Code.Box) yield return Finding.At(Rule.Allocation, current, i);
                if (i.OpCode.Code is not (Code.Call or Code.Callvirt) || i.Operand is not MethodReference called) continue;
                MethodDefinition[] targets = [.. Targets(types, called)];
                foreach (MethodDefinition target in targets) open.Push(target);
                if (targets.Length == 0 && !knownCalls.Contains(Finding.NameOf(called))) yield return Finding.At(Rule.Allocation, current, i);
            }
        }
    }

    private static IEnumerable<MethodDefinition> Targets(TypeDefinition[] types, MethodReference called)
    {
        TypeDefinition? declaring = types.FirstOrDefault(t => t.FullName == called.DeclaringType.FullName);
        if (declaring is null) return [];
        IEnumerable<TypeDefinition> candidates = types.Where(t => IsOrDerives(types, t, declaring.FullName));
        return candidates.SelectMany(t => t.Methods).Where(m => m.Name == called.Name && SameParameters(m, called));
    }

    private static bool IsOrDerives(TypeDefinition[] types, TypeDefinition type, string ancestor)
    {
        if (type.FullName == ancestor || type.Interfaces.Any(i => i.InterfaceType.FullName == ancestor)) return true;
        TypeDefinition? parent = types.FirstOrDefault(t => t.FullName == type.BaseType?.FullName);
        return parent is not null && IsOrDerives(types, parent, ancestor);
    }

    private static bool SameParameters(MethodReference a, MethodReference b) =>
        a.Parameters.Select(p => p.ParameterType.FullName).SequenceEqual(b.Parameters.Select(p => p.ParameterType.FullName));
}
