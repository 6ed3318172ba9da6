using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Reports;

/// <summary>A range of bytes in activation memory.</summary>
internal readonly record struct Region(int Block, int Offset, int Bytes)
{
    /// <summary>The byte after the last.</summary>
    public int End => Offset + Bytes;

    /// <summary>Whether both share a byte.</summary>
    public bool Overlaps(Region other) => Block >= 0 && Block == other.Block && Offset < other.End && other.Offset < End;
}

/// <summary>Something that lies in activation memory for a while.</summary>
internal sealed class Value(string name, Region region, int writer)
{
    /// <summary>What it is.</summary>
    public string Name => name;

    /// <summary>Where it lies.</summary>
    public Region Region => region;

    /// <summary>The layer that writes it; -1 for what is there before the first.</summary>
    public int Writer { get; } = writer;

    /// <summary>The last layer that needs it; the layer count for what is needed after the last.</summary>
    public int LastUse { get; set; } = writer;

    /// <summary>Layers that read it, and the layer count where it is an output of the model.</summary>
    public SortedSet<int> Readers { get; } = [];

    /// <summary>Whether it keeps its content from run to run.</summary>
    public bool IsState { get; init; }

    /// <summary>Whether it is working memory of one layer.</summary>
    public bool IsScratch { get; init; }
}

/// <summary>A layer record of a pack.</summary>
internal sealed record PackLayer(int Index, string Kernel, int Origin, int WeightBytes, Region Input, Region Input2, Region Output, Region Scratch);

/// <summary>
/// What lies where in a pack's activation memory, and from when to when: read from the pack alone, so that it is the plan
/// the device will follow. A reader reads the latest write to each of its bytes.
/// </summary>
internal sealed class PackLayout
{
    private PackLayout(Model model)
    {
        BlockBytes = [.. Enumerable.Range(0, model.BlockCount).Select(i => model.Word(PackFormat.BlockSizesAt + 4 * i))];
        Inputs = [.. Enumerable.Range(0, model.InputCount).Select(model.Input)];
        Outputs = [.. Enumerable.Range(0, model.OutputCount).Select(model.Output)];
        Layers = ReadLayers(model);
        foreach (TensorInfo input in Inputs) Values.Add(new Value("input", RegionOf(input), -1));
        int states = model.Word(PackFormat.StateCountAt), table = model.Word(PackFormat.TensorsAt) + (Inputs.Length + Outputs.Length) * PackFormat.TensorBytes;
        for (int i = 0; i < states; i++)
        {
            int at = table + i * PackFormat.TensorBytes;
            var region = new Region(model.Word(at + PackFormat.TensorBlockAt), model.Word(at + PackFormat.TensorOffsetAt), model.Word(at + PackFormat.TensorSizeAt));
            Values.Add(new Value($"state {i}", region, -1) { IsState = true, LastUse = Layers.Length });
        }

        foreach (PackLayer layer in Layers) Follow(layer);
        foreach (TensorInfo output in Outputs) Read(RegionOf(output), Layers.Length);
    }

    /// <summary>Bytes of each activation block.</summary>
    public int[] BlockBytes { get; }

    /// <summary>Inputs of the model.</summary>
    public TensorInfo[] Inputs { get; }

    /// <summary>Outputs of the model.</summary>
    public TensorInfo[] Outputs { get; }

    /// <summary>Layers in their order.</summary>
    public PackLayer[] Layers { get; }

    /// <summary>Everything that lies in activation memory.</summary>
    public List<Value> Values { get; } = [];

    /// <summary>Reads the layout of a pack.</summary>
    public static PackLayout Of(Model model) => new(model);

    /// <summary>Whether a layer reads bytes that nothing has written, which no sound pack does.</summary>
    public bool ReadsUnwritten { get; private set; }

    /// <summary>Bytes that are needed while a layer runs, each counted once.</summary>
    public int LiveBytes(int layer)
    {
        int bytes = 0;
        foreach (IGrouping<int, Region> block in Values.Where(v => v.Writer <= layer && v.LastUse >= layer).Select(v => v.Region).GroupBy(r => r.Block))
        {
            int end = 0;
            foreach (Region region in block.OrderBy(r => r.Offset))
            {
                bytes += Math.Max(0, region.End - Math.Max(end, region.Offset));
                end = Math.Max(end, region.End);
            }
        }

        return bytes;
    }

    private void Follow(PackLayer layer)
    {
        Read(layer.Input, layer.Index);
        Read(layer.Input2, layer.Index);
        bool isState = Values.Exists(v => v.IsState && v.Region.Overlaps(layer.Scratch));
        if (layer.Scratch is { Block: >= 0, Bytes: > 0 } && !isState)
            Values.Add(new Value($"working memory of layer {layer.Index}", layer.Scratch, layer.Index) { IsScratch = true });
        if (layer.Output is { Block: >= 0, Bytes: > 0 } && !Values.Exists(v => v.IsState && v.Region.Overlaps(layer.Output)))
            Values.Add(new Value($"output of layer {layer.Index} {layer.Kernel}", layer.Output, layer.Index));
    }

    /// <summary>Finds the latest writers of a region's bytes, from the last one back.</summary>
    private void Read(Region region, int reader)
    {
        if (region.Block < 0 || region.Bytes == 0) return;
        var open = new List<Region> { region };
        for (int i = Values.Count - 1; i >= 0 && open.Count > 0; i--)
        {
            Value value = Values[i];
            if (value.IsScratch || !open.Exists(o => o.Overlaps(value.Region))) continue;
            value.Readers.Add(reader);
            value.LastUse = Math.Max(value.LastUse, reader);
            open = [.. open.SelectMany(o => Without(o, value.Region))];
        }

        ReadsUnwritten |= open.Count > 0;
    }

    private static IEnumerable<Region> Without(Region region, Region taken)
    {
        if (!region.Overlaps(taken)) return [region];
        Region[] parts = [region with { Bytes = taken.Offset - region.Offset }, new Region(region.Block, taken.End, region.End - taken.End)];
        return parts.Where(p => p.Bytes > 0);
    }

    private static Region RegionOf(TensorInfo tensor) => new(tensor.Block, tensor.Offset, tensor.Size);

    private static PackLayer[] ReadLayers(Model model)
    {
        return [.. PackRecords.Of(model).Select(Read)];

        PackLayer Read(int record, int index)
        {
            int Field(int word) => model.Word(record + 4 * word);
            Region Place(int word) => new(Field(word), Field(word + 1), Field(word + 2));
            return new PackLayer(
                index, ModelRunner.KernelOf(Field(PackFormat.LayerKind)), Field(PackFormat.LayerOrigin), Field(PackFormat.LayerWeightsBytes),
                Place(PackFormat.LayerInput), Place(PackFormat.LayerInput2), Place(PackFormat.LayerOutput), Place(PackFormat.LayerScratch));
        }
    }
}
