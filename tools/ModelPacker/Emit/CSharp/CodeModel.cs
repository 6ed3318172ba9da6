using TinyAI.Kernels;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Plan;
using TinyAI.TinyRuntime;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>A layer as code will compute it: a kernel call of the pack, or a convolution with the pooling after it.</summary>
/// <param name="Layer">The layer; a fused one writes the pooling's output.</param>
/// <param name="Pool">Parameters of the fused <see cref="MaxPool2D"/>, or null.</param>
/// <param name="Input">Range of the values that the layer reads as its first input, or as its second where the first is a constant.</param>
/// <param name="Sources">The layers of the pack that it stands for, its own first.</param>
/// <param name="IsCode">Whether weights are to be constants of its code.</param>
internal sealed record CodeLayer(Layer Layer, int[]? Pool, ValueRange Input, int[] Sources, bool IsCode)
{
    /// <summary>The constants that it reads in place of its first input, which is null then.</summary>
    public sbyte[]? First { get; init; }

    /// <summary>The constants that it reads in place of its second input, which is null then.</summary>
    public sbyte[]? Second { get; init; }
}

/// <summary>
/// The model as generated code runs it, on buffers of its own: poolings fused into convolutions, constants given to the layer
/// that reads them, a copy of the input with its padding where a convolution has any, and a memory plan for what is left.
/// </summary>
internal sealed record CodeModel(LoweredModel Model, CodeLayer[] Layers, MemoryPlan Plan)
{
    /// <summary>Makes the model for code out of a lowered one, which stays as it is; isCode tells which of its layers are to be code.</summary>
    public static CodeModel Of(LoweredModel source, CodeOptions options, Func<int, bool> isCode)
    {
        LoweredModel model = source.Copy();
        Operands operands = Operands.Take(model);
        var pools = new List<int[]?>();
        var sources = new List<int[]>();
        for (int i = 0, own = 0; i < model.Layers.Count; i++, own++)
        {
            int[] from = operands.Sources[own];
            bool asCode = isCode(from[0]), fuses = asCode && options.FusePooling && PoolFusion.CanFuse(model, i);
            if (fuses) from = [.. from, .. operands.Sources[++own]];
            sources.Add(from);
            if (fuses)
            {
                pools.Add(model.Layers[i + 1].Parameters);
                model.Layers[i] = model.Layers[i] with { Output = model.Layers[i + 1].Output };
                model.Layers.RemoveAt(i + 1);
            }
            else
            {
                pools.Add(null);
            }

            WindowGeometry? geometry = WindowGeometry.Of(model.Layers[i]);
            if (geometry is null || !asCode) continue;
            bool aliased = model.Layers[i].Input!.Value.Buffer == model.Layers[i].Output!.Value.Buffer;
            if (geometry.IsPadded || aliased)
                model.Layers[i] = model.Layers[i] with { Scratch = Lowering.Scratch("padded input", geometry.PaddedBytes) };
        }

        Shrink(model);
        Lifetimes.Set(model);
        MemoryPlan plan = MemoryPlanner.Run(model);
        ValueRange[] ranges = ValueRanges.OfInputs(model);
        return new CodeModel(
            model,
            [
                .. model.Layers.Select((l, i) => new CodeLayer(l, pools[i], ranges[i], sources[i], isCode(sources[i][0]))
                {
                    First = operands.First.GetValueOrDefault(sources[i][0]), Second = operands.Second.GetValueOrDefault(sources[i][0]),
                }),
            ],
            plan);
    }

    /// <summary>Cuts buffers to what is still used of them: a fused convolution's own output is gone.</summary>
    private static void Shrink(LoweredModel model)
    {
        var places = model.Layers.SelectMany(l => new[] { l.Input, l.Input2, l.Output, l.Scratch }).Where(p => p is not null).Select(p => p!.Value)
            .Concat(model.Inputs.Select(b => b.Place)).Concat(model.Outputs.Select(b => b.Place)).Concat(model.States.Select(s => s.Place));
        foreach (IGrouping<Buffer, Place> group in places.GroupBy(p => p.Buffer)) group.Key.Bytes = group.Max(p => p.Offset + p.Bytes);
    }
}

/// <summary>
/// When a max pooling can be computed on a convolution's accumulators: requantisation and clamping never turn an order
/// round, so the largest accumulator gives the largest output, and only that one is requantised.
/// </summary>
internal static class PoolFusion
{
    /// <summary>Whether layer index is a convolution whose output only the next layer, a max pooling without overlap, reads.</summary>
    public static bool CanFuse(LoweredModel model, int index)
    {
        if (index + 1 >= model.Layers.Count) return false;
        Layer layer = model.Layers[index], next = model.Layers[index + 1];
        if (layer.Kind != PackFormat.KindConv2D || next.Kind != PackFormat.KindMaxPool2D || layer.Output != next.Input) return false;
        int[] p = next.Parameters, c = layer.Parameters;
        if (p[MaxPool2D.PadTop] != 0 || p[MaxPool2D.PadLeft] != 0 || c[Conv2D.GroupInChannels] != c[Conv2D.InChannels]) return false;
        if (p[MaxPool2D.StrideHeight] != p[MaxPool2D.KernelHeight] && p[MaxPool2D.OutHeight] > 1) return false;
        if (p[MaxPool2D.StrideWidth] != p[MaxPool2D.KernelWidth] && p[MaxPool2D.OutWidth] > 1) return false;
        if (next.Output!.Value.Buffer == layer.Input!.Value.Buffer) return false;
        return !IsReadLater(model, index + 2, layer.Output!.Value, next.Output!.Value);
    }

    /// <summary>Whether anything from layer on reads bytes of a place that neither the result nor a layer has written anew.</summary>
    private static bool IsReadLater(LoweredModel model, int from, Place place, Place result)
    {
        if (place.Buffer.IsState) return true;
        var stale = new bool[place.Buffer.Bytes];
        Array.Fill(stale, true, place.Offset, place.Bytes);
        void Written(Place? written)
        {
            if (written is { } w && w.Buffer == place.Buffer) Array.Fill(stale, false, w.Offset, w.Bytes);
        }

        bool Reads(Place? read) => read is { } r && r.Buffer == place.Buffer && stale.AsSpan(r.Offset, r.Bytes).Contains(true);
        Written(result);
        for (int i = from; i < model.Layers.Count; i++)
        {
            Layer layer = model.Layers[i];
            if (Reads(layer.Input) || Reads(layer.Input2) || Reads(layer.Scratch)) return true;
            Written(layer.Output);
        }

        return model.Outputs.Any(o => Reads(o.Place));
    }
}
