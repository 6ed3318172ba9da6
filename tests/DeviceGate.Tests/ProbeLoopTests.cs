using Mono.Cecil;
using Mono.Cecil.Cil;

namespace TinyAI.DeviceGate.Tests;

/// <summary>
/// The probe divides the time of a loop by the operations in its body. Here the operations of the compiled bodies are
/// counted, less those of the empty loop.
/// </summary>
public class ProbeLoopTests
{
    // Loop, then what a turn of it executes more than the empty one.
    private static readonly string[] s_expected =
    [
        "Move: 16 ldloc, 16 stloc",
        "Constant: 16 ldc, 16 stloc",
        "AddInt: 17 ldloc, 16 add, 1 stloc",
        "AddLong: 17 ldloc, 16 add, 1 stloc",
        "MulInt: 17 ldloc, 16 mul, 1 stloc",
        "MulLong: 17 ldloc, 16 mul, 1 stloc",
        "DivInt: 17 ldloc, 16 div, 1 stloc",
        "And: 17 ldloc, 16 and, 1 stloc",
        "Shift: 1 ldloc, 16 ldc, 16 shr, 1 stloc",
        "ToByte: 16 ldloc, 16 conv.i1, 16 stloc",
        "ToLong: 16 ldloc, 16 conv.i8, 16 stloc",
        "ToInt: 16 ldloc, 16 conv.i4, 16 stloc",
        // The branch is taken, so the assignment behind it is compiled but not executed.
        "Compare: 48 ldloc, 16 ble, 16 stloc",
        "LoadByte: 32 ldloc, 16 ldelem.i1, 16 stloc",
        "LoadShort: 32 ldloc, 16 ldelem.i2, 16 stloc",
        "LoadInt: 32 ldloc, 16 ldelem.i4, 16 stloc",
        "LoadLong: 32 ldloc, 16 ldelem.i8, 16 stloc",
        "StoreByte: 48 ldloc, 16 stelem.i1",
        "StoreInt: 48 ldloc, 16 stelem.i4",
        "Length: 16 ldloc, 16 ldlen, 16 conv.i4, 16 stloc",
        "LoadStatic: 16 ldsfld, 16 stloc",
        "LoadField: 16 ldarg, 16 ldfld, 16 stloc",
        "StoreField: 16 ldarg, 16 ldloc, 16 stfld",
        "CallStatic: 16 call",
        "CallInstance: 16 ldloc, 16 callvirt",
        "CallVirtual: 16 ldloc, 16 callvirt",
        "CallInterface: 16 ldloc, 16 callvirt",
        "CallDelegate: 16 ldloc, 16 callvirt",
        "NewObject: 16 newobj, 16 stloc",
        "NewArray: 16 ldc, 16 newarr, 16 stloc",
        "ConstantLong: 1 ldloc, 16 ldc, 16 add, 1 stloc",
        "CallLocals: 16 ldloc, 16 call",
    ];

    public static TheoryData<string> Loops => [.. s_expected];

    [Theory]
    [MemberData(nameof(Loops))]
    public void A_loop_of_the_probe_holds_what_the_probe_divides_by(string expected)
    {
        string[] parts = expected.Split(": ");
        Dictionary<string, int> body = Body(parts[0]), empty = Body("Empty");
        foreach ((string op, int count) in empty) body[op] = body.GetValueOrDefault(op) - count;
        Dictionary<string, int> want = parts[1].Split(", ").ToDictionary(p => p.Split(' ')[1], p => int.Parse(p.Split(' ')[0]));
        Assert.Equal(Text(want), Text(body));
    }

    [Fact]
    public void Every_loop_is_counted()
    {
        TypeDefinition loops = LoopsType();
        string[] constants = [.. loops.Fields.Where(f => f.HasConstant && f.Name.EndsWith("Loop", StringComparison.Ordinal)).Select(f => f.Name[..^4])];
        Assert.Equal(constants.Order(), s_expected.Select(e => e.Split(':')[0]).Append("Empty").Order());
        Assert.Equal(constants.Length, (int)loops.Fields.Single(f => f.Name == "Count").Constant);
        Assert.Equal(16, (int)loops.Fields.Single(f => f.Name == "Unrolled").Constant);
    }

    [Fact]
    public void The_method_called_with_locals_has_as_many_as_the_probe_divides_by()
    {
        TypeDefinition target = LoopsType().Module.GetTypes().Single(t => t.Name == "ProbeTarget");
        Assert.Equal((int)target.Fields.Single(f => f.Name == "Locals").Constant, target.Methods.Single(m => m.Name == "ByNameWithLocals").Body.Variables.Count);
    }

    private static string Text(Dictionary<string, int> counts) => string.Join(", ", counts.Where(c => c.Value != 0).OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Value} {c.Key}"));

    private static TypeDefinition LoopsType()
    {
        byte[] image = NanoCompiler.Compile(NanoProject.All.Single(p => p.AssemblyName == "TinyAI.Boards"));
        return ModuleDefinition.ReadModule(new MemoryStream(image)).GetTypes().Single(t => t.Name == "OperationLoops");
    }

    /// <summary>Operations from the target of the loop's backward branch to that branch, by name without their forms.</summary>
    private static Dictionary<string, int> Body(string loop)
    {
        MethodDefinition method = LoopsType().Methods.Single(m => m.Name == loop);
        Instruction back = method.Body.Instructions.Single(i => i.Operand is Instruction target && target.Offset < i.Offset);
        return method.Body.Instructions.Where(i => i.Offset >= ((Instruction)back.Operand).Offset && i.Offset <= back.Offset)
            .GroupBy(NameOf).ToDictionary(g => g.Key, g => g.Count());
    }

    private static string NameOf(Instruction i)
    {
        string name = i.OpCode.Name;
        string[] kept = ["conv.", "ldelem.", "stelem."];
        return kept.Any(k => name.StartsWith(k, StringComparison.Ordinal)) ? name : name.Split('.')[0];
    }
}
