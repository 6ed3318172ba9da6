using Mono.Cecil;
using Mono.Cecil.Cil;

namespace TinyAI.CostModel;

/// <summary>
/// A small abstract interpretation of a method's IL: follows every path once with the kinds of values on the
/// evaluation stack, because the same opcode (add, mul, shr) works on 32 or 64 bits depending on them. The compiler's
/// output has the same kinds on every path into an instruction, so the first path decides.
/// </summary>
internal sealed class StackFlow
{
    private readonly MethodDefinition _method;
    private readonly Dictionary<Instruction, StackKind[]> _before = [];
    private readonly Queue<Instruction> _open = new();

    private StackFlow(MethodDefinition method) => _method = method;

    /// <summary>The stack before each instruction that can be reached, bottom first.</summary>
    public static Dictionary<Instruction, StackKind[]> Run(MethodDefinition method)
    {
        var flow = new StackFlow(method);
        flow.Reach(method.Body.Instructions[0], []);
        foreach (ExceptionHandler handler in method.Body.ExceptionHandlers)
        {
            bool takes = handler.HandlerType is ExceptionHandlerType.Catch or ExceptionHandlerType.Filter;
            flow.Reach(handler.HandlerStart, takes ? [StackKind.Object] : []);
            if (handler.FilterStart is not null) flow.Reach(handler.FilterStart, [StackKind.Object]);
        }

        while (flow._open.TryDequeue(out Instruction? at)) flow.Follow(at);
        return flow._before;
    }

    private void Reach(Instruction? at, IEnumerable<StackKind> stack)
    {
        if (at is not null && _before.TryAdd(at, [.. stack])) _open.Enqueue(at);
    }

    private void Follow(Instruction at)
    {
        var stack = new Stack<StackKind>(_before[at]);
        Execute(at, stack);
        IEnumerable<StackKind> after = stack.Reverse();
        if (at.Operand is Instruction target) Reach(target, after);
        if (at.Operand is Instruction[] targets)
        {
            foreach (Instruction t in targets) Reach(t, after);
        }

        if (at.OpCode.FlowControl is not (FlowControl.Branch or FlowControl.Return or FlowControl.Throw)) Reach(at.Next, after);
    }

    private void Execute(Instruction at, Stack<StackKind> stack)
    {
        OpCode op = at.OpCode;
        switch (op.Code)
        {
            case Code.Dup:
                stack.Push(stack.Peek());
                return;
            case Code.Call or Code.Callvirt or Code.Newobj:
                Call(at, stack);
                return;
            case Code.Leave or Code.Leave_S or Code.Endfinally or Code.Endfilter:
                stack.Clear();
                return;
            case Code.Ret:
                stack.Clear();
                return;
        }

        StackKind second = StackKind.Int32, first = StackKind.Int32;
        int pops = Pops(op.StackBehaviourPop);
        for (int i = 0; i < pops; i++)
        {
            second = first;
            first = stack.Pop();
        }

        // first is the deepest operand now: for a binary operation the left one.
        if (Result(at, first, second) is { } result) stack.Push(result);
    }

    private static void Call(Instruction at, Stack<StackKind> stack)
    {
        var called = (MethodReference)at.Operand;
        bool isNew = at.OpCode.Code == Code.Newobj;
        int pops = called.Parameters.Count + (called.HasThis && !isNew ? 1 : 0);
        for (int i = 0; i < pops; i++) stack.Pop();
        if (isNew) stack.Push(called.DeclaringType.IsValueType ? StackKind.Struct : StackKind.Object);
        else if (called.ReturnType.MetadataType != MetadataType.Void) stack.Push(StackKinds.Of(called.ReturnType));
    }

    private static int Pops(StackBehaviour behaviour) => behaviour switch
    {
        StackBehaviour.Pop0 => 0,
        StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
        StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi or StackBehaviour.Popi_popi8 or StackBehaviour.Popi_popr4
            or StackBehaviour.Popi_popr8 or StackBehaviour.Popref_pop1 or StackBehaviour.Popref_popi => 2,
        StackBehaviour.Popi_popi_popi or StackBehaviour.Popref_popi_popi or StackBehaviour.Popref_popi_popi8 or StackBehaviour.Popref_popi_popr4
            or StackBehaviour.Popref_popi_popr8 or StackBehaviour.Popref_popi_popref => 3,
        _ => throw new NotSupportedException($"The stack behaviour {behaviour} does not occur in device code."),
    };

    private StackKind? Result(Instruction at, StackKind left, StackKind right)
    {
        switch (at.OpCode.Code)
        {
            case Code.Ldarg or Code.Ldarg_S or Code.Ldarg_0 or Code.Ldarg_1 or Code.Ldarg_2 or Code.Ldarg_3:
                return Argument(at);
            case Code.Ldloc or Code.Ldloc_S or Code.Ldloc_0 or Code.Ldloc_1 or Code.Ldloc_2 or Code.Ldloc_3:
                return StackKinds.Of(Local(at).VariableType);
            case Code.Add or Code.Sub or Code.Mul or Code.Div or Code.Div_Un or Code.Rem or Code.Rem_Un or Code.And or Code.Or or Code.Xor
                or Code.Add_Ovf or Code.Add_Ovf_Un or Code.Sub_Ovf or Code.Sub_Ovf_Un or Code.Mul_Ovf or Code.Mul_Ovf_Un:
                return left == StackKind.Pointer || right == StackKind.Pointer ? StackKind.Pointer : left;
            case Code.Shl or Code.Shr or Code.Shr_Un or Code.Neg or Code.Not:
                return left;
            case Code.Ldfld or Code.Ldsfld:
                return StackKinds.Of(((FieldReference)at.Operand).FieldType);
            case Code.Ldelem_Any or Code.Ldobj or Code.Unbox_Any:
                return StackKinds.Of((TypeReference)at.Operand);
            case Code.Ldflda or Code.Ldsflda or Code.Ldloca or Code.Ldloca_S or Code.Ldarga or Code.Ldarga_S or Code.Ldelema or Code.Unbox:
                return StackKind.Pointer;
            case Code.Ldtoken:
                return StackKind.Struct;
        }

        return at.OpCode.StackBehaviourPush switch
        {
            StackBehaviour.Push0 => null,
            StackBehaviour.Pushi8 => StackKind.Int64,
            StackBehaviour.Pushr4 or StackBehaviour.Pushr8 => StackKind.Float,
            StackBehaviour.Pushref => StackKind.Object,
            _ => StackKind.Int32,
        };
    }

    private StackKind Argument(Instruction at)
    {
        int index = at.OpCode.Code switch
        {
            Code.Ldarg_0 => 0,
            Code.Ldarg_1 => 1,
            Code.Ldarg_2 => 2,
            Code.Ldarg_3 => 3,
            _ => ((ParameterDefinition)at.Operand).Sequence,
        };
        if (!_method.HasThis) return StackKinds.Of(_method.Parameters[index].ParameterType);
        if (index > 0) return StackKinds.Of(_method.Parameters[index - 1].ParameterType);
        return _method.DeclaringType.IsValueType ? StackKind.Pointer : StackKind.Object;
    }

    private VariableDefinition Local(Instruction at) => at.OpCode.Code switch
    {
        Code.Ldloc_0 => _method.Body.Variables[0],
        Code.Ldloc_1 => _method.Body.Variables[1],
        Code.Ldloc_2 => _method.Body.Variables[2],
        Code.Ldloc_3 => _method.Body.Variables[3],
        _ => (VariableDefinition)at.Operand,
    };
}
