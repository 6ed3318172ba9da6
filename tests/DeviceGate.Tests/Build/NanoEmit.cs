using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace TinyAI.DeviceGate;

/// <summary>The compiler with the options of a release build for nanoFramework's v1 line. Same input, same bytes.</summary>
public static class NanoEmit
{
    /// <summary>Compiles sources, given as text and path, against these references only.</summary>
    /// <exception cref="NanoCompilationException">They do not compile.</exception>
    public static byte[] Emit(
        string name, IEnumerable<(string Text, string Path)> sources, IEnumerable<MetadataReference> references,
        OutputKind kind = OutputKind.DynamicallyLinkedLibrary, IEnumerable<ResourceDescription>? resources = null)
    {
        // Without this feature flag newer compilers add an attribute type that shifts the method indexes of the converted assembly.
        CSharpParseOptions parse = CSharpParseOptions.Default
            .WithLanguageVersion(LanguageVersion.CSharp12)
            .WithFeatures([new("noRefSafetyRulesAttribute", "true")]);
        var trees = sources.Select(s => CSharpSyntaxTree.ParseText(s.Text, parse, s.Path));
        var options = new CSharpCompilationOptions(
            kind, optimizationLevel: OptimizationLevel.Release, deterministic: true, allowUnsafe: true,
            nullableContextOptions: NullableContextOptions.Disable);
        using var image = new MemoryStream();
        EmitResult result = CSharpCompilation.Create(name, trees, references, options)
            .Emit(image, manifestResources: resources, options: new EmitOptions(runtimeMetadataVersion: "v4.0.30319"));
        if (result.Success) return image.ToArray();
        IEnumerable<string> errors = result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString());
        throw new NanoCompilationException(string.Join('\n', errors));
    }
}

/// <summary>The sources do not compile against nanoFramework's class library.</summary>
public sealed class NanoCompilationException(string message) : Exception(message);
