using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards.Tests.Support;

/// <summary>The default gesture model of the repository, packed once.</summary>
internal static class GestureModel
{
    public static string Path { get; } = System.IO.Path.Combine(RepositoryFolder.Path, "models", "gesture-attention", "gesture-attention.tflite");

    /// <summary>Inputs, and outputs by the reference kernels of TensorFlow Lite Micro.</summary>
    public static string Goldens { get; } = System.IO.Path.Combine(RepositoryFolder.Path, "models", "gesture-attention", "golden");

    public static Metadata About { get; } = Metadata.Parse(File.ReadAllBytes(System.IO.Path.ChangeExtension(Path, ".json")), "gesture-attention.json");

    public static PackResult Packed { get; } = Packer.Pack(File.ReadAllBytes(Path), "gesture", About);

    public static byte[] Pack => Packed.Pack;

    public static Model Load() => Model.Load(new ByteArraySource(Pack));
}
