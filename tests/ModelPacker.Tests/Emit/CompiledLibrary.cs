using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using TinyAI.ModelPacker.Emit.CSharp.Library;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>
/// A generated library, compiled with the settings of a device build against the desktop build of the kernels, and an
/// instance of its model class.
/// </summary>
internal sealed class CompiledLibrary
{
    private static readonly MetadataReference[] s_system =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p) is "System.Runtime.dll" or "System.Private.CoreLib.dll")
            .Select(p => MetadataReference.CreateFromFile(p)),
        MetadataReference.CreateFromFile(typeof(TinyAI.Kernels.Conv2D).Assembly.Location),
    ];

    private readonly object _model;
    private readonly Type _type;

    private CompiledLibrary(GeneratedLibrary library, List<byte[]> images, object model)
    {
        (Library, Images, _model, _type) = (library, images, model, model.GetType());
    }

    /// <summary>The sources and their account.</summary>
    public GeneratedLibrary Library { get; }

    /// <summary>The compiled assemblies, in the library's order.</summary>
    public List<byte[]> Images { get; }

    /// <summary>Compiles and loads; a compiler error or warning fails the test with the compiler's words.</summary>
    public static CompiledLibrary Of(GeneratedLibrary library)
    {
        var context = new AssemblyLoadContext(library.Name, isCollectible: true);
        var references = new List<MetadataReference>(s_system);
        var images = new List<byte[]>();
        Assembly? last = null;
        foreach (GeneratedAssembly assembly in library.Assemblies)
        {
            byte[] image = Compile(assembly, references);
            images.Add(image);
            references.Add(MetadataReference.CreateFromImage(image));
            last = context.LoadFromStream(new MemoryStream(image));
        }

        object model = Activator.CreateInstance(last!.GetType($"TinyAI.Models.{library.Name}Model", throwOnError: true)!)!;
        return new CompiledLibrary(library, images, model);
    }

    /// <summary>One inference on raw tensors, by the class's Write, Run and Read methods.</summary>
    public byte[][] Run(IReadOnlyList<byte[]> inputs)
    {
        for (int i = 0; i < inputs.Count; i++) _type.GetMethod($"Write{i}")!.Invoke(_model, [(sbyte[])(object)inputs[i].Clone(), 0]);
        _type.GetMethod("Run", Type.EmptyTypes)!.Invoke(_model, null);
        var outputs = new List<byte[]>();
        for (int i = 0; _type.GetMethod($"Read{i}") is { } read; i++)
        {
            var bytes = new byte[(int)_type.GetField($"Output{(i == 0 ? "" : i)}Bytes")!.GetRawConstantValue()!];
            read.Invoke(_model, [(sbyte[])(object)bytes, 0]);
            outputs.Add(bytes);
        }

        return [.. outputs];
    }

    /// <summary>Gives states their initial values, where the model has any.</summary>
    public void Reset() => _type.GetMethod("Reset")?.Invoke(_model, null);

    /// <summary>Calls a method of the model class.</summary>
    public object? Call(string method, params object[] arguments) => _type.GetMethod(method)!.Invoke(_model, arguments);

    private static byte[] Compile(GeneratedAssembly assembly, List<MetadataReference> references)
    {
        var parse = new CSharpParseOptions(LanguageVersion.CSharp12).WithFeatures([new("noRefSafetyRulesAttribute", "")]);
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, deterministic: true, allowUnsafe: false, concurrentBuild: false);
        CSharpCompilation compilation = CSharpCompilation.Create(
            assembly.Name, assembly.Files.Select(f => CSharpSyntaxTree.ParseText(f.Value, parse, f.Key)), references, options);
        using var stream = new MemoryStream();
        EmitResult result = compilation.Emit(stream);
        string[] complaints = [.. result.Diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(d => d.ToString()).Take(5)];
        Assert.True(result.Success && complaints.Length == 0, string.Join("\n", complaints));
        return stream.ToArray();
    }
}
