using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// VAR_HANDLE, READ_VARIABLE and ASSIGN_VARIABLE: a streaming model's memory from run to run. What is read is a view of
/// the state; an assignment copies into the state, after saving the old value where something still reads it.
/// </summary>
internal sealed class VariableOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        if (node.Operator == BuiltinOperator.VAR_HANDLE) return [];
        bool read = node.Operator == BuiltinOperator.READ_VARIABLE;
        string[] wrong = [.. Requirements.Arity(node, read ? 1 : 2, read ? 1 : 0)];
        if (wrong.Length > 0) return wrong;
        Tensor value = read ? node.Output : node.Input(1);
        Variable variable = node.Variable!;
        if (variable.Initial is { } initial && initial.Length != value.Bytes)
            return [$"the initial value of variable {variable.Name} has {initial.Length} bytes, tensor {value.Name} {value} has {value.Bytes}."];
        return [.. Movement.Movable(value), .. Requirements.SameElements(value, variable.Value!), .. Requirements.SameQuantisation(value, variable.Value!)];
    }

    public override void Lower(Node node, Lowering lowering)
    {
        if (node.Operator == BuiltinOperator.VAR_HANDLE) return;
        if (node.Operator == BuiltinOperator.READ_VARIABLE)
        {
            lowering.View(node.Output, lowering.StateOf(node.Variable!, node.Output));
            return;
        }

        Tensor value = node.Input(1);
        Place state = lowering.StateOf(node.Variable!, value);
        if (value.IsConstant)
        {
            lowering.SaveOldValue(state, node);
            lowering.AddConstant(value.Data!, value.Count, node, state);
            return;
        }

        // The whole state is assigned, so a value that lies in it already is the state itself.
        Place source = lowering.PlaceOf(value, node);
        if (source.Buffer == state.Buffer) return;
        lowering.SaveOldValue(state, node);
        MoveLayers.Copy(lowering, node, source, 0, state, 0, [new CopyAxis(state.Bytes, 1, 1)]);
    }
}
