namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>One reason why one node cannot be imported: the rest of a sentence that begins with the node's name.</summary>
internal sealed class OnnxRefusal(string reason) : Exception(reason);
