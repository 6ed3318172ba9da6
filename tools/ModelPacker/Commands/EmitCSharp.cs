using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Commands;

/// <summary>The options --emit csharp DIR and --max-code-bytes of pack: the model as a generated class library.</summary>
internal sealed class EmitCSharp
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly Option<string[]> _emit = new("--emit")
    {
        Description = "csharp DIR: also write the model as a nanoFramework class library whose weights are constants in its code.",
        Arity = new ArgumentArity(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<long> _maxCodeBytes = new("--max-code-bytes")
    {
        Description = "Refuse generated code that would take more flash than this.",
        DefaultValueFactory = _ => new CodeOptions().MaxCodeBytes,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_emit);
        command.Add(_maxCodeBytes);
    }

    /// <summary>Whether the user asked for code.</summary>
    public bool IsWanted(ParseResult parse) => parse.GetValue(_emit) is { Length: 2 };

    /// <summary>Writes the library and returns what it costs, or null where none was asked for.</summary>
    public GeneratedLibrary? Run(ParseResult parse, PackResult packed, Metadata metadata)
    {
        if (parse.GetValue(_emit) is not { Length: 2 } emit) return null;
        if (emit[0] != "csharp") throw new ModelFormatException($"--emit {emit[0]} is not known: write --emit csharp DIR.");
        GeneratedLibrary library = CSharpEmitter.Emit(packed, metadata, new CodeOptions { MaxCodeBytes = parse.GetValue(_maxCodeBytes) });
        foreach ((string path, string text) in library.Files)
            ModelFile.WriteWhole(Path.Combine(emit[1], path), System.Text.Encoding.UTF8.GetBytes(text));
        return library;
    }

    /// <summary>The account for people.</summary>
    public static void Print(GeneratedLibrary library)
    {
        Console.WriteLine($"code         {library.FlashBytes,10:N0} B   of flash (estimate), {library.IlBytes:N0} B of it IL, {library.BytesPerWeight:F2} B per parameter, {library.Assemblies.Length} assemblies");
        Console.WriteLine($"code heap    {library.HeapBytes,10:N0} B   activations {library.ActivationBytes:N0} + parameters and small tables {library.HeapBytes - library.ActivationBytes:N0}; weights none");
        Console.WriteLine($"code RAM     {library.AssemblyRamBytes,10:N0} B   tables of the loaded assemblies, at most {library.Assemblies.Max(a => a.RamBytes):N0} each");
    }

    /// <summary>The account for machines: the pack's, with an object "code" for the library.</summary>
    public static string Json(string account, GeneratedLibrary library)
    {
        JsonNode all = JsonNode.Parse(account)!;
        all["code"] = JsonSerializer.SerializeToNode(
            new
            {
                library.FlashBytes, library.IlBytes, library.HeapBytes, library.AssemblyRamBytes, BytesPerParameter = Math.Round(library.BytesPerWeight, 2),
                Assemblies = library.Assemblies.Select(a => new { a.Name, a.IlBytes, a.FlashBytes, a.RamBytes }),
            },
            s_json);
        return all.ToJsonString(s_json);
    }
}
