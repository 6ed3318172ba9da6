namespace TinyAI.ModelPacker.Import.Tflite;

/// <summary>Writes .tflite files.</summary>
public static class TfliteWriter
{
    /// <summary>Writes a model.</summary>
    public static byte[] Write(TfliteModel model) => throw new NotImplementedException();
}
