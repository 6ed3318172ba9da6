using System.Runtime.InteropServices;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Operators;

/// <summary>GATHER_ND: each row of indices names a slice by its first dimensions; the device reads them.</summary>
internal sealed class GatherNdOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), indices = node.Input(1);
        wrong = [.. Movement.Movable(input), .. Movement.SameKind(input, node.Output), .. indices.IsConstant ? Movement.Indices(indices) : []];
        if (wrong.Length > 0) return wrong;
        if (!indices.IsConstant && indices.Type != TfliteType.INT32) return [$"its indices {indices.Name} are {indices}; int32 is what the device reads: convert them before."];
        if (indices.Shape.Length == 0 || indices.Shape[^1] < 1 || indices.Shape[^1] > input.Shape.Length || input.Shape.Contains(0) || indices.Count == 0)
            return [$"its indices {indices.Name} {indices} do not name slices of {input}."];
        return Requirements.Shape(node.Output, [.. indices.Shape[..^1], .. input.Shape[indices.Shape[^1]..]]);
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor indices = node.Input(1);
        int depth = indices.Shape[^1];
        if (indices is { IsConstant: true, Type: TfliteType.INT64 })
        {
            indices = new Tensor
            {
                Name = indices.Name, Type = TfliteType.INT32, Shape = indices.Shape, Data = MemoryMarshal.AsBytes<int>(Movement.Values(indices)).ToArray(),
            };
        }

        GatherOperator.Add(node, lowering, indices, 1, indices.Count / depth, node.Input().Shape[..depth]);
    }
}
