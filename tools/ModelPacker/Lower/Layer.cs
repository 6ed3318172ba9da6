using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Lower;

/// <summary>One call of a device kernel: what a layer record in the pack says, before memory has addresses.</summary>
public sealed record Layer
{
    /// <summary>One of PackFormat's Kind constants.</summary>
    public required int Kind { get; init; }

    /// <summary>Name of the kernel for reports.</summary>
    public required string Name { get; init; }

    /// <summary>The node it comes from.</summary>
    public required Node Origin { get; init; }

    /// <summary>First input.</summary>
    public Place? Input { get; init; }

    /// <summary>Second input.</summary>
    public Place? Input2 { get; init; }

    /// <summary>Output.</summary>
    public Place? Output { get; set; }

    /// <summary>State and scratch.</summary>
    public Place? Scratch { get; init; }

    /// <summary>Output rows or positions, the unit of partial execution.</summary>
    public required int Rows { get; init; }

    /// <summary>The kernel's parameters, in the order of its constants.</summary>
    public int[] Parameters { get; init; } = [];

    /// <summary>The kernel's constants.</summary>
    public byte[] Weights { get; init; } = [];

    /// <summary>Bytes of one output channel's block in <see cref="Weights"/>, or 0 where they are one piece.</summary>
    public int BlockBytes { get; init; }

    /// <summary>Bytes that the kernel needs in the paging window at once.</summary>
    public int WindowBytes { get; init; }

    /// <summary>
    /// Whether the kernel never reads an element of its first input after it has written the output element of the
    /// same index or a later one, so that both can begin at the same memory.
    /// </summary>
    public bool InPlace { get; init; }

    /// <summary>Whether the same holds for the second input.</summary>
    public bool InPlace2 { get; init; }

    /// <summary>Lane kinds: number of the slot in which a session keeps the lanes, or 0 where it makes them at every run.</summary>
    public int Slot { get; init; }

    /// <summary>In which form a weighted layer runs and why, for reports; empty for other layers.</summary>
    public string Form { get; init; } = "";

    /// <summary>Multiply-accumulates of one run.</summary>
    public long Macs { get; init; }

    /// <summary>Numbers that were learned, as a user counts weights: taps and biases.</summary>
    public int WeightCount { get; init; }

    /// <summary>The layer's buffers, each once.</summary>
    public IEnumerable<Buffer> Buffers =>
        new[] { Input, Input2, Output, Scratch }.Where(p => p is not null).Select(p => p!.Value.Buffer).Distinct();
}
