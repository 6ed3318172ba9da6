using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>ARG_MAX and ARG_MIN along a constant axis of an int8 tensor, to int32.</summary>
internal sealed class ArgMaxOperator(bool minimum) : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong = [.. Requirements.Int8(input), .. Movement.Indices(node.Input(1), 1)];
        if (wrong.Length > 0) return wrong;
        if (Movement.Axis(node.Input(1).Integers()[0], input.Shape.Length) is not { } axis) return [$"its axis is not a dimension of {input}."];
        if (input.Shape.Contains(0)) return [$"its input {input} is empty."];
        if (output.Type != TfliteType.INT32) return [$"its output {output.Name} is {output}, but int32 is what the device gives: ask the converter for that type."];

        // ONNX may keep the axis with size 1.
        int[] kept = [.. input.Shape[..axis], .. input.Shape[(axis + 1)..]], ones = Movement.With(input.Shape, axis, 1);
        return output.Shape.AsSpan().SequenceEqual(ones) ? [] : Requirements.Shape(output, kept);
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input();
        int axis = Movement.Axis(node.Input(1).Integers()[0], input.Shape.Length)!.Value;
        var p = new int[ArgMinMax.ParameterCount];
        p[ArgMinMax.AxisSize] = input.Shape[axis];
        p[ArgMinMax.Inner] = input.Shape[(axis + 1)..].Aggregate(1, (a, b) => a * b);
        p[ArgMinMax.IsMinimum] = minimum ? 1 : 0;
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindArgMinMax,
            Name = minimum ? "ArgMin" : "ArgMax",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(node.Output),
            Rows = node.Output.Count,
            Parameters = p,
        });
    }
}
