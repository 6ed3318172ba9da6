namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// The blocks of layers in lanes, each proved once. A model is planned many times over before one plan is kept, always from
/// the same weights, and a proof tries every channel's whole range: most of the time that packing takes.
/// </summary>
public sealed class LaneProofs
{
    private readonly Dictionary<Question, (LaneBlocks? Blocks, string Reason)> _known = [];

    /// <summary>All that an answer depends on; weights are the same where they are the same array, which no stage changes.</summary>
    private readonly record struct Question(byte[] Weights, int BlockBytes, int Taps, int Low, int High, int OutZero, int OutMin, int OutMax, int Chunks, bool CanSplit);

    /// <summary>The blocks of a layer of so many taps, as <see cref="LaneBlocks"/> makes them, or why there are none.</summary>
    public (LaneBlocks? Blocks, string Reason) Of(Layer layer, int taps, int low, int high, int outZero, int outMin, int outMax, int chunks, bool canSplit)
    {
        var question = new Question(layer.Weights, layer.BlockBytes, taps, low, high, outZero, outMin, outMax, chunks, canSplit);
        if (_known.TryGetValue(question, out (LaneBlocks?, string) answer)) return answer;
        return _known[question] = LaneBlocks.Of(ChannelBlock.Read(layer, taps), low, high, outZero, outMin, outMax, chunks, canSplit);
    }
}
