using System.CommandLine;
using System.Text;
using TinyAI.Boards;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Commands;

/// <summary>generate PACK --text BEGINNING: a decoder of characters goes on with a text, token by token, with the device's code.</summary>
internal static class GenerateCommand
{
    public static Command Create()
    {
        var pack = new Argument<string>("PACK") { Description = "A pack of a decoder with a key/value cache, whose labels are its tokens." };
        var text = new Option<string>("--text") { Description = "How the text begins.", DefaultValueFactory = _ => "" };
        var best = new Option<int>("--best") { Description = "How many of the best tokens one is drawn from; 1 is greedy.", DefaultValueFactory = _ => 1 };
        var temperature = new Option<double>("--temperature") { Description = "Below 1 the draw keeps to the best, above 1 it strays.", DefaultValueFactory = _ => 1 };
        var seed = new Option<int>("--seed") { Description = "The same seed draws the same text.", DefaultValueFactory = _ => 1 };
        var count = new Option<int?>("--count") { Description = "Tokens to add; default: as many as the cache holds." };
        var command = new Command("generate", "Goes on with a text, token by token, with the device's code and its int8 cache.") { pack, text, best, temperature, seed, count };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            byte[] file = ModelFile.Read(parse.GetRequiredValue(pack));
            if (!ModelFile.IsPack(file)) throw new ModelFormatException($"{parse.GetRequiredValue(pack)} is no pack: generate runs packs of decoders, such as models/text/text.tai.");
            if (parse.GetValue(best) < 1) throw new ModelFormatException("--best must be 1 or more.");
            if (parse.GetValue(temperature) is not (> 0 and <= 100)) throw new ModelFormatException("--temperature must be above 0, and 100 at most.");
            Console.WriteLine(Generate(Model.Load(new ByteArraySource(file)), parse.GetValue(text)!, parse.GetValue(count) ?? int.MaxValue, d =>
                new TokenChoice(parse.GetValue(best), DecayOf(d, parse.GetValue(temperature)), parse.GetValue(seed))));
            return CommandGuard.Ok;
        }));
        return command;
    }

    /// <summary>The text: its beginning and what the model adds. The model's first token stands before it and is not shown.</summary>
    private static string Generate(Model model, string beginning, int count, Func<TextDecoder, TokenChoice> choice)
    {
        var decoder = new TextDecoder(model, PositionsOf(model));
        if (count < 0) throw new ModelFormatException("--count must be 0 or more.");
        if (model.LabelCount != decoder.Tokens) throw new ModelFormatException("The pack has no labels, so nothing says what its tokens are: pack it with a label for each.");
        string[] tokens = [.. Enumerable.Range(0, model.LabelCount).Select(model.Label)];
        sbyte[] scores = decoder.Take(0);
        foreach (Rune rune in beginning.EnumerateRunes())
        {
            int token = Array.IndexOf(tokens, rune.ToString());
            if (token < 0) throw new ModelFormatException($"The model does not know the character \"{rune}\" of --text: it knows \"{string.Concat(tokens)}\".");
            if (decoder.Position == decoder.Length) throw new ModelFormatException($"--text is longer than the {decoder.Length - 1} characters that the model holds: shorten it.");
            scores = decoder.Take(token);
        }

        var text = new StringBuilder(beginning);
        TokenChoice next = choice(decoder);
        for (int i = 0; i < count; i++)
        {
            int token = next.Next(scores, 0, tokens.Length);
            text.Append(tokens[token]);
            if (decoder.Position == decoder.Length) break;
            scores = decoder.Take(token);
        }

        return text.ToString();
    }

    /// <summary>Positions that the smallest of the model's caches holds.</summary>
    private static int PositionsOf(Model model)
    {
        int least = int.MaxValue;
        foreach (int at in PackRecords.Of(model))
        {
            int Parameter(int index) => model.Word(at + 4 * (PackFormat.LayerHeaderWords + index));
            if (model.Word(at + 4 * PackFormat.LayerKind) == PackFormat.KindCache) least = Math.Min(least, Parameter(Cache.RowBytes) / Math.Max(1, Parameter(Cache.PositionBytes)));
        }

        return least < int.MaxValue ? least : throw new ModelFormatException("The pack has no cache of keys and values: generate runs decoders that take a token at a time.");
    }

    /// <summary>e^(-scale / temperature) as the device computes it.</summary>
    private static int DecayOf(TextDecoder decoder, double temperature) =>
        TokenChoice.Decay((long)Math.Round(Math.Min(1e6, BitConverter.Int32BitsToSingle(decoder.ScaleBits) / temperature) * 65536));
}
