using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards.Tests.Support;

/// <summary>The gesture model of the repository, packed once.</summary>
internal static class GestureModel
{
    private static readonly Lazy<PackResult> s_packed = new(() =>
    {
        string file = System.IO.Path.Combine(RepositoryFolder.Path, "models", "gesture", "gesture.tflite"), about = System.IO.Path.ChangeExtension(file, ".json");
        return Packer.Pack(File.ReadAllBytes(file), "gesture", Metadata.Parse(File.ReadAllBytes(about), about));
    });

    public static byte[] Pack => s_packed.Value.Pack;

    public static string Path => System.IO.Path.Combine(RepositoryFolder.Path, "models", "gesture", "gesture.tflite");

    public static Model Load() => Model.Load(new ByteArraySource(Pack));
}
