using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Constants that a layer with two inputs reads as one of them. A pack copies them to activation memory before; generated code has
/// them as immediates, or where a kernel is called, as an array that is its argument.
/// </summary>
/// <param name="Sources">For every layer that is left the numbers of the layers that it stands for, its own first.</param>
/// <param name="First">Constants in place of the first input, by the layer's own number.</param>
/// <param name="Second">Constants in place of the second input.</param>
internal sealed record Operands(List<int[]> Sources, Dictionary<int, sbyte[]> First, Dictionary<int, sbyte[]> Second)
{
    private static readonly int[] s_readers =
    [
        PackFormat.KindAdd, PackFormat.KindMul, PackFormat.KindSquaredDifference, PackFormat.KindMinMax, PackFormat.KindPRelu, PackFormat.KindDiv,
        PackFormat.KindBatchMatMul,
    ];

    /// <summary>Takes the copies of constants out of a model where one layer alone reads them.</summary>
    public static Operands Take(LoweredModel model)
    {
        var operands = new Operands([.. Enumerable.Range(0, model.Layers.Count).Select(i => new[] { i })], [], []);
        for (int i = model.Layers.Count - 1; i >= 0; i--)
        {
            if (model.Layers[i].Kind != PackFormat.KindConstant || Reader(model, i) is not { } reader) continue;
            operands.Give(model, i, reader);
            operands.Sources[reader] = [.. operands.Sources[reader], .. operands.Sources[i]];
            operands.Sources.RemoveAt(i);
            model.Layers.RemoveAt(i);
        }

        return operands;
    }

    /// <summary>The layer that alone has to do with the place of a constant and reads it as one of its two inputs, or null.</summary>
    private static int? Reader(LoweredModel model, int constant)
    {
        Place place = model.Layers[constant].Output!.Value;
        int[] users = [.. Enumerable.Range(0, model.Layers.Count).Where(i => i != constant && model.Layers[i].Buffers.Contains(place.Buffer))];
        if (users.Length != 1 || model.Outputs.Any(o => o.Place.Buffer == place.Buffer)) return null;
        Layer reader = model.Layers[users[0]];
        bool reads = reader is { Input: { } first, Input2: { } second } && (first == place) != (second == place) && first.Buffer != second.Buffer;
        return reads && reader.Output?.Buffer != place.Buffer && reader.Scratch?.Buffer != place.Buffer && s_readers.Contains(reader.Kind) ? users[0] : null;
    }

    private void Give(LoweredModel model, int constant, int index)
    {
        Layer reader = model.Layers[index];
        bool first = reader.Input == model.Layers[constant].Output;
        (first ? First : Second)[Sources[index][0]] = [.. model.Layers[constant].Weights.Select(b => (sbyte)b)];
        reader = reader with { WeightCount = reader.WeightCount + model.Layers[constant].WeightCount };
        model.Layers[index] = first ? reader with { Input = null } : reader with { Input2 = null };
    }
}
