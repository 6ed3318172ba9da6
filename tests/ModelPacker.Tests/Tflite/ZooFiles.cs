using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Tflite;

/// <summary>Names of the zoo's models for theories, and their bytes.</summary>
public static class ZooFiles
{
    /// <summary>One name per model; a single stand-in where there is no zoo, so that the theory shows up as skipped.</summary>
    public static TheoryData<string> Names
    {
        get
        {
            var names = new TheoryData<string>();
            if (SharedFolder.Zoo is { } zoo)
                foreach (string file in Directory.GetFiles(Path.Combine(zoo, "models"), "*.tflite").Order(StringComparer.Ordinal))
                    names.Add(Path.GetFileNameWithoutExtension(file));
            else names.Add("no zoo");
            return names;
        }
    }

    /// <summary>A model's file.</summary>
    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(SharedFolder.ZooOrSkip(), "models", name + ".tflite"));
}
