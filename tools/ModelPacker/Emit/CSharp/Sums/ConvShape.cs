namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>What the methods of one layer (and group of input channels) have in common.</summary>
internal sealed record ConvShape(
    WindowGeometry G, WindowWalk Walk, ValueRange Input, int[] ChunkEnds, int ChannelOffset, int OutMin, int OutMax, bool Pools)
{
    /// <summary>Where input and output begin in their blocks.</summary>
    public int XBase { get; init; }

    /// <inheritdoc cref="XBase"/>
    public int YBase { get; init; }

    /// <summary>What the form is made of.</summary>
    public CodeOptions Options { get; init; } = new();

    /// <summary>Whether a few bytes more of code are right where they save time.</summary>
    public bool IsFast { get; init; }

    /// <summary>One position of the window and no more: addresses are constants then.</summary>
    public bool IsOnePosition => !Pools && !HasPointers && Walk.Batch * Walk.Outer.Out * Walk.Inner.Out == 1;

    /// <summary>Whether addresses are arguments even so.</summary>
    public bool HasPointers { get; init; }

    /// <summary>The index of an input byte, given its distance from the first byte of the window.</summary>
    public string X(string pointer, int offset) => IsOnePosition ? $"{XBase + offset}" : CodeText.At(pointer, offset);

    /// <summary>The index of an output byte, likewise.</summary>
    public string Y(int offset) => IsOnePosition ? $"{YBase + offset}" : CodeText.At("yAt", offset);

    /// <summary>IL bytes of such an index.</summary>
    public int IndexBytes(int offset, int start) => IsOnePosition ? CodeText.IntBytes(start + offset) : 2 + CodeText.IntBytes(offset);

    /// <summary>Activations held at once.</summary>
    public int WindowLocals => ChunkEnds.Length == 1 ? G.Taps : ChunkEnds[0];

    /// <summary>Whether this walk slides: the whole window must be in locals.</summary>
    public bool Slides => Walk.Slides && ChunkEnds.Length == 1;

    /// <summary>
    /// For each tap of the weights its byte offset from the first byte of the window, and its index along the inner
    /// axis (the column) and within that column.
    /// </summary>
    public (int Offset, int Column, int InColumn)[] TapPlaces()
    {
        var places = new (int, int, int)[G.Taps];
        WalkAxis inner = Walk.Inner, outer = Walk.Outer;
        for (int i = 0; i < inner.Kernel; i++)
        {
            for (int o = 0; o < outer.Kernel; o++)
            {
                for (int c = 0; c < G.GroupIn; c++)
                {
                    int tap = i * inner.TapStep + o * outer.TapStep + c;
                    places[tap] = (i * inner.TapBytes + o * outer.TapBytes + ChannelOffset + c, i, o * G.GroupIn + c);
                }
            }
        }

        return places;
    }
}
