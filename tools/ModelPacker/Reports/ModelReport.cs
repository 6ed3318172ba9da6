using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Boards;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Reports;

/// <summary>A layer, with what is known of it: a pack alone tells less than the model it was made from.</summary>
/// <param name="Index">Position in the pack.</param>
/// <param name="Kernel">The kernel that computes it.</param>
/// <param name="From">The operator it comes from.</param>
/// <param name="Output">Shape of its result, or its bytes.</param>
/// <param name="FlashBytes">Bytes of its constants.</param>
/// <param name="LiveBytes">Bytes of activations while it runs.</param>
/// <param name="Macs">Multiply-accumulates, or null where not known.</param>
/// <param name="Milliseconds">Predicted time.</param>
internal sealed record ReportLayer(int Index, string Kernel, string From, string Output, int FlashBytes, int LiveBytes, long? Macs, double Milliseconds);

/// <summary>What the integers of a tensor stand for.</summary>
/// <param name="Name">The tensor.</param>
/// <param name="Writer">What computes it.</param>
/// <param name="Type">Element type.</param>
/// <param name="Scale">Real value of a step.</param>
/// <param name="ZeroPoint">The integer that stands for 0.</param>
/// <param name="Least">Least real value it can hold.</param>
/// <param name="Greatest">Greatest real value it can hold.</param>
/// <param name="WeightScales">Least and greatest scale of the weights that make it, or null.</param>
internal sealed record ReportRange(
    string Name, string Writer, string Type, float Scale, int ZeroPoint, double Least, double Greatest, (float Least, float Greatest)? WeightScales);

/// <summary>A board and how a model sits on it.</summary>
/// <param name="Profile">The board.</param>
/// <param name="FlashBytes">Bytes of the pack there.</param>
/// <param name="HeapBytes">Managed heap at the peak there.</param>
/// <param name="LargestArrayBytes">The largest array that is asked for, with its header.</param>
/// <param name="Arrays">Arrays of activations.</param>
/// <param name="Reasons">Why it does not fit; none where it does.</param>
internal sealed record ReportBoard(BoardProfile Profile, int FlashBytes, int HeapBytes, int LargestArrayBytes, int Arrays, IReadOnlyList<string> Reasons);

/// <summary>Everything a report shows, gathered from a model or from a pack alone.</summary>
internal sealed record ModelReport
{
    /// <summary>Name of the model.</summary>
    public required string Name { get; init; }

    /// <summary>What the report was made from, for people.</summary>
    public required string Origin { get; init; }

    /// <summary>Bytes of the pack.</summary>
    public required int FlashBytes { get; init; }

    /// <summary>Bytes of constants in it.</summary>
    public required int WeightBytes { get; init; }

    /// <summary>Managed heap at the peak.</summary>
    public required int PeakHeapBytes { get; init; }

    /// <summary>Multiply-accumulates of a run.</summary>
    public required long Macs { get; init; }

    /// <summary>The parts of the heap, or null where only their sum is known.</summary>
    public Account? Account { get; init; }

    /// <summary>Predicted times.</summary>
    public required TimeAccount Time { get; init; }

    /// <summary>Where everything lies.</summary>
    public required PackLayout Layout { get; init; }

    /// <summary>The layers.</summary>
    public required ReportLayer[] Layers { get; init; }

    /// <summary>Quantised tensors.</summary>
    public required ReportRange[] Ranges { get; init; }

    /// <summary>Names of the classes.</summary>
    public required string[] Labels { get; init; }

    /// <summary>All boards.</summary>
    public required ReportBoard[] Boards { get; init; }

    /// <summary>The report of a model.</summary>
    /// <param name="pack">Packs the model with activation blocks of at most so many bytes.</param>
    /// <param name="board">The board for which times are predicted, or null for an estimate.</param>
    public static ModelReport Of(Func<int, PackResult> pack, string? board = null)
    {
        PackResult packed = pack(int.MaxValue);
        TimeAccount time = TimeAccount.Of(packed, board);
        var account = Account.Of(packed, time);
        var planned = new Dictionary<int, PackResult>();
        ReportBoard Judge(BoardProfile board)
        {
            PackResult there = packed;
            if (BoardFit.Check(packed, board).Count > 0 && !planned.TryGetValue(board.LargestBlockBytes, out there!))
                planned[board.LargestBlockBytes] = there = pack(board.LargestBlockBytes);
            return new ReportBoard(board, there.Pack.Length, there.Heap.Total, LargestArray(there.Plan.BlockBytes, there.WindowBytes), there.Plan.BlockBytes.Length, BoardFit.Check(there, board));
        }

        return Gather(Model.Load(new ByteArraySource(packed.Pack)), packed.Pack.Length, "made from the model", time) with
        {
            Account = account,
            Layers = [.. account.Layers.Select(l => new ReportLayer(l.Index, l.Kernel, l.Operator, l.Output, l.FlashBytes, l.LiveBytes, l.Macs, l.Milliseconds ?? 0))],
            Ranges = [.. RangesOf(packed.Model)],
            Boards = [.. BoardProfile.All.Select(Judge)],
        };
    }

    /// <summary>The report of a pack alone.</summary>
    public static ModelReport Of(byte[] pack, string? board = null) => Gather(
        Model.Load(new ByteArraySource(pack)), pack.Length, "made from the pack alone, which does not hold the work and the shapes of single layers", TimeAccount.Of(pack, board));

    private static ModelReport Gather(Model model, int flashBytes, string origin, TimeAccount time)
    {
        PackLayout layout = PackLayout.Of(model);
        int largest = LargestArray(layout.BlockBytes, model.Word(PackFormat.WindowBytesAt));
        return new ModelReport
        {
            Name = model.Name,
            Origin = origin,
            FlashBytes = flashBytes,
            WeightBytes = model.Word(PackFormat.WeightsBytesAt),
            PeakHeapBytes = model.SessionBytes,
            Macs = (uint)model.Word(PackFormat.MacsLowAt) | (long)model.Word(PackFormat.MacsHighAt) << 32,
            Time = time,
            Layout = layout,
            Layers = [.. layout.Layers.Select(l => new ReportLayer(l.Index, l.Kernel, $"operator {l.Origin}", $"{l.Output.Bytes:N0} B", l.WeightBytes, layout.LiveBytes(l.Index), null, time.LayerMilliseconds[l.Index]))],
            Ranges = [.. layout.Inputs.Select((t, i) => Border($"input {i}", t)), .. layout.Outputs.Select((t, i) => Border($"output {i}", t))],
            Labels = [.. Enumerable.Range(0, model.LabelCount).Select(model.Label)],
            Boards = [.. BoardProfile.All.Select(b =>
                new ReportBoard(b, flashBytes, model.SessionBytes, largest, layout.BlockBytes.Length, BoardFit.Check(flashBytes, model.SessionBytes, layout.BlockBytes, b)))],
        };
    }

    private static int LargestArray(int[] blocks, int window) => HeapModel.Array(Math.Max(blocks.DefaultIfEmpty(0).Max(), window), 1);

    private static ReportRange Border(string name, TensorInfo tensor)
    {
        (string type, int least, int greatest) = tensor.Type switch
        {
            PackFormat.TypeUInt8 => ("uint8", 0, 255),
            PackFormat.TypeInt16 => ("int16", short.MinValue, short.MaxValue),
            PackFormat.TypeInt32 => ("int32", int.MinValue, int.MaxValue),
            _ => ("int8", sbyte.MinValue, sbyte.MaxValue),
        };
        float scale = BitConverter.Int32BitsToSingle(tensor.ScaleBits);
        return new ReportRange(
            name, "", $"{type}[{string.Join(',', tensor.Shape)}]", scale, tensor.ZeroPoint, scale * ((double)least - tensor.ZeroPoint), scale * ((double)greatest - tensor.ZeroPoint), null);
    }

    private static IEnumerable<ReportRange> RangesOf(LoweredModel model)
    {
        foreach (Border input in model.Inputs)
        {
            if (Range(input.Tensor, "input", null) is { } range) yield return range;
        }

        foreach (Layer layer in model.Layers)
        {
            if (layer.Origin.Outputs.Count == 0) continue;
            Quantisation? weights = layer.Origin.Inputs.FirstOrDefault(t => t is { IsConstant: true, Quantisation: not null, Shape.Length: > 1 })?.Quantisation;
            if (Range(layer.Origin.Output, layer.Name, weights) is { } range) yield return range;
        }
    }

    private static ReportRange? Range(Tensor tensor, string writer, Quantisation? weights)
    {
        if (tensor.Quantisation is not { IsPerChannel: false } q || q.Scales.Length == 0) return null;
        double least, greatest;
        switch (tensor.ElementBytes)
        {
            case 1 when tensor.Type == Import.Tflite.TfliteType.UINT8: (least, greatest) = (0, 255); break;
            case 1: (least, greatest) = (sbyte.MinValue, sbyte.MaxValue); break;
            case 2: (least, greatest) = (short.MinValue, short.MaxValue); break;
            default: return null;
        }

        return new ReportRange(
            tensor.Name, writer, tensor.ToString(), q.Scale, q.ZeroPoint, q.Scale * (least - q.ZeroPoint), q.Scale * (greatest - q.ZeroPoint),
            weights is { Scales.Length: > 0 } ? (weights.Scales.Min(), weights.Scales.Max()) : null);
    }
}
