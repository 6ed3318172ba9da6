using System.Globalization;
using TinyAI.GestureTrainer.Network;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Run;

namespace TinyAI.GestureTrainer.Text;

/// <summary>How the int8 decoder compares with the float one on sentences that training did not see.</summary>
/// <param name="Texts">Texts.</param>
/// <param name="Characters">Characters guessed.</param>
/// <param name="Same">Guesses in which both give the same best character.</param>
/// <param name="FloatBits">Bits a character of the float model.</param>
/// <param name="DeviceBits">Bits a character of the int8 model.</param>
/// <param name="FloatRight">Characters that the float model has as its best.</param>
/// <param name="DeviceRight">Characters that the int8 model has as its best.</param>
internal sealed record TextFigures(int Texts, int Characters, int Same, double FloatBits, double DeviceBits, int FloatRight, int DeviceRight)
{
    public double Agreement => 100.0 * Same / Characters;

    public static TextFigures Measure(TextModel model, int texts)
    {
        FloatRunner reference = new(model.Float);
        ModelRunner device = new(model.Packed.Pack);
        int characters = 0, same = 0, floatRight = 0, deviceRight = 0;
        double floatBits = 0, deviceBits = 0;
        foreach (int[] text in TextModel.HeldOut(texts))
        {
            foreach (((float[] a, float[] b), int next) in model.RunFloat(reference, text).Zip(model.RunDevice(device, text)).Zip(text.Skip(1)))
            {
                (int mine, int theirs) = (Trainer.Greatest(a), Trainer.Greatest(b));
                characters++;
                same += mine == theirs ? 1 : 0;
                floatRight += mine == next ? 1 : 0;
                deviceRight += theirs == next ? 1 : 0;
                floatBits += Bits(a, next);
                deviceBits += Bits(b, next);
            }
        }

        return new TextFigures(texts, characters, same, floatBits / characters, deviceBits / characters, floatRight, deviceRight);
    }

    private static double Bits(float[] scores, int next)
    {
        float[] shares = new float[scores.Length];
        SoftmaxCrossEntropy.Softmax(scores, shares);
        return -Math.Log2(Math.Max(shares[next], 1e-12));
    }
}

/// <summary>The page beside the model.</summary>
internal static class TextReport
{
    /// <summary>Texts by which the model is measured.</summary>
    public const int Texts = 100;

    public static string Write(TextModel model, TextTrainingOptions options)
    {
        TextFigures figures = TextFigures.Measure(model, Texts);
        Account account = Account.Of(model.Packed);
        return string.Create(CultureInfo.InvariantCulture, $"""
            # Results of the text model

            Written by `gesturetrainer train-text`; do not edit.

            A GPT decoder of characters: {options.Shape.Vocabulary} characters, {options.Shape.Length} positions, {options.Shape.Width} wide, {options.Shape.Layers} layers, {options.Shape.Heads} heads, {model.Weights.Length:N0} weights,
            trained with seed {options.Seed} for {options.Steps:N0} steps of {options.BatchSize} texts of {options.Shape.Length} characters. The sentences come from a small grammar; one in eight
            of them, chosen by its letters, is kept from training, and the figures are from {figures.Texts} texts ({figures.Characters:N0} characters) of these alone.

            | | float | int8 on the device's runtime |
            |--|--:|--:|
            | bits a character (the grammar's own entropy: {GrammarBits():0.000}) | {figures.FloatBits:0.000} | {figures.DeviceBits:0.000} |
            | next character right | {100.0 * figures.FloatRight / figures.Characters:0.0} % | {100.0 * figures.DeviceRight / figures.Characters:0.0} % |

            Both have the same best character in {figures.Agreement:0.0} % of all places.

            | flash | heap of a session | MACs a character |
            |--:|--:|--:|
            | {account.FlashBytes:N0} B | {account.PeakHeapBytes:N0} B | {account.Macs:N0} |

            Weights: text.weights, little-endian IEEE singles in the order in which `tools/ModelPacker/Build/DecoderShape.cs` takes them. Pack: text.tai.

            """).ReplaceLineEndings("\n");
    }

    /// <summary>Bits a character of the grammar: drawn choices over characters written, the space between sentences among them.</summary>
    private static double GrammarBits()
    {
        SeededRandom random = new(1);
        double bits = 0, characters = 0;
        for (int i = 0; i < 20000; i++)
        {
            (string text, double worth) = Spells.Sentence(random, heldOut: true);
            bits += worth;
            characters += text.Length + 1;
        }

        return bits / characters;
    }
}
