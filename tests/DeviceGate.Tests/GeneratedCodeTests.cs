using TinyAI.DeviceGate.Rules;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Emit.CSharp.Library;

namespace TinyAI.DeviceGate.Tests;

/// <summary>Code that the packer generates is device code too, so it keeps the same rules.</summary>
public sealed class GeneratedCodeTests : IDisposable
{
    /// <summary>The most RAM that a generated assembly may take when loaded.</summary>
    private const int RamBudget = 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("tinyai").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("gesture")]
    [InlineData("gesture-attention")]
    public void A_gesture_model_as_code_can_be_loaded_and_allocates_nothing_while_running(string name)
    {
        string model = Path.Combine(NanoProject.Repository, "models", name, name + ".tflite");
        Metadata metadata = Metadata.Parse(File.ReadAllBytes(Path.ChangeExtension(model, ".json")), name + ".json");
        GeneratedLibrary library = CSharpEmitter.Emit(Packer.Pack(File.ReadAllBytes(model), "gesture", metadata), metadata);

        NanoProject kernels = NanoProject.Read("src/Kernels/TinyAI.Kernels.nfproj");
        var projects = new List<NanoProject> { kernels };
        var images = new List<byte[]> { NanoCompiler.Compile(kernels) };
        foreach (GeneratedAssembly assembly in library.Assemblies)
        {
            foreach ((string file, string text) in assembly.Files) File.WriteAllText(Path.Combine(_folder, file), text);
            var project = new NanoProject(
                Path.Combine(_folder, assembly.Name + ".nfproj"), assembly.Name, [.. assembly.Files.Keys.Where(f => f.EndsWith(".cs", StringComparison.Ordinal))],
                ["mscorlib"], [.. projects]);
            byte[] image = NanoCompiler.Compile(project);
            List<Finding> findings = Gate.Check(image);
            Assert.True(findings.Count == 0, string.Join('\n', findings));
            Assert.InRange(AssemblySizes.Of(image).Ram, 1, RamBudget);
            projects.Add(project);
            images.Add(image);
        }

        List<Finding> allocations = Gate.CheckAllocations(images, $"{library.Name}Model", "Run", "Array.Copy", "Array.Clear");
        Assert.True(allocations.Count == 0, string.Join('\n', allocations));
    }
}
