using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// A node as a function of one 8-bit value: <paramref name="Values"/>[i] is the output byte for the input whose bits,
/// taken as a signed byte, are i - 128.
/// </summary>
public sealed record ByteTable(Tensor Input, byte[] Values)
{
    /// <summary>The table of a function from quantised value to quantised value of the tensors' own types.</summary>
    public static ByteTable Of(Tensor input, Func<int, int> function)
    {
        var values = new byte[Lookup.TableBytes];
        for (int i = 0; i < values.Length; i++)
            values[i] = (byte)function(input.Type == TfliteType.UINT8 ? (i + 128) & 255 : i - 128);
        return new ByteTable(input, values);
    }

    /// <summary>Whether every byte becomes itself.</summary>
    public bool IsIdentity => Values.Select((value, i) => value == (byte)(i - 128)).All(same => same);

    /// <summary>Adds the layer that looks every element of the input up.</summary>
    public void Lower(Node node, Lowering lowering)
    {
        Tensor output = node.Output;
        int row = output.Shape.Length == 0 ? 1 : output.Shape[^1];
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindLookup,
            Name = "Lookup",
            Origin = node,
            Input = lowering.PlaceOf(Input, node),
            Output = lowering.Create(output),
            Rows = output.Count / row,
            Parameters = [row],
            Weights = Values,
            WindowBytes = Values.Length,
            InPlace = true,
        });
    }
}
