using TinyAI.CostModel;

namespace TinyAI.Bench.Forms;

/// <summary>A way of running a model on the device.</summary>
internal interface IModelForm
{
    /// <summary>Name, as in the report's columns: plain, runtime, lanes, code.</summary>
    string Name { get; }

    /// <summary>
    /// Runs all cases of a model and weighs the first; null where the form cannot run the model. Outputs are the raw
    /// tensors of each case, which the caller compares.
    /// </summary>
    FormReport? Measure(BenchModel model, CostTable table);
}

/// <summary>What a form takes.</summary>
/// <param name="Cost">Executed operations of one inference, weighed.</param>
/// <param name="Layers">The same by layers: a name and its share; empty where the layers are methods, which the cost lists.</param>
/// <param name="FlashBytes">Bytes in flash that belong to the model: constants, records, generated code.</param>
/// <param name="HeapBytes">Managed heap while it runs.</param>
/// <param name="Outputs">Outputs of every case.</param>
internal sealed record FormReport(
    CostReport Cost, IReadOnlyList<(string Name, CostReport Cost)> Layers, int FlashBytes, int HeapBytes, IReadOnlyList<byte[][]> Outputs)
{
    /// <summary>Learned numbers, where the form counts its flash by them, and its flash with --optimise size.</summary>
    public (int Weights, int SmallFlashBytes)? Dense { get; init; }
}
