using System.CommandLine;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Boards;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Commands;

/// <summary>pack MODEL -o FILE [--board NAME]: writes the pack and prints its account.</summary>
internal static class PackCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The .tflite model." };
        var output = new Option<string>("--output", "-o") { Description = "The pack to write.", Required = true };
        var board = new Option<string?>("--board")
        {
            Description = $"Refuse what does not fit this board: {string.Join(", ", BoardProfile.All.Select(b => b.Name))}, or the path of a profile.",
        };
        var metadata = new Option<string?>("--meta") { Description = "JSON file with name, labels and input normalisation; default: the .json beside the model." };
        var json = new Option<bool>("--json") { Description = "Print the account as JSON." };
        var command = new Command("pack", "Turns a model into flash-ready tensors and says what they cost.") { model, output, board, metadata, json };
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            string path = parse.GetRequiredValue(model);
            PackResult packed = Pack(path, parse.GetValue(metadata), parse.GetValue(board));
            ModelFile.WriteWhole(parse.GetRequiredValue(output), packed.Pack);
            Account account = Account.Of(packed);
            if (parse.GetValue(json)) Console.WriteLine(AccountPrinter.Json(account));
            else AccountPrinter.Print(account);
            return CommandGuard.Ok;
        }));
        return command;
    }

    /// <summary>Packs a file for a board, or throws with every reason why it does not fit.</summary>
    internal static PackResult Pack(string path, string? metadata, string? boardName)
    {
        byte[] file = ModelFile.Read(path);
        if (ModelFile.IsPack(file)) throw new ModelFormatException($"{path} is a pack already: give the .tflite model it was made from.");
        BoardProfile? board = boardName is null ? null : BoardProfile.Find(boardName);
        int maxBlock = board?.LargestBlockBytes ?? int.MaxValue;
        PackResult packed = Packer.Pack(file, ModelFile.NameOf(path), ModelFile.MetadataFor(path, metadata), maxBlock);
        if (board is null) return packed;
        List<string> reasons = BoardFit.Check(packed, board);
        return reasons.Count == 0 ? packed : throw new UnsupportedModelException(reasons);
    }
}
