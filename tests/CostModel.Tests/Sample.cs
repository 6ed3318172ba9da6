using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TinyAI.CostModel.Tests;

/// <summary>Small pieces of C#, compiled as a release build and instrumented.</summary>
internal static class Sample
{
    /// <summary>Compiles the members of a static class S, calls one and returns what it executed and gave.</summary>
    public static (Execution Execution, object? Result) Run(string members, string method, params object?[] arguments)
    {
        using DeviceCode code = Load(members);
        object? result = null;
        Execution execution = code.Count(() => result = code.Type("S").GetMethod(method)!.Invoke(null, arguments));
        return (execution, result);
    }

    /// <summary>Compiles and instruments.</summary>
    public static DeviceCode Load(string members)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText("public static class S { " + members + " }");
        MetadataReference[] references = [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)];
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release);
        using var image = new MemoryStream();
        var result = CSharpCompilation.Create("Sample", [tree], references, options).Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return DeviceCode.Load([image.ToArray()], []);
    }
}
