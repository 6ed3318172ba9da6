using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Operators;

/// <summary>Sentences for the checks that many operators share; each yields nothing where all is well.</summary>
internal static class Requirements
{
    /// <summary>The node has at least this many inputs present and exactly this many outputs.</summary>
    public static IEnumerable<string> Arity(Node node, int inputs, int outputs = 1)
    {
        if (node.Inputs.Take(inputs).Count(i => i is not null) < inputs)
            yield return $"it has fewer than {inputs} inputs, the file is damaged or from an unknown converter.";
        if (node.Outputs.Count != outputs)
            yield return $"it has {node.Outputs.Count} outputs instead of {outputs}, the file is damaged or from an unknown converter.";
    }

    /// <summary>The tensor is int8 with one scale and zero point in range.</summary>
    public static IEnumerable<string> Int8(Tensor tensor, bool perChannel = false)
    {
        if (tensor.Type != TfliteType.INT8)
        {
            yield return $"tensor {tensor.Name} is {tensor.Type.ToString().ToLowerInvariant()}, not int8: quantise the model to int8 (full integer) first.";
            yield break;
        }

        if (tensor.Quantisation is not { } q)
        {
            yield return $"tensor {tensor.Name} is int8 but carries no scale: convert the model with full integer quantisation.";
            yield break;
        }

        if (q.IsPerChannel && !perChannel) yield return $"tensor {tensor.Name} has a scale per channel where one for all is needed.";
        foreach (string reason in Scales(tensor, -128, 127)) yield return reason;
    }

    /// <summary>Scales are positive and finite, zero points in the type's range.</summary>
    public static IEnumerable<string> Scales(Tensor tensor, int low, int high)
    {
        Quantisation q = tensor.Quantisation!;
        if (q.Scales.Any(s => !float.IsFinite(s) || s <= 0))
            yield return $"tensor {tensor.Name} has a scale that is not a positive number, so its values mean nothing.";
        if (q.ZeroPoints.Any(z => z < low || z > high))
            yield return $"tensor {tensor.Name} has a zero point outside {low}..{high}.";
    }

    /// <summary>The tensor has this many dimensions.</summary>
    public static IEnumerable<string> Rank(Tensor tensor, int rank)
    {
        if (tensor.Shape.Length != rank) yield return $"tensor {tensor.Name} has shape {tensor}, but {rank} dimensions are needed.";
    }

    /// <summary>The tensor has this shape.</summary>
    public static IEnumerable<string> Shape(Tensor tensor, params int[] shape)
    {
        if (!tensor.Shape.AsSpan().SequenceEqual(shape))
            yield return $"tensor {tensor.Name} has shape [{string.Join(',', tensor.Shape)}], but its operator makes or needs [{string.Join(',', shape)}].";
    }

    /// <summary>The tensor is a constant of this type.</summary>
    public static IEnumerable<string> Constant(Tensor tensor, TfliteType type)
    {
        if (!tensor.IsConstant) yield return $"tensor {tensor.Name} must be constant, but is computed.";
        if (tensor.Type != type)
            yield return $"tensor {tensor.Name} is {tensor.Type.ToString().ToLowerInvariant()}, not {type.ToString().ToLowerInvariant()}.";
    }

    /// <summary>Input and output are quantised alike, as operators that only move elements need.</summary>
    public static IEnumerable<string> SameQuantisation(Tensor a, Tensor b)
    {
        if (a.Quantisation is not null && !a.Quantisation.SameAs(b.Quantisation))
            yield return $"tensors {a.Name} and {b.Name} have different scales or zero points, but only elements are moved.";
    }

    /// <summary>Both have the same type and number of elements.</summary>
    public static IEnumerable<string> SameElements(Tensor a, Tensor b)
    {
        if (a.Type != b.Type || a.Count != b.Count) yield return $"tensors {a.Name} {a} and {b.Name} {b} differ in type or number of elements.";
    }
}
