using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace TinyAI.CostModel;

/// <summary>One basic block: the operations that run whenever its first one does.</summary>
/// <param name="Method">Index of the method in <see cref="InstrumentedAssembly.Methods"/>.</param>
/// <param name="IsEntry">Whether it is the method's first block, so that its count is the number of calls.</param>
/// <param name="Operations">Number of operations by cost class.</param>
internal sealed record BasicBlock(int Method, bool IsEntry, int[] Operations);

/// <summary>An assembly with a counter in every basic block, and what is in the blocks.</summary>
internal sealed record InstrumentedAssembly(string Name, byte[] Image, string[] Methods, BasicBlock[] Blocks, int CodeBytes);

/// <summary>
/// Rewrites an assembly so that each basic block adds one to its own element of a long[] in an injected static field.
/// Blocks begin at branch targets, after branches, and at exception handlers; a call does not end one, so a block that
/// an exception leaves half-way counts as run.
/// </summary>
internal static class Instrumenter
{
    /// <summary>Full name of the injected type.</summary>
    public const string CounterType = "TinyAI.CostModel.Injected.BlockCounters";

    /// <summary>Name of its only field.</summary>
    public const string CounterField = "Counts";

    private static readonly int s_local = CostClasses.IndexOf("call.local");

    /// <summary>Instruments an assembly; searchFolders help to find what it references.</summary>
    public static InstrumentedAssembly Run(byte[] image, IEnumerable<string> searchFolders)
    {
        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        foreach (string folder in searchFolders) resolver.AddSearchDirectory(folder);
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(new MemoryStream(image), new ReaderParameters { AssemblyResolver = resolver });
        ModuleDefinition module = assembly.MainModule;
        var methods = new List<string>();
        var blocks = new List<BasicBlock>();
        FieldDefinition counters = AddCounters(module);
        int codeBytes = 0;
        foreach (MethodDefinition method in module.GetTypes().SelectMany(t => t.Methods).Where(m => m.HasBody))
        {
            codeBytes += method.Body.CodeSize;
            Instrument(method, counters, methods.Count, blocks);
            methods.Add(method.DeclaringType.FullName + "." + method.Name);
        }

        var output = new MemoryStream();
        assembly.Write(output);
        return new InstrumentedAssembly(assembly.Name.Name, output.ToArray(), [.. methods], [.. blocks], codeBytes);
    }

    private static FieldDefinition AddCounters(ModuleDefinition module)
    {
        var type = new TypeDefinition(
            "TinyAI.CostModel.Injected", "BlockCounters", TypeAttributes.Public | TypeAttributes.Abstract | TypeAttributes.Sealed, module.TypeSystem.Object);
        var field = new FieldDefinition(CounterField, FieldAttributes.Public | FieldAttributes.Static, new ArrayType(module.TypeSystem.Int64));
        type.Fields.Add(field);
        module.Types.Add(type);
        return field;
    }

    private static void Instrument(MethodDefinition method, FieldDefinition counters, int index, List<BasicBlock> blocks)
    {
        Dictionary<Instruction, StackKind[]> stacks = StackFlow.Run(method);
        HashSet<Instruction> leaders = Leaders(method.Body);
        var starts = new List<(Instruction Leader, int Block)>();
        int[] operations = [];
        foreach (Instruction at in method.Body.Instructions)
        {
            if (leaders.Contains(at))
            {
                operations = new int[CostClasses.All.Count];
                starts.Add((at, blocks.Count));
                if (starts.Count == 1) operations[s_local] = method.Body.Variables.Count;
                blocks.Add(new BasicBlock(index, starts.Count == 1, operations));
            }

            operations[Classifier.Classify(at, stacks.GetValueOrDefault(at))]++;
        }

        method.Body.SimplifyMacros();
        ILProcessor il = method.Body.GetILProcessor();
        foreach ((Instruction leader, int block) in starts) Count(il, leader, block, counters);
        method.Body.OptimizeMacros();
    }

    private static HashSet<Instruction> Leaders(MethodBody body)
    {
        var leaders = new HashSet<Instruction> { body.Instructions[0] };
        foreach (Instruction at in body.Instructions)
        {
            if (at.Operand is Instruction target) leaders.Add(target);
            if (at.Operand is Instruction[] targets) leaders.UnionWith(targets);
            bool ends = at.OpCode.FlowControl is FlowControl.Branch or FlowControl.Cond_Branch or FlowControl.Return or FlowControl.Throw;
            if (ends && at.Next is not null) leaders.Add(at.Next);
        }

        foreach (ExceptionHandler handler in body.ExceptionHandlers)
        {
            leaders.Add(handler.TryStart);
            leaders.Add(handler.HandlerStart);
            if (handler.FilterStart is not null) leaders.Add(handler.FilterStart);
        }

        return leaders;
    }

    /// <summary>
    /// Puts the increment before a leader. The leader's own object becomes the first instruction of the increment, so
    /// that branches and handlers that point at it run the increment too.
    /// </summary>
    private static void Count(ILProcessor il, Instruction leader, int block, FieldDefinition counters)
    {
        Instruction original = il.Create(OpCodes.Nop);
        (original.OpCode, original.Operand) = (leader.OpCode, leader.Operand);
        (leader.OpCode, leader.Operand) = (OpCodes.Ldsfld, counters);
        Instruction[] rest =
        [
            il.Create(OpCodes.Ldc_I4, block), il.Create(OpCodes.Ldelema, il.Body.Method.Module.TypeSystem.Int64), il.Create(OpCodes.Dup),
            il.Create(OpCodes.Ldind_I8), il.Create(OpCodes.Ldc_I4_1), il.Create(OpCodes.Conv_I8), il.Create(OpCodes.Add), il.Create(OpCodes.Stind_I8), original,
        ];
        Instruction last = leader;
        foreach (Instruction next in rest)
        {
            il.InsertAfter(last, next);
            last = next;
        }
    }
}
