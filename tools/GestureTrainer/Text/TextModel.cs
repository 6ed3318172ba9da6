using System.Runtime.InteropServices;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Build;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Run;

namespace TinyAI.GestureTrainer.Text;

/// <summary>The trained decoder with its cache: in float on the desktop, and as the int8 pack of a device.</summary>
internal sealed class TextModel
{
    /// <summary>Texts over which ranges are measured, drawn from sentences that training may use.</summary>
    private const int CalibrationTexts = 24;

    private const int CalibrationSeed = 77, HeldOutSeed = 2026;

    public TextModel(float[] weights)
    {
        Weights = weights;
        Float = Graph();
        Dictionary<string, ValueRange> ranges = SequenceRanges.Of(Graph(), Calibration.Select(Steps));
        var metadata = new Metadata { Name = "text", Labels = [.. Spells.Alphabet.Select(c => c.ToString())] };
        Packed = Packer.Pack(Quantiser.Run(Graph(), t => ranges[t.Name]).Graph, metadata);
    }

    /// <summary>The texts over which ranges are measured.</summary>
    public static IEnumerable<int[]> Calibration => Texts(CalibrationSeed, CalibrationTexts, heldOut: false);

    public float[] Weights { get; }

    public Graph Float { get; }

    public PackResult Packed { get; }

    /// <summary>Reads weights as <see cref="Bytes"/> wrote them.</summary>
    public static TextModel Read(byte[] weights) => new(MemoryMarshal.Cast<byte, float>(weights).ToArray());

    /// <summary>The weights as little-endian IEEE singles.</summary>
    public byte[] Bytes() => MemoryMarshal.AsBytes(Weights.AsSpan()).ToArray();

    /// <summary>So many texts that training has not seen.</summary>
    public static IEnumerable<int[]> HeldOut(int count) => Texts(HeldOutSeed, count, heldOut: true);

    /// <summary>A text without the full stop that stands before it.</summary>
    public static string Letters(int[] text) => string.Concat(text.Skip(1).Select(token => Spells.Alphabet[token]));

    /// <summary>Texts as long as the cache and one character more, which is only guessed.</summary>
    private static IEnumerable<int[]> Texts(int seed, int count, bool heldOut)
    {
        SeededRandom random = new(seed);
        for (int i = 0; i < count; i++)
            yield return TextTrainer.Draw(random, TextNetwork.Shape.Length + 1, heldOut);
    }

    /// <summary>The scores in float after each character of a text but the last.</summary>
    public IEnumerable<float[]> RunFloat(FloatRunner runner, int[] text)
    {
        runner.Reset();
        return Steps(text).Select(step => runner.Run(step)[Float.Outputs[0]]);
    }

    /// <summary>The same on the device runtime.</summary>
    public IEnumerable<float[]> RunDevice(ModelRunner runner, int[] text)
    {
        runner.Reset();
        return Steps(text).Select(step => RealNumbers.Of(
            Float.Outputs[0], Float.Outputs[0].Type, runner.Run([.. step.Select(v => BitConverter.GetBytes((int)v[0]))])[0]));
    }

    private Graph Graph()
    {
        var net = new Net("text", Weights);
        return TextNetwork.Shape.Build(net, cached: true, net.GeluByTanh);
    }

    private static IReadOnlyList<float[][]> Steps(int[] text) => [.. text[..^1].Select((token, t) => (float[][])[[token], [t]])];
}
