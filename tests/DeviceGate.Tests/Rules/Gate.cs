using Mono.Cecil;

namespace TinyAI.DeviceGate.Rules;

/// <summary>The rules, applied to compiled assemblies.</summary>
public static class Gate
{
    /// <summary>Rules that every assembly must keep to be loaded at all; runtime assemblies are integer-only besides.</summary>
    public static List<Finding> Check(byte[] image, bool allowFloat = false)
    {
        using ModuleDefinition module = Read(image);
        return [.. LoadRules.Check(module, allowFloat), .. SizeRules(module, image)];
    }

    /// <summary>The further rules of kernels.</summary>
    public static List<Finding> CheckKernels(byte[] image)
    {
        using ModuleDefinition module = Read(image);
        return [.. KernelRules.StaticArrays(module), .. KernelRules.CallsInInnerLoops(module)];
    }

    /// <summary>What a method can allocate, see <see cref="KernelRules.Allocations"/>.</summary>
    public static List<Finding> CheckAllocations(IEnumerable<byte[]> images, string type, string method, params string[] knownCalls)
    {
        List<ModuleDefinition> modules = [.. images.Select(Read)];
        return [.. KernelRules.Allocations(modules, type, method, knownCalls.ToHashSet())];
    }

    private static IEnumerable<Finding> SizeRules(ModuleDefinition module, byte[] image) => AssemblySizes.Check(module, image);

    private static ModuleDefinition Read(byte[] image) => ModuleDefinition.ReadModule(new MemoryStream(image));
}
