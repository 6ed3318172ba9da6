using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators.Blocks;

/// <summary>
/// A key/value cache: the new rows are copied into the node's variable, and the output is a view of it, so that the cache
/// exists once and nothing else is moved.
/// </summary>
internal sealed class CacheOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), position = node.Input(1), output = node.Output;
        wrong = [.. Movement.Movable(input), .. Movement.SameKind(input, output)];
        if (wrong.Length > 0) return wrong;
        if (node.Variable is not { } variable) return ["it has no variable to write into, the file is damaged or from an unknown converter."];
        if (input.Shape.Length < 2) return [$"its input {input} is no sequence of rows."];
        int length = ((CacheOptions)node.Options!).Length;
        if (length < input.Shape[^2]) return [$"its {length} rows do not hold the {input.Shape[^2]} of its input {input}."];
        if (variable.Initial is { } initial && initial.Length != output.Bytes) return [$"the initial value of its variable has {initial.Length} bytes, {output} has {output.Bytes}."];
        if (position.Type != TfliteType.INT32 || position.Count != 1) return [$"its position {position.Name} {position} must be one int32."];
        return Requirements.Shape(output, [.. input.Shape[..^2], length, input.Shape[^1]]);
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), output = node.Output;
        Place state = lowering.StateOf(node.Variable!, output);
        int step = input.Shape[^1] * input.ElementBytes;
        var p = new int[Cache.ParameterCount];
        p[Cache.NewBytes] = input.Shape[^2] * step;
        p[Cache.RowBytes] = output.Shape[^2] * step;
        p[Cache.PositionBytes] = step;
        lowering.SaveOldValue(state, node);
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindCache,
            Name = "Cache",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Input2 = lowering.PlaceOf(node.Input(1), node),
            Output = state,
            Rows = input.Count * input.ElementBytes / p[Cache.NewBytes],
            Parameters = p,
        });
        lowering.View(output, state);
    }
}
