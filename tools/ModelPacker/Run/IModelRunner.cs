namespace TinyAI.ModelPacker.Run;

/// <summary>Something that computes a model: the device's runtime, or float arithmetic on the desktop. Tensors are in the model's own types.</summary>
public interface IModelRunner
{
    /// <summary>Number of inputs.</summary>
    int InputCount { get; }

    /// <summary>Number of outputs.</summary>
    int OutputCount { get; }

    /// <summary>Bytes of an input.</summary>
    int InputBytes(int index);

    /// <summary>Bytes of one element of an output.</summary>
    int OutputElementBytes(int index);

    /// <summary>What computes an output, for messages.</summary>
    string WriterOf(int index);

    /// <summary>Gives states their initial values.</summary>
    void Reset();

    /// <summary>One inference.</summary>
    byte[][] Run(IReadOnlyList<byte[]> inputs);
}
