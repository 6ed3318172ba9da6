using System.Text;

namespace TinyAI.GestureTrainer.Text;

/// <summary>
/// Sentences about wands and gestures, composed by a small grammar, for a model of characters. As in languages, the word of
/// rank r in its list is drawn with a share of 1 / r (Zipf 1935); the entropy of the text is known, and no model can be
/// better than that.
/// </summary>
internal static class Spells
{
    /// <summary>All characters. The full stop ends a sentence and stands before the first.</summary>
    public const string Alphabet = ". ,abcdefghijklmnopqrstuvwxyz";

    private static readonly string[] s_things = ["wand", "staff", "hand", "board"];
    private static readonly string[] s_owners = ["the", "my", "your"];
    private static readonly string[] s_qualities = ["small", "wide", "slow", "quick", "round", "gentle"];
    private static readonly string[] s_shapes = ["circle", "wave", "ring", "line", "slope", "spiral"];
    private static readonly string[] s_places = ["in the air", "to the left", "to the right", "over the table", "before the door"];
    private static readonly string[] s_verbs = ["draws", "makes", "feels", "knows"];
    private static readonly string[] s_orders = ["lift", "lower", "turn", "hold"];
    private static readonly string[] s_acts = ["opens the door", "lights the lamp", "wakes the owl", "moves the chair", "calls the cat", "ends the spell"];
    private static readonly string[] s_states = ["dark", "bright", "quiet", "warm"];
    private static readonly string[] s_objects = ["lamp", "screen", "room", "sensor"];

    /// <summary>The patterns of sentences; each letter in braces is drawn from a list.</summary>
    private static readonly string[] s_patterns =
    [
        "{o} {t} {v} a {q} {s} {p}", "{i} {o} {t} and draw a {q} {s}", "a {q} {s} {a}", "when the {b} is {z}, a {s} {a}",
        "{i} {o} {t} when the {b} is {z}", "no {q} {s} {a} {p}",
    ];

    /// <summary>A sentence with its full stop, and the bits that its choices are worth.</summary>
    public static (string Text, double Bits) Sentence(SeededRandom random)
    {
        double bits = 0;
        string pattern = Draw(s_patterns);
        var text = new StringBuilder();
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != '{')
            {
                text.Append(pattern[i]);
                continue;
            }

            text.Append(Draw(ListOf(pattern[i + 1])));
            i += 2;
        }

        return (text.Append('.').ToString(), bits);

        string Draw(string[] words)
        {
            double sum = 0, at = random.NextDouble();
            for (int rank = 1; rank <= words.Length; rank++)
                sum += 1.0 / rank;
            int drawn = 0;
            for (at -= 1 / sum; at >= 0 && drawn < words.Length - 1; at -= 1 / (sum * (drawn + 1)))
                drawn++;
            bits += Math.Log2(sum * (drawn + 1));
            return words[drawn];
        }
    }

    /// <summary>Whether a sentence is kept from training: one in eight, by its characters.</summary>
    public static bool IsHeldOut(string sentence)
    {
        uint hash = 2166136261;
        foreach (char c in sentence)
            hash = (hash ^ c) * 16777619;
        return (hash >> 7) % 8 == 0;
    }

    /// <summary>The next sentence that is, or is not, kept from training.</summary>
    public static (string Text, double Bits) Sentence(SeededRandom random, bool heldOut)
    {
        while (true)
        {
            (string text, double bits) = Sentence(random);
            if (IsHeldOut(text) == heldOut)
                return (text, bits);
        }
    }

    private static string[] ListOf(char letter) => letter switch
    {
        't' => s_things,
        'o' => s_owners,
        'q' => s_qualities,
        's' => s_shapes,
        'p' => s_places,
        'v' => s_verbs,
        'i' => s_orders,
        'a' => s_acts,
        'z' => s_states,
        'b' => s_objects,
        _ => throw new ArgumentOutOfRangeException(nameof(letter)),
    };
}
