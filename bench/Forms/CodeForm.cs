using Microsoft.CodeAnalysis;
using TinyAI.Bench.Nano;
using TinyAI.CostModel;
using TinyAI.DeviceGate;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Import;

namespace TinyAI.Bench.Forms;

/// <summary>
/// The generated class library, compiled as for a device and run with the kernels it calls. What is weighed is the
/// model class's Run(), without copying inputs and outputs, as in the other forms.
/// </summary>
internal sealed class CodeForm(CodeOptions? options = null) : INanoForm
{
    private static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetFileName(p) is "System.Runtime.dll" or "System.Private.CoreLib.dll")
            .Select(p => MetadataReference.CreateFromFile(p)),
        MetadataReference.CreateFromFile(typeof(Kernels.Conv2D).Assembly.Location),
    ];

    /// <inheritdoc/>
    public string Name => "code";

    /// <inheritdoc/>
    public FormReport? Measure(BenchModel model, CostTable table)
    {
        if (LibraryOf(model, options) is not { } library) return null;
        string kernels = typeof(Kernels.Conv2D).Assembly.Location;
        using DeviceCode code = DeviceCode.Load([File.ReadAllBytes(kernels), .. Compile(library)], [Path.GetDirectoryName(kernels)!]);
        Type type = code.Type(ClassOf(library));
        object instance = Activator.CreateInstance(type)!;
        Action run = type.GetMethod("Run", Type.EmptyTypes)!.CreateDelegate<Action>(instance);
        var outputs = new List<byte[][]>();
        CostReport? cost = null;
        foreach (byte[][] inputs in model.Inputs)
        {
            if (!model.IsStateful) type.GetMethod("Reset")?.Invoke(instance, null);
            for (int i = 0; i < inputs.Length; i++)
                type.GetMethod($"Write{i}")!.Invoke(instance, [(sbyte[])(object)BenchModel.ToSession(model.Packed!.Model.Inputs[i], inputs[i]), 0]);
            Execution execution = code.Count(run);
            cost ??= execution.Weigh(table);
            outputs.Add([.. model.Packed!.Model.Outputs.Select((border, i) => BenchModel.FromSession(border, Read(type, instance, i)))]);
        }

        int small = options is null ? LibraryOf(model, new CodeOptions { Optimise = Optimise.Size })!.FlashBytes : 0;
        return new FormReport(cost!, [], library.FlashBytes, library.HeapBytes, outputs) { Dense = (library.Parameters, small) };
    }

    /// <inheritdoc/>
    public NanoApplication? Application(BenchModel model) => LibraryOf(model, options) is { } library ? CodeApplication.Write(library, ClassOf(library)) : null;

    private static string ClassOf(GeneratedLibrary library) => $"TinyAI.Models.{library.Name}Model";

    private static GeneratedLibrary? LibraryOf(BenchModel model, CodeOptions? options)
    {
        if (model.Packed is null) return null;
        try
        {
            return CSharpEmitter.Emit(model.Packed, options: options);
        }
        catch (UnsupportedModelException)
        {
            return null;
        }
    }

    /// <summary>The assemblies in the library's order: each may refer to those before it.</summary>
    private static List<byte[]> Compile(GeneratedLibrary library)
    {
        var images = new List<byte[]>();
        foreach (GeneratedAssembly assembly in library.Assemblies)
            images.Add(NanoEmit.Emit(assembly.Name, assembly.Files.Select(f => (f.Value, f.Key)), [.. s_references, .. images.Select(i => MetadataReference.CreateFromImage(i))]));
        return images;
    }

    private static byte[] Read(Type type, object instance, int output)
    {
        var bytes = new byte[(int)type.GetField($"Output{(output == 0 ? "" : output)}Bytes")!.GetRawConstantValue()!];
        type.GetMethod($"Read{output}")!.Invoke(instance, [(sbyte[])(object)bytes, 0]);
        return bytes;
    }
}
