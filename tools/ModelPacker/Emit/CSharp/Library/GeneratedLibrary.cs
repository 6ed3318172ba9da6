namespace TinyAI.ModelPacker.Emit.CSharp.Library;

/// <summary>Generated sources of one assembly.</summary>
/// <param name="Name">Assembly name.</param>
/// <param name="Files">Source files by name, in compile order.</param>
/// <param name="IlBytes">Estimated IL.</param>
/// <param name="FlashBytes">Estimated size of the .pe.</param>
/// <param name="RamBytes">RAM of the loaded assembly, by the CLR's tables.</param>
public sealed record GeneratedAssembly(string Name, IReadOnlyDictionary<string, string> Files, int IlBytes, int FlashBytes, int RamBytes);

/// <summary>What a form of a layer takes: flash and heap of its own, and additions of a run where they are known here.</summary>
public sealed record FormCost(int FlashBytes, int HeapBytes, double? Adds);

/// <summary>A layer of the library, in the form that was chosen and in the other.</summary>
/// <param name="Sources">The layers of the pack that it stands for: more than one where a pooling is fused.</param>
/// <param name="Operator">The operator of the original model.</param>
/// <param name="IsCode">Whether its weights are constants of code, or it is code of another kind; otherwise a kernel is called.</param>
/// <param name="Code">As code, or null where there is no such form.</param>
/// <param name="Kernel">As a call of a kernel; its time is that of the layer in the pack.</param>
public sealed record LayerChoice(int[] Sources, string Operator, bool IsCode, FormCost? Code, FormCost Kernel);

/// <summary>A model as a class library: everything that goes into the output folder, and what it costs.</summary>
public sealed record GeneratedLibrary
{
    /// <summary>Name of the main assembly and prefix of all types.</summary>
    public required string Name { get; init; }

    /// <summary>All assemblies, parts first, the one with the model class last.</summary>
    public required GeneratedAssembly[] Assemblies { get; init; }

    /// <summary>Every file of the output folder by its path there.</summary>
    public required IReadOnlyDictionary<string, string> Files { get; init; }

    /// <summary>Managed heap: activation blocks, the model object, parameter arrays and small tables.</summary>
    public required int HeapBytes { get; init; }

    /// <summary>Part of the heap: activation blocks.</summary>
    public required int ActivationBytes { get; init; }

    /// <summary>Every layer with what was chosen for it and what the other form would take.</summary>
    public IReadOnlyList<LayerChoice> Choices { get; init; } = [];

    /// <summary>Learned numbers.</summary>
    public required int Parameters { get; init; }

    /// <summary>Estimated IL of all assemblies.</summary>
    public int IlBytes => Assemblies.Sum(a => a.IlBytes);

    /// <summary>Estimated flash of all assemblies.</summary>
    public int FlashBytes => Assemblies.Sum(a => a.FlashBytes);

    /// <summary>RAM of all loaded assemblies.</summary>
    public int AssemblyRamBytes => Assemblies.Sum(a => a.RamBytes);

    /// <summary>Flash per learned number.</summary>
    public double BytesPerWeight => Parameters == 0 ? 0 : FlashBytes / (double)Parameters;
}
