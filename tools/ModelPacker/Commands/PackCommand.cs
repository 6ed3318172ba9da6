using System.CommandLine;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Boards;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Commands;

/// <summary>pack MODEL -o FILE [--board NAME] [--prefer ram|speed]: writes the pack and prints its account.</summary>
internal static class PackCommand
{
    /// <summary>Left free beside lanes: the larger call frame of their kernels, a wider parameter array and window.</summary>
    private const int KernelFrameBytes = 2048;

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The .tflite model." };
        var output = new Option<string>("--output", "-o") { Description = "The pack to write; needed unless code is emitted." };
        var board = new Option<string?>("--board")
        {
            Description = $"Refuse what does not fit this board: {string.Join(", ", BoardProfile.All.Select(b => b.Name))}, or the path of a profile.",
        };
        var metadata = new Option<string?>("--meta") { Description = "JSON file with name, labels and input normalisation; default: the .json beside the model." };
        var prefer = new Option<string>("--prefer")
        {
            Description = "ram: least memory. speed: layer by layer, weights in 64-bit lanes. balanced: between the two.", DefaultValueFactory = _ => "balanced",
        };
        prefer.AcceptOnlyFromAmong("ram", "speed", "balanced");
        var json = new Option<bool>("--json") { Description = "Print the account as JSON." };
        var command = new Command("pack", "Turns a model into flash-ready tensors and says what they cost.") { model, output, board, metadata, prefer, json };
        var code = new EmitCSharp();
        code.AddTo(command);
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            string path = parse.GetRequiredValue(model);
            string speed = parse.GetValue(prefer)!;
            (byte[] file, BoardProfile? profile, Metadata about) = Open(path, parse.GetValue(metadata), parse.GetValue(board));
            PackResult packed = Pack(file, path, about, profile, speed);
            string? target = parse.GetValue(output);
            if (target is null && !code.IsWanted(parse)) throw new ModelFormatException("Nothing to write: give -o FILE for a pack, or --emit csharp DIR for code.");
            // Code packs its own lanes, so it starts from the plain form.
            PackResult plain = code.IsWanted(parse) ? Pack(file, path, about, profile) : packed;
            GeneratedLibrary? library = code.Run(parse, plain, about);
            if (target is not null) ModelFile.WriteWhole(target, packed.Pack);
            Account account = Account.Of(packed);
            if (parse.GetValue(json)) Console.WriteLine(library is null ? AccountPrinter.Json(account) : EmitCSharp.Json(AccountPrinter.Json(account), library));
            else AccountPrinter.Print(account);
            if (library is not null && !parse.GetValue(json)) EmitCSharp.Print(library);
            return CommandGuard.Ok;
        }));
        return command;
    }

    /// <summary>Packs a file for a board, or throws with every reason why it does not fit.</summary>
    internal static PackResult Pack(string path, string? metadata, string? boardName)
    {
        (byte[] file, BoardProfile? board, Metadata about) = Open(path, metadata, boardName);
        return Pack(file, path, about, board);
    }

    /// <summary>What the command line names, each read once.</summary>
    private static (byte[] File, BoardProfile? Board, Metadata About) Open(string path, string? metadata, string? boardName)
    {
        byte[] file = ModelFile.Read(path);
        if (ModelFile.IsPack(file)) throw new ModelFormatException($"{path} is a pack already: give the .tflite model it was made from.");
        BoardProfile? board = boardName is null ? null : BoardProfile.Find(boardName);
        return (file, board, ModelFile.MetadataFor(path, metadata));
    }

    private static PackResult Pack(byte[] file, string path, Metadata about, BoardProfile? board, string prefer = "")
    {
        string name = ModelFile.NameOf(path);
        bool preferSpeed = prefer == "speed";
        Plan.RowPolicy? rows = prefer == "ram" ? Plan.RowPolicy.LeastMemory : prefer == "balanced" ? Plan.RowPolicy.WholeInput : null;
        int maxBlock = board?.LargestBlockBytes ?? int.MaxValue;
        PackResult packed = Packer.Pack(file, name, about, maxBlock, preferSpeed && board is null ? LanePolicy.Always : null, rows);
        if (board is null) return packed;
        int room = board.FreeHeapBytes - packed.Heap.Total - KernelFrameBytes;
        if (preferSpeed && room > 0) packed = Packer.Pack(file, name, about, maxBlock, LanePolicy.WithinBudget(room));
        List<string> reasons = BoardFit.Check(packed, board);
        return reasons.Count == 0 ? packed : throw new UnsupportedModelException(reasons);
    }
}
