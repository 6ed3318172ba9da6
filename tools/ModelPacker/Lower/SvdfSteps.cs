using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Operators;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// An SVDF with one filter per unit and int8 states as layers of other kinds, which have lane forms: with the memory laid out
/// step by step it moves by one step in one copy, a fully connected layer writes the newest step, and a depthwise convolution
/// weighs all steps. The reference adds the state's zero point after the clamp, in 8 bits: that is a clamp as much higher, of which
/// 8 bits are stored. Without lanes the kernel that does all at once needs less, so this is only done where lanes or generated code
/// may follow.
/// </summary>
public static class SvdfSteps
{
    /// <summary>A copy of a model with such layers divided, or the model itself where there are none.</summary>
    public static LoweredModel Apply(LoweredModel model) => Apply(model, _ => true).Model;

    /// <summary>
    /// The same for the layers that are wanted by their number; Sources has the number of the layer that each layer of the result
    /// comes from.
    /// </summary>
    public static (LoweredModel Model, int[] Sources) Apply(LoweredModel model, Func<int, bool> wanted)
    {
        bool Divides(int i) => IsDivisible(model.Layers[i]) && wanted(i);
        int[] all = [.. Enumerable.Range(0, model.Layers.Count)];
        if (!all.Any(Divides)) return (model, all);
        LoweredModel divided = model.Copy();
        (Layer Layer, int Source)[] layers = [.. divided.Layers.SelectMany((l, i) => Divides(i) ? Steps(l).Select(step => (step, i)) : [(l, i)])];
        divided.Layers.Clear();
        divided.Layers.AddRange(layers.Select(l => l.Layer));
        return (divided, [.. layers.Select(l => l.Source)]);
    }

    private static bool IsDivisible(Layer layer)
    {
        int[] p = layer.Parameters;
        return layer.Kind == PackFormat.KindSvdf && layer.Rows == 1 && p[Svdf.Rank] == 1 && p[Svdf.StateBytes] == 1 && p[Svdf.Memory] > 1;
    }

    private static IEnumerable<Layer> Steps(Layer svdf)
    {
        Node node = svdf.Origin;
        Tensor features = node.Input(SvdfOperator.Features), times = node.Input(SvdfOperator.Times);
        Tensor? bias = node.OptionalInput(SvdfOperator.Bias);
        int[] from = svdf.Parameters;
        int inSize = from[Svdf.InSize], units = from[Svdf.Units], memory = from[Svdf.Memory], zero = from[Svdf.StateZeroPoint];
        Place all = svdf.Scratch!.Value, newest = all with { Offset = all.Offset + (memory - 1) * units, Bytes = units };
        Layer step = svdf with { Scratch = null, Weights = [], BlockBytes = 0, WindowBytes = 0, Macs = 0, WeightCount = 0 };
        yield return MoveLayers.Of(node, all, units, all, 0, [new CopyAxis((memory - 1) * units, 1, 1)]);

        Requantisation[] Scales(int multiplier) => [.. Enumerable.Repeat(new Requantisation(from[multiplier], from[multiplier + 1]), units)];
        var p = new int[FullyConnected.ParameterCount];
        (p[FullyConnected.InSize], p[FullyConnected.OutSize], p[FullyConnected.BlockBytes]) = (inSize, units, ChannelBlocks.BlockBytes(inSize));
        (p[FullyConnected.OutZeroPoint], p[FullyConnected.OutMin], p[FullyConnected.OutMax]) = (zero, sbyte.MinValue + zero, sbyte.MaxValue + zero);
        yield return step with
        {
            Kind = PackFormat.KindFullyConnected, Name = "FullyConnected", Output = newest, Parameters = p, BlockBytes = p[FullyConnected.BlockBytes],
            Weights = ChannelBlocks.Build(units, inSize, (u, i) => (sbyte)features.Data![u * inSize + i], null, node.Input().ZeroPoint, Scales(Svdf.StateMultiplier)),
            Macs = features.Count, WeightCount = features.Count,
        };

        p = new int[Conv2D.ParameterCount];
        foreach (int one in new[] { Conv2D.InHeight, Conv2D.OutHeight, Conv2D.OutWidth, Conv2D.KernelHeight, Conv2D.StrideHeight, Conv2D.StrideWidth, Conv2D.DilationHeight, Conv2D.DilationWidth, Conv2D.GroupInChannels, Conv2D.GroupOutChannels })
            p[one] = 1;
        (p[Conv2D.InWidth], p[Conv2D.KernelWidth], p[Conv2D.InChannels], p[Conv2D.OutChannels]) = (memory, memory, units, units);
        (p[Conv2D.InZeroPoint], p[Conv2D.OutZeroPoint]) = (zero, from[Svdf.OutZeroPoint]);
        (p[Conv2D.OutMin], p[Conv2D.OutMax], p[Conv2D.BlockBytes]) = (sbyte.MinValue, sbyte.MaxValue, ChannelBlocks.BlockBytes(memory));
        yield return step with
        {
            Kind = PackFormat.KindDepthwiseConv2D, Name = "DepthwiseConv2D", Input = all, Parameters = p, BlockBytes = p[Conv2D.BlockBytes], WindowBytes = p[Conv2D.BlockBytes],
            Weights = ChannelBlocks.Build(units, memory, (u, i) => (sbyte)times.Data![u * memory + i], bias, zero, Scales(Svdf.OutMultiplier)),
            Macs = times.Count, WeightCount = times.Count + (bias?.Count ?? 0),
        };
    }
}
