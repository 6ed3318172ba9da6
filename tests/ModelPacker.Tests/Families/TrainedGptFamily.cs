using System.Runtime.InteropServices;
using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>
/// The checked-in decoder of characters (models/text), with the weights that `gesturetrainer train-text` found. Ranges are
/// measured on texts like those of its training; it is tested on sentences that training did not see.
/// </summary>
public sealed class TrainedGptFamily : Family
{
    private static readonly string s_folder = Path.Combine(RepositoryFolder.Path, "models", "text");
    private readonly Lazy<string[]> _heldOut = new(() => File.ReadAllLines(Path.Combine(s_folder, "held-out.txt")));

    /// <summary>The checked-in pack.</summary>
    public static string PackFile => Path.Combine(s_folder, "text.tai");

    /// <summary>The shape of the model.</summary>
    public static DecoderShape Shape { get; } = new(Vocabulary: 29, Length: 64, Width: 32, Layers: 2, Heads: 4);

    /// <summary>The characters in the order of the tokens: the labels of the pack.</summary>
    public static string Alphabet { get; } = AlphabetOf(Model.Load(new ByteArraySource(File.ReadAllBytes(PackFile))));

    public override string Name => "GPT, trained";

    public override string Blocks => "the same, trained on sentences of a grammar (models/text): 29 characters, 2 layers, 4 heads, int8 cache of 64 positions; width 32";

    /// <summary>What a trained model must reach.</summary>
    public override double LeastTop => 95;

    public override Graph Build() => Decoder(cached: true);

    /// <summary>The decoder for one token at a position, or for whole texts.</summary>
    public static Graph Decoder(bool cached)
    {
        var net = new Net("text", MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(s_folder, "text.weights"))).ToArray());
        return Shape.Build(net, cached, net.GeluByTanh);
    }

    public override IReadOnlyList<float[][]> Draw(Random random) => Steps(_heldOut.Value[random.Next(_heldOut.Value.Length)]);

    public override IEnumerable<IReadOnlyList<float[][]>> Calibration(Random random, int count) =>
        File.ReadAllLines(Path.Combine(s_folder, "calibration.txt")).Select(Steps);

    /// <summary>The tokens of a text behind the full stop that stands before it, one a step.</summary>
    private static IReadOnlyList<float[][]> Steps(string text) =>
        [.. ("." + text).Take(Shape.Length).Select((c, t) => (float[][])[[Alphabet.IndexOf(c)], [t]])];

    private static string AlphabetOf(Model model) => string.Concat(Enumerable.Range(0, model.LabelCount).Select(model.Label));
}
