using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Commands;

/// <summary>The options of pack for code: --emit csharp DIR, --code, --optimise and --max-code-bytes.</summary>
internal sealed class EmitCSharp
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly Option<string[]> _emit = new("--emit")
    {
        Description = "csharp DIR: also write the model as a nanoFramework class library whose weights are constants in its code.",
        Arity = new ArgumentArity(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<string> _code = new("--code")
    {
        Description = "Which layers have their weights in code: auto (default: all, as far as --max-code-bytes goes), all, none, or their numbers in the pack, as 0,2-4. "
            + "The others call kernels with their weights on the heap.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string> _optimise = new("--optimise")
    {
        Description = "speed (default): spend flash where that saves as much time. size: the smallest code.", DefaultValueFactory = _ => "speed",
    };

    private readonly Option<long> _maxCodeBytes = new("--max-code-bytes")
    {
        Description = "Flash for generated code. Refused if it is too little.",
        DefaultValueFactory = _ => new CodeOptions().MaxCodeBytes,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        _optimise.AcceptOnlyFromAmong("size", "speed");
        command.Add(_emit);
        command.Add(_code);
        command.Add(_optimise);
        command.Add(_maxCodeBytes);
    }

    /// <summary>Whether the user asked for code.</summary>
    public bool IsWanted(ParseResult parse) => parse.GetValue(_emit) is { Length: 2 };

    /// <summary>Writes the library and returns what it costs, or null where none was asked for.</summary>
    public GeneratedLibrary? Run(ParseResult parse, PackResult packed, Metadata metadata)
    {
        if (parse.GetValue(_emit) is not { Length: 2 } emit) return null;
        if (emit[0] != "csharp") throw new ModelFormatException($"--emit {emit[0]} is not known: write --emit csharp DIR.");
        var options = new CodeOptions
        {
            MaxCodeBytes = parse.GetValue(_maxCodeBytes), CodeLayers = Layers(parse.GetValue(_code)!, packed.Model.Layers.Count),
            Optimise = parse.GetValue(_optimise) == "size" ? Optimise.Size : Optimise.Speed,
        };
        GeneratedLibrary library = CSharpEmitter.Emit(packed, metadata, options);
        foreach ((string path, string text) in library.Files)
            ModelFile.WriteWhole(Path.Combine(emit[1], path), System.Text.Encoding.UTF8.GetBytes(text));
        return library;
    }

    /// <summary>The account for people; time is that of the pack in plain form, whose kernels the library would call.</summary>
    public static void Print(GeneratedLibrary library, TimeAccount time)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("#").AddColumn("operator").AddColumn("chosen")
            .AddColumn("code flash B", Right).AddColumn("heap B", Right).AddColumn("ms", Right).AddColumn("kernel flash B", Right).AddColumn("heap B", Right).AddColumn("ms", Right);
        foreach (LayerChoice choice in library.Choices)
        {
            table.AddRow(
                string.Join('+', choice.Sources), Markup.Escape(choice.Operator), choice.IsCode ? "code" : "kernel",
                choice.Code is { } c ? $"{c.FlashBytes:N0}" : "", choice.Code is { } h ? $"{h.HeapBytes:N0}" : "", choice.Code is { } t ? $"{Milliseconds(t, time):N3}" : "",
                $"{choice.Kernel.FlashBytes:N0}", $"{choice.Kernel.HeapBytes:N0}", $"{KernelMilliseconds(choice, time):N3}");
        }

        Tables.Write(table);
        Console.WriteLine($"code         {library.FlashBytes,10:N0} B   of flash (estimate), {library.IlBytes:N0} B of it IL, {library.BytesPerWeight:F2} B per parameter, {library.Assemblies.Length} assemblies");
        Console.WriteLine($"code heap    {library.HeapBytes,10:N0} B   activations {library.ActivationBytes:N0} + parameters, tables and weights of kernels {library.HeapBytes - library.ActivationBytes:N0}; weights in code none");
        Console.WriteLine($"code RAM     {library.AssemblyRamBytes,10:N0} B   tables of the loaded assemblies, at most {library.Assemblies.Max(a => a.RamBytes):N0} each");
        Console.WriteLine($"code time    {Total(library, time),10:N2} ms  against {time.KernelMilliseconds.Sum():N2} ms with all layers as kernels; {time.Source}");
    }

    /// <summary>The account for machines: the pack's, with an object "code" for the library.</summary>
    public static string Json(string account, GeneratedLibrary library, TimeAccount time)
    {
        JsonNode all = JsonNode.Parse(account)!;
        all["code"] = JsonSerializer.SerializeToNode(
            new
            {
                library.FlashBytes, library.IlBytes, library.HeapBytes, library.AssemblyRamBytes, BytesPerParameter = Math.Round(library.BytesPerWeight, 2),
                Milliseconds = Math.Round(Total(library, time), 3),
                Layers = library.Choices.Select(c => new
                {
                    Layers = c.Sources, c.Operator, Chosen = c.IsCode ? "code" : "kernel",
                    Code = c.Code is null ? null : new { c.Code.FlashBytes, c.Code.HeapBytes, Milliseconds = Math.Round(Milliseconds(c.Code, time), 4) },
                    Kernel = new { c.Kernel.FlashBytes, c.Kernel.HeapBytes, Milliseconds = Math.Round(KernelMilliseconds(c, time), 4) },
                }),
                Assemblies = library.Assemblies.Select(a => new { a.Name, a.IlBytes, a.FlashBytes, a.RamBytes }),
            },
            s_json);
        return all.ToJsonString(s_json);
    }

    private static double Milliseconds(FormCost code, TimeAccount time) => (code.Adds ?? 0) * time.NanosecondsPerAdd / 1e6;

    private static double KernelMilliseconds(LayerChoice choice, TimeAccount time) => choice.Sources.Sum(s => time.KernelMilliseconds[s]);

    private static double Total(GeneratedLibrary library, TimeAccount time) =>
        library.Choices.Sum(c => c.IsCode ? Milliseconds(c.Code!, time) : KernelMilliseconds(c, time));

    private static void Right(TableColumn column) => column.RightAligned();

    /// <summary>The layers that a user names, or null where the choice is left to the packer.</summary>
    private static HashSet<int>? Layers(string text, int count)
    {
        if (text == "auto") return null;
        if (text == "all") return [.. Enumerable.Range(0, count)];
        var layers = new HashSet<int>();
        if (text == "none") return layers;
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            bool numbers = int.TryParse(ends[0], out int from) & int.TryParse(ends[^1], out int to);
            if (!numbers || ends.Length > 2 || from < 0 || to < from || to >= count)
                throw new ModelFormatException($"--code {text} names no layers of this pack: write auto, all, none, or numbers from 0 to {count - 1}, as 0,2-4.");
            layers.UnionWith(Enumerable.Range(from, to - from + 1));
        }

        return layers;
    }
}
