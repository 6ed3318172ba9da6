using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Operators;
using TinyAI.ModelPacker.Passes;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Families;

/// <summary>A family's model, quantised by smallest and largest values on seeded inputs, and packed.</summary>
public sealed class QuantisedFamily
{
    private const int CalibrationInputs = 32;

    private QuantisedFamily(Family family)
    {
        Family = family;
        Float = family.Build();
        Ranges = SequenceRanges.Of(Float, family.Calibration(new Random(500), CalibrationInputs));
        Packed = Pack(Float, t => Ranges[t.Name]);
    }

    /// <summary>The family.</summary>
    public Family Family { get; }

    /// <summary>The float graph.</summary>
    public Graph Float { get; }

    /// <summary>Ranges of its tensors, by name.</summary>
    public Dictionary<string, ValueRange> Ranges { get; }

    /// <summary>The pack.</summary>
    public PackResult Packed { get; }

    /// <summary>Builds, quantises and packs.</summary>
    public static QuantisedFamily Of(Family family) => new(family);

    /// <summary>Quantises a float graph with these ranges and packs it.</summary>
    public static PackResult Pack(Graph graph, Func<Tensor, ValueRange> range)
    {
        Graph quantised = Quantiser.Run(graph, range).Graph;
        PassList.Run(quantised);
        OperatorTable.Require(quantised);
        return Packer.Pack(Lowering.Run(quantised), new Metadata(), int.MaxValue);
    }

    /// <summary>One run in float: the outputs of each step.</summary>
    public IEnumerable<float[][]> RunFloat(FloatRunner runner, IReadOnlyList<float[][]> steps)
    {
        runner.Reset();
        foreach (float[][] step in steps)
        {
            Dictionary<Tensor, float[]> values = runner.Run(step);
            yield return [.. Float.Outputs.Select(o => values[o])];
        }
    }

    /// <summary>The same run on the device runtime.</summary>
    public static IEnumerable<float[][]> RunDevice(ModelRunner runner, Graph graph, IReadOnlyList<float[][]> steps)
    {
        runner.Reset();
        foreach (float[][] step in steps)
        {
            byte[][] outputs = runner.Run([.. step.Select((values, i) => RealNumbers.Bytes(values, graph.Inputs[i].Type))]);
            yield return [.. outputs.Select((o, i) => RealNumbers.Of(graph.Outputs[i], graph.Outputs[i].Type, o))];
        }
    }

    /// <summary>Seeded inputs that calibration has not seen.</summary>
    public static IEnumerable<IReadOnlyList<float[][]>> TestInputs(Family family, int count)
    {
        var random = new Random(1000);
        for (int i = 0; i < count; i++) yield return family.Draw(random);
    }
}
