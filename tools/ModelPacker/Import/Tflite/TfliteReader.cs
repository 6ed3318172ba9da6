namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>Reads .tflite files.</summary>
public static class TfliteReader
{
    /// <summary>Reads and checks a file.</summary>
    public static TfliteModel Read(ReadOnlyMemory<byte> file) => throw new NotImplementedException();
}
