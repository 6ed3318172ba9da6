using Mono.Cecil;
using Mono.Cecil.Cil;

namespace TinyAI.CostModel;

/// <summary>Says to which cost class an IL instruction belongs, given the kinds of its operands.</summary>
internal static class Classifier
{
    /// <summary>Index in <see cref="CostClasses.All"/>.</summary>
    public static int Classify(Instruction at, StackKind[]? stack)
    {
        // What no path reaches runs never; any class does.
        return stack is null ? CostClasses.IndexOf("nop") : CostClasses.IndexOf(Name(at, stack));
    }

    private static string Name(Instruction at, StackKind[] stack)
    {
        switch (at.OpCode.Code)
        {
            case Code.Nop or Code.Break or Code.Volatile or Code.Constrained or Code.Readonly or Code.Tail or Code.Unaligned or Code.No:
                return "nop";
            case Code.Ldarg or Code.Ldarg_S or Code.Ldarg_0 or Code.Ldarg_1 or Code.Ldarg_2 or Code.Ldarg_3:
                return "ldarg";
            case Code.Starg or Code.Starg_S:
                return "starg";
            case Code.Ldloc or Code.Ldloc_S or Code.Ldloc_0 or Code.Ldloc_1 or Code.Ldloc_2 or Code.Ldloc_3:
                return "ldloc";
            case Code.Stloc or Code.Stloc_S or Code.Stloc_0 or Code.Stloc_1 or Code.Stloc_2 or Code.Stloc_3:
                return "stloc";
            case Code.Ldloca or Code.Ldloca_S or Code.Ldarga or Code.Ldarga_S:
                return "ldloca";
            case Code.Ldc_I8:
                return "ldc.i8";
            case >= Code.Ldc_I4_M1 and <= Code.Ldc_R8 or Code.Ldnull or Code.Ldstr:
                return "ldc";
            case Code.Dup:
                return "dup";
            case Code.Pop:
                return "pop";
            case Code.Add or Code.Add_Ovf or Code.Add_Ovf_Un:
                return Wide("add", stack[^2]);
            case Code.Sub or Code.Sub_Ovf or Code.Sub_Ovf_Un:
                return Wide("sub", stack[^2]);
            case Code.Mul or Code.Mul_Ovf or Code.Mul_Ovf_Un:
                return Wide("mul", stack[^2]);
            case Code.Div or Code.Div_Un or Code.Rem or Code.Rem_Un:
                return Wide("div", stack[^2]);
            case Code.And or Code.Or or Code.Xor:
                return Wide("and", stack[^2]);
            case Code.Shl or Code.Shr or Code.Shr_Un:
                return Wide("shift", stack[^2]);
            case Code.Neg or Code.Not:
                return stack[^1] == StackKind.Float ? "float" : "neg";
            case Code.Beq or Code.Beq_S or Code.Bne_Un or Code.Bne_Un_S or Code.Bge or Code.Bge_S or Code.Bge_Un or Code.Bge_Un_S or Code.Bgt or Code.Bgt_S
                or Code.Bgt_Un or Code.Bgt_Un_S or Code.Ble or Code.Ble_S or Code.Ble_Un or Code.Ble_Un_S or Code.Blt or Code.Blt_S or Code.Blt_Un or Code.Blt_Un_S:
                return "compare-branch";
            case Code.Brtrue or Code.Brtrue_S or Code.Brfalse or Code.Brfalse_S:
                return "branch.if";
            case Code.Br or Code.Br_S:
                return "branch";
            case Code.Switch:
                return "switch";
            case Code.Ceq or Code.Cgt or Code.Cgt_Un or Code.Clt or Code.Clt_Un:
                return "compare";
            case Code.Ret:
                return "ret";
            case Code.Leave or Code.Leave_S or Code.Endfinally or Code.Endfilter:
                return "leave";
            case Code.Throw or Code.Rethrow:
                return "throw";
            case Code.Call or Code.Callvirt:
                return Call(at);
            case Code.Newobj:
                return "newobj";
            case Code.Newarr:
                return "newarr";
            case Code.Box or Code.Unbox or Code.Unbox_Any:
                return "box";
            case Code.Castclass or Code.Isinst:
                return "cast";
            default:
                return Memory(at) ?? Conversion(at.OpCode.Code) ?? "other";
        }
    }

    private static string? Memory(Instruction at)
    {
        switch (at.OpCode.Code)
        {
            case Code.Ldelem_I1 or Code.Ldelem_U1:
                return "ldelem.i1";
            case Code.Ldelem_I2 or Code.Ldelem_U2:
                return "ldelem.i2";
            case Code.Ldelem_I4 or Code.Ldelem_U4 or Code.Ldelem_I or Code.Ldelem_R4:
                return "ldelem.i4";
            case Code.Ldelem_I8 or Code.Ldelem_R8:
                return "ldelem.i8";
            case Code.Ldelem_Ref or Code.Ldelem_Any:
                return "ldelem.ref";
            case Code.Stelem_I1:
                return "stelem.i1";
            case Code.Stelem_I2:
                return "stelem.i2";
            case Code.Stelem_I4 or Code.Stelem_I or Code.Stelem_R4:
                return "stelem.i4";
            case Code.Stelem_I8 or Code.Stelem_R8:
                return "stelem.i8";
            case Code.Stelem_Ref or Code.Stelem_Any:
                return "stelem.ref";
            case Code.Ldelema:
                return "ldelema";
            case Code.Ldlen:
                return "ldlen";
            case Code.Ldsfld or Code.Ldsflda:
                return "ldsfld";
            case Code.Stsfld:
                return "stsfld";
            case Code.Ldfld or Code.Ldflda:
                return ((FieldReference)at.Operand).DeclaringType.IsValueType ? "struct-field" : "ldfld";
            case Code.Stfld:
                return ((FieldReference)at.Operand).DeclaringType.IsValueType ? "struct-field" : "stfld";
            case >= Code.Ldind_I1 and <= Code.Ldind_Ref or Code.Ldobj:
                return "ldind";
            case >= Code.Stind_Ref and <= Code.Stind_R8 or Code.Stind_I or Code.Stobj or Code.Initobj:
                return "stind";
            default:
                return null;
        }
    }

    private static string? Conversion(Code code) => code switch
    {
        Code.Conv_I1 or Code.Conv_U1 or Code.Conv_I2 or Code.Conv_U2 or Code.Conv_Ovf_I1 or Code.Conv_Ovf_U1 or Code.Conv_Ovf_I2 or Code.Conv_Ovf_U2
            => "conv.i1",
        Code.Conv_I4 or Code.Conv_U4 or Code.Conv_I or Code.Conv_U or Code.Conv_Ovf_I4 or Code.Conv_Ovf_U4 => "conv.i4",
        Code.Conv_I8 or Code.Conv_U8 or Code.Conv_Ovf_I8 or Code.Conv_Ovf_U8 => "conv.i8",
        Code.Conv_R4 or Code.Conv_R8 or Code.Conv_R_Un => "float",
        _ => null,
    };

    private static string Wide(string operation, StackKind kind) =>
        kind == StackKind.Float ? "float" : operation + (kind == StackKind.Int64 ? ".i8" : ".i4");

    private static string Call(Instruction at)
    {
        var called = (MethodReference)at.Operand;
        if (Resolve(called) is not { } method) return "call.external";
        if (method.Name == "Invoke" && method.DeclaringType.BaseType?.FullName == "System.MulticastDelegate") return "call.delegate";
        if (at.OpCode.Code == Code.Callvirt && method.IsVirtual) return method.DeclaringType.IsInterface ? "call.interface" : "call.virtual";
        if (!called.Module.Assembly.Name.Name.Equals(method.Module.Assembly.Name.Name, StringComparison.Ordinal) && IsLibrary(method)) return "call.external";
        return method.IsStatic ? "call.static" : "call.instance";
    }

    /// <summary>Class library methods run natively or as IL that is not counted here.</summary>
    private static bool IsLibrary(MethodDefinition method) => method.Module.Assembly.Name.Name.StartsWith("System.", StringComparison.Ordinal);

    private static MethodDefinition? Resolve(MethodReference called)
    {
        try
        {
            return called.Resolve();
        }
        catch (AssemblyResolutionException)
        {
            return null;
        }
    }
}
