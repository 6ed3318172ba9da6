using System.Text.Json.Serialization;
using TinyAI.ModelPacker.Boards;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Plan;

namespace TinyAI.ModelPacker.Accounts;

/// <summary>What a model costs, for people and for machines: the object that `pack --json` prints.</summary>
public sealed record Account
{
    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Bytes of the pack file.</summary>
    public required int FlashBytes { get; init; }

    /// <summary>Managed heap at the peak, everything included, with weights read through the paging window.</summary>
    public required int PeakHeapBytes { get; init; }

    /// <summary>Part of the peak: activation blocks with their array headers.</summary>
    public required int ActivationBytes { get; init; }

    /// <summary>Part of the peak: the paging window.</summary>
    public required int WindowBytes { get; init; }

    /// <summary>Part of the peak: model, session and source objects with their small arrays.</summary>
    public required int ObjectBytes { get; init; }

    /// <summary>Part of the peak: weights as 64-bit lanes and the working memory of their kernels.</summary>
    public required int LaneBytes { get; init; }

    /// <summary>Bytes of activations that no plan can go below, because that much lives at one layer.</summary>
    public required int ActivationLowerBound { get; init; }

    /// <summary>The layer at which the peak arises.</summary>
    public required int PeakLayer { get; init; }

    /// <summary>Groups of layers that run row by row.</summary>
    public required GroupAccount[] Groups { get; init; }

    /// <summary>Rows in which the input must be fed, 0 where it is written as a whole.</summary>
    public required int FedRows { get; init; }

    /// <summary>Bytes of constants that one run reads; more than there are where layers run in parts.</summary>
    public required long WeightBytesRead { get; init; }

    /// <summary>What the pack was made for, and what the other preferences would have cost; empty where nobody asked.</summary>
    public AlternativeAccount[] Preferences { get; init; } = [];

    /// <summary>Bytes of constants in the pack: weights, biases, multipliers, tables.</summary>
    public required int WeightBytes { get; init; }

    /// <summary>Learned numbers: taps and biases.</summary>
    public required int Parameters { get; init; }

    /// <summary>Multiply-accumulates of one run.</summary>
    public required long Macs { get; init; }

    /// <summary>Predicted time of one run in milliseconds, or null where it was not asked for.</summary>
    public double? Milliseconds { get; init; }

    /// <summary>Where the times come from; an estimate is called one.</summary>
    public string? TimeSource { get; init; }

    /// <summary>IL of the runtime and its kernels, which all models share.</summary>
    public int? RuntimeCodeBytes { get; init; }

    /// <summary>A row per layer.</summary>
    public required LayerAccount[] Layers { get; init; }

    /// <summary>Every board profile: whether the model fits, and if not, why.</summary>
    public required BoardVerdict[] Boards { get; init; }

    /// <summary>Draws up the account of a packed model.</summary>
    public static Account Of(PackResult packed, TimeAccount? time = null)
    {
        LoweredModel model = packed.Model;
        int[] live = MemoryPlan.LiveBytes(model);
        return new Account
        {
            Model = model.Name,
            FlashBytes = packed.Pack.Length,
            PeakHeapBytes = packed.Heap.Total,
            ActivationBytes = packed.Heap.Activations,
            WindowBytes = packed.Heap.Window,
            ObjectBytes = packed.Heap.Objects,
            LaneBytes = packed.Heap.Lanes,
            ActivationLowerBound = packed.Plan.LowerBound,
            PeakLayer = packed.Plan.PeakLayer,
            WeightBytes = BitConverter.ToInt32(packed.Pack, TinyRuntime.PackFormat.WeightsBytesAt),
            Groups = [.. model.Groups.Select(g => new GroupAccount(g.Start, g.End, g.Steps.Count, g.Streams.Sum(b => b.Held), g.Streams.Sum(b => b.Bytes)))],
            FedRows = model.Groups.SelectMany(g => g.Steps).Where(s => s.Kind == RowStepKind.Feed).Sum(s => s.Count),
            WeightBytesRead = model.Layers.Select((l, i) => (long)l.Weights.Length * (l.Slot > 0 ? 0 : model.GroupOf(i)?.RunsOf(i) ?? 1)).Sum(),
            Parameters = model.Layers.Sum(l => l.WeightCount),
            Macs = model.Layers.Sum(l => l.Macs),
            Milliseconds = time is null ? null : Math.Round(time.Milliseconds, 3),
            TimeSource = time?.Source,
            RuntimeCodeBytes = time?.RuntimeCodeBytes,
            Layers = [.. model.Layers.Select((l, i) => LayerAccount.Of(l, i, live[i + 1], model.GroupOf(i)?.RunsOf(i) ?? 1) with { Milliseconds = time is null ? null : Math.Round(time.LayerMilliseconds[i], 4) })],
            Boards = [.. BoardProfile.All.Select(b => new BoardVerdict(b.Name, BoardFit.Check(packed, b)))],
        };
    }
}

/// <summary>Layers that run row by row together.</summary>
/// <param name="First">The first layer.</param>
/// <param name="Last">The last layer.</param>
/// <param name="Steps">Steps of the schedule.</param>
/// <param name="StreamBytes">Bytes that the tensors between them take.</param>
/// <param name="WholeBytes">Bytes that they would take as a whole.</param>
public sealed record GroupAccount(int First, int Last, int Steps, int StreamBytes, int WholeBytes);

/// <summary>What a pack for a preference costs.</summary>
/// <param name="Prefer">The preference.</param>
/// <param name="Chosen">Whether it is that of this pack.</param>
/// <param name="PeakHeapBytes">Its peak.</param>
/// <param name="Cost">Estimated interpreter cost of its weighted layers, in 32-bit additions.</param>
public sealed record AlternativeAccount(string Prefer, bool Chosen, int PeakHeapBytes, double Cost);

/// <summary>What one layer costs.</summary>
/// <param name="Index">Position in the pack.</param>
/// <param name="Kernel">The kernel that computes it.</param>
/// <param name="Form">Plain or in lanes, for weighted layers, with the reason where it is no choice.</param>
/// <param name="Operator">The operator of the original model it comes from, with its position there.</param>
/// <param name="Output">Shape of its result.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="FlashBytes">Bytes of its constants.</param>
/// <param name="LiveBytes">Bytes of activations that live while it runs.</param>
/// <param name="Parts">In how many parts of its rows it runs; its constants are read as often.</param>
public sealed record LayerAccount(
    int Index, string Kernel, string Form, string Operator, string Output, long Macs, int Parameters, int FlashBytes, int LiveBytes, int Parts)
{
    /// <summary>Predicted time of one run in milliseconds.</summary>
    public double? Milliseconds { get; init; }

    internal static LayerAccount Of(Layer layer, int index, int liveBytes, int parts) => new(
        index, layer.Name, layer.Form, $"{layer.Origin.Origin} {layer.Origin.CustomCode ?? layer.Origin.Operator.ToString()}",
        layer.Origin.Outputs.Count > 0 ? layer.Origin.Output.ToString() : "", layer.Macs, layer.WeightCount, layer.Weights.Length,
        liveBytes, parts);
}

/// <summary>Whether a model fits a board.</summary>
public sealed record BoardVerdict(string Board, [property: JsonIgnore] List<string> ReasonList)
{
    /// <summary>True when nothing stands against it.</summary>
    public bool Fits => ReasonList.Count == 0;

    /// <summary>Why not.</summary>
    public IReadOnlyList<string> Reasons => ReasonList;
}
