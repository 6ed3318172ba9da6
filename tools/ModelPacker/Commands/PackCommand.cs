using System.CommandLine;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Boards;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Plan;

namespace TinyAI.ModelPacker.Commands;

/// <summary>pack MODEL -o FILE [--board NAME] [--prefer ram|speed|balanced]: writes the pack and prints its account.</summary>
internal static class PackCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The .tflite or .onnx model." };
        var output = new Option<string>("--output", "-o") { Description = "The pack to write; needed unless code is emitted." };
        var board = new Option<string?>("--board")
        {
            Description = $"Refuse what does not fit this board: {string.Join(", ", BoardProfile.All.Select(b => b.Name))}, or the path of a profile.",
        };
        var metadata = new Option<string?>("--meta") { Description = "JSON file with name, labels and input normalisation; default: the .json beside the model." };
        Option<Preference> prefer = Prefer();
        var json = new Option<bool>("--json") { Description = "Print the account as JSON." };
        Option<string[]> shapes = ModelFile.ShapeOption();
        var goldens = new Option<string?>("--goldens")
        {
            Description = $"Folder of NNN.in.bin and NNN.out.bin: the first {Goldens.Most} go into the pack with a CRC per layer, for the self-test of a board.",
        };
        var command = new Command("pack", "Turns a model into flash-ready tensors and says what they cost.") { model, output, board, metadata, prefer, shapes, json, goldens };
        var code = new EmitCSharp();
        code.AddTo(command);
        command.SetAction(parse => CommandGuard.Run(() =>
        {
            string path = parse.GetRequiredValue(model);
            Preference preference = parse.GetValue(prefer);
            (byte[] file, BoardProfile? profile, Metadata about) = Open(path, parse.GetValue(metadata), parse.GetValue(board));
            LoweredModel lowered = Packer.Lower(ModelFile.Import(file, path, parse.GetValue(shapes), about.Name));
            about.Require(lowered);
            var planning = new Planning(lowered, profile?.LargestBlockBytes ?? int.MaxValue, about.Name ?? lowered.Name);
            PackResult packed = Pack(planning, about, profile, preference);
            if (parse.GetValue(goldens) is { } folder) packed = Goldens.AddTo(packed, about, folder);
            string? target = parse.GetValue(output);
            if (target is null && !code.IsWanted(parse)) throw new ModelFormatException("Nothing to write: give -o FILE for a pack, or --emit csharp DIR for code.");
            // Code has a plan and lanes of its own, so it starts from plain layers one after the other.
            PackResult plain = code.IsWanted(parse) ? Packer.Pack(lowered, about, int.MaxValue) : packed;
            GeneratedLibrary? library = code.Run(parse, plain, about);
            if (target is not null) ModelFile.WriteWhole(target, packed.Pack);
            AlternativeAccount Cost(Preference other)
            {
                PackResult cost = other == preference ? packed : Packer.Pack(planning, about, other, profile?.FreeHeapBytes ?? int.MaxValue);
                return new AlternativeAccount(other.ToString().ToLowerInvariant(), other == preference, cost.Heap.Total, cost.Cost);
            }

            // Counting takes as long as planning for the other preferences: both at once.
            string? boardName = parse.GetValue(board);
            Task<TimeAccount> counting = Task.Run(() => TimeAccount.Of(packed, boardName));
            AlternativeAccount[] preferences = [.. Enum.GetValues<Preference>().Select(Cost)];
            TimeAccount time = counting.GetAwaiter().GetResult();
            Account account = Account.Of(packed, time) with { Preferences = preferences };
            if (parse.GetValue(json)) Console.WriteLine(library is null ? AccountPrinter.Json(account) : EmitCSharp.Json(AccountPrinter.Json(account), library, KernelTime()));
            else AccountPrinter.Print(account);
            if (library is not null && !parse.GetValue(json)) EmitCSharp.Print(library, KernelTime());
            return CommandGuard.Ok;

            TimeAccount KernelTime() => ReferenceEquals(plain, packed) ? time : TimeAccount.Of(plain, boardName);
        }));
        return command;
    }

    /// <summary>The option that says what a pack is made for.</summary>
    internal static Option<Preference> Prefer()
    {
        return new Option<Preference>("--prefer")
        {
            Description = "ram: least memory, the input may have to be fed by rows. speed: layer by layer, weights in 64-bit lanes. balanced (default): the fastest within the memory that layer by layer takes, at most 48 KB where that is possible.",
            DefaultValueFactory = _ => Preference.Balanced,
        };
    }

    /// <summary>Packs a file for a board, or throws with every reason why it does not fit.</summary>
    internal static PackResult Pack(string path, string? metadata, string? boardName, Preference prefer = Preference.Balanced)
    {
        (byte[] file, BoardProfile? board, Metadata about) = Open(path, metadata, boardName);
        return Pack(ModelFile.Import(file, path, null, about.Name), about, board, prefer);
    }

    /// <summary>The same with an imported model.</summary>
    internal static PackResult Pack(Graph graph, Metadata about, BoardProfile? board, Preference prefer)
    {
        LoweredModel model = Packer.Lower(graph);
        about.Require(model);
        return Pack(new Planning(model, board?.LargestBlockBytes ?? int.MaxValue, about.Name ?? model.Name), about, board, prefer);
    }

    /// <summary>What the command line names, each read once.</summary>
    private static (byte[] File, BoardProfile? Board, Metadata About) Open(string path, string? metadata, string? boardName)
    {
        byte[] file = ModelFile.Read(path);
        if (ModelFile.IsPack(file)) throw new ModelFormatException($"{path} is a pack already: give the model it was made from.");
        BoardProfile? board = boardName is null ? null : BoardProfile.Find(boardName);
        return (file, board, ModelFile.MetadataFor(path, metadata));
    }

    private static PackResult Pack(Planning planning, Metadata about, BoardProfile? board, Preference prefer)
    {
        PackResult packed = Packer.Pack(planning, about, prefer, board?.FreeHeapBytes ?? int.MaxValue);
        if (board is null) return packed;
        List<string> reasons = BoardFit.Check(packed, board);
        if (reasons.Count == 0) return packed;
        if (prefer != Preference.Ram && BoardFit.Check(Packer.Pack(planning, about, Preference.Ram), board).Count == 0)
            reasons.Add("With --prefer ram it fits.");
        throw new UnsupportedModelException(reasons);
    }
}
