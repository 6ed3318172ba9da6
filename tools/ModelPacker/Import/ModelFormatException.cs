namespace TinyAI.ModelPacker.Import;

/// <summary>A model file that cannot be used as it stands; the message is one sentence saying what is wrong and where.</summary>
public sealed class ModelFormatException(string message) : Exception(message);
