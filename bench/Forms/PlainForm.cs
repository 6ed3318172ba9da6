using TinyAI.Bench.Baseline;
using TinyAI.Bench.Nano;
using TinyAI.CostModel;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Import;

namespace TinyAI.Bench.Forms;

/// <summary>The baseline: what a straightforward port costs (bench/Plain).</summary>
internal sealed class PlainForm : INanoForm
{
    private const string Namespace = "TinyAI.Bench.Plain.";

    /// <inheritdoc/>
    public string Name => "plain";

    /// <inheritdoc/>
    public FormReport? Measure(BenchModel model, CostTable table)
    {
        PlainModel? plain = Build(model);
        if (plain is null) return null;
        using DeviceCode code = DeviceCode.Load(typeof(Plain.Conv2D).Assembly.Location);
        var outputs = new List<byte[][]>();
        var layers = new List<(string, CostReport)>();
        CostReport? cost = null;
        foreach (byte[][] inputs in model.Inputs)
        {
            if (!model.IsStateful) plain.Reset();
            plain.Write(inputs);
            if (cost is null)
            {
                cost = code.Count(() =>
                {
                    foreach (PlainStep step in plain.Steps)
                        layers.Add((step.Type, code.Count(() => Call(code, step)).Weigh(table)));
                }).Weigh(table);
            }
            else
            {
                plain.Run(type => typeof(Plain.Conv2D).Assembly.GetType(Namespace + type)!);
            }

            outputs.Add(plain.Read());
        }

        (int flash, int heap) = Sizes(plain);
        return new FormReport(cost!, layers, flash, heap, outputs);
    }

    /// <inheritdoc/>
    public NanoApplication? Application(BenchModel model)
    {
        if (Build(model) is not { } plain) return null;
        plain.Write(model.Inputs[0]);
        return PlainApplication.Write(plain);
    }

    /// <summary>The plain form of a model, or null where an operator has none.</summary>
    public static PlainModel? Build(BenchModel model)
    {
        try
        {
            return new PlainModel(model.Graph());
        }
        catch (Exception e) when (e is UnsupportedModelException or ModelFormatException)
        {
            return null;
        }
    }

    private static void Call(DeviceCode code, PlainStep step) => code.Type(Namespace + step.Type).GetMethod(step.Method)!.Invoke(null, step.Arguments);

    /// <summary>
    /// Every array of every call stands on the heap at once; those that are not activations come from flash, where
    /// array initialisers keep a second copy.
    /// </summary>
    private static (int Flash, int Heap) Sizes(PlainModel plain)
    {
        var arrays = new HashSet<Array>(ReferenceEqualityComparer.Instance);
        foreach (Array array in plain.Steps.SelectMany(s => s.Arguments).OfType<Array>()) Collect(array, arrays);
        var activations = new HashSet<Array>(plain.Activations, ReferenceEqualityComparer.Instance);
        return (arrays.Where(a => !activations.Contains(a)).Sum(Buffer.ByteLength), arrays.Sum(a => HeapModel.Array(Buffer.ByteLength(a), 1)));
    }

    private static void Collect(Array array, HashSet<Array> into)
    {
        if (array.GetType().GetElementType()!.IsArray)
        {
            foreach (Array inner in array) Collect(inner, into);
        }
        else
        {
            into.Add(array);
        }
    }
}
