using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;
using Kernel = TinyAI.Kernels.Convert;

namespace TinyAI.ModelPacker.Operators.Blocks;

/// <summary>
/// The state of a recurrent block: memory that every run fills anew, from a tensor or with zero, or that lasts from run to run
/// where the node has a variable.
/// </summary>
internal static class RecurrentState
{
    /// <summary>
    /// Makes the state: parts of so many bytes per element, of which the first holds int8 of the output's zero point.
    /// Given tensors are converted into their parts; a part without one begins at zero.
    /// </summary>
    public static Place Make(Node node, Lowering lowering, int count, Part[] parts, int work)
    {
        int bytes = parts.Sum(p => p.ElementBytes) * count + work;
        if (node.Variable is { } variable)
        {
            var initial = new byte[bytes];
            Array.Fill(initial, (byte)parts[0].ZeroPoint, 0, count);
            return lowering.CreateState(variable.Name, bytes, 1, 0, initial);
        }

        Place state = Lowering.Scratch($"{node.Output.Name} state", bytes);
        int at = 0;
        foreach (Part part in parts)
        {
            var place = new Place(state.Buffer, at, part.ElementBytes * count);
            if (part.Initial is { } tensor) Convert(node, lowering, tensor, lowering.PlaceOf(tensor, node), place, part);
            else MoveLayers.Background(lowering, node, place, [(byte)part.ZeroPoint]);
            at += place.Bytes;
        }

        return state;
    }

    /// <summary>The state after the last step as a tensor of the graph: a view where it is quantised alike, else converted.</summary>
    public static void Give(Node node, Lowering lowering, Tensor output, Place from, double scale, int zeroPoint, int elementBytes)
    {
        if (output.ElementBytes == elementBytes && output.Scale.Equals((float)scale) && output.ZeroPoint == zeroPoint && node.Variable is null)
        {
            lowering.View(output, from);
            return;
        }

        var stored = new Tensor
        {
            Name = output.Name, Type = TypeOf(elementBytes), Shape = [output.Count], Quantisation = new Quantisation([(float)scale], [zeroPoint], 0),
        };
        Convert(node, lowering, stored, from, lowering.Create(output), new Part(output.ElementBytes, output.Scale, output.ZeroPoint, null));
    }

    /// <summary>What a block asks of an initial or last state: int8 or int16 with one scale, and a value per unit and sequence.</summary>
    public static IEnumerable<string> Check(Tensor? state, int count)
    {
        if (state is null) yield break;
        if (state.Type is not (TfliteType.INT8 or TfliteType.INT16) || state.Quantisation is not { IsPerChannel: false })
            yield return $"its state {state.Name} {state} must be int8 or int16 with one scale.";
        else if (state.Count != count)
            yield return $"its state {state.Name} has {state.Count} values where {count} are needed.";
        else
            foreach (string reason in Requirements.Scales(state, short.MinValue, short.MaxValue)) yield return reason;
    }

    private static void Convert(Node node, Lowering lowering, Tensor from, Place place, Place to, Part part)
    {
        if (from.ElementBytes == part.ElementBytes && from.Scale.Equals((float)part.Scale) && from.ZeroPoint == part.ZeroPoint)
        {
            MoveLayers.Copy(lowering, node, place, 0, to, 0, [new CopyAxis(to.Bytes, 1, 1)]);
            return;
        }

        var p = new int[Kernel.ParameterCount];
        p[Kernel.RowLength] = from.Count;
        p[Kernel.InBytes] = from.ElementBytes;
        p[Kernel.OutBytes] = part.ElementBytes;
        p[Kernel.Rescale] = 1;
        p[Kernel.InZeroPoint] = from.ZeroPoint;
        (p[Kernel.Multiplier], p[Kernel.Shift]) = Requantisation.From(from.Scale / part.Scale);
        p[Kernel.OutZeroPoint] = part.ZeroPoint;
        (p[Kernel.OutMin], p[Kernel.OutMax]) = IntegerConversion.Range(TypeOf(part.ElementBytes));
        lowering.Add(new Layer { Kind = PackFormat.KindConvert, Name = "Convert", Origin = node, Input = place, Output = to, Rows = 1, Parameters = p });
    }

    private static TfliteType TypeOf(int elementBytes) => elementBytes switch { 1 => TfliteType.INT8, 2 => TfliteType.INT16, _ => TfliteType.INT32 };

    /// <summary>One part of a state: bytes of an element, what its integers mean, and the tensor it begins with.</summary>
    public readonly record struct Part(int ElementBytes, double Scale, int ZeroPoint, Tensor? Initial);
}
