using TinyAI.Boards;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit;

/// <summary>Inputs of a model as a session takes them, one after another, and the CRC-32 of each layer's output.</summary>
public sealed record Golden(byte[] Inputs, int[] LayerCrcs);

/// <summary>
/// Puts golden cases into a pack, so that a board can check itself. The outputs must be somebody else's: a case that the
/// device runtime does not reproduce here, to the bit, is refused, and only then its layers are taken for right.
/// </summary>
public static class Goldens
{
    /// <summary>Cases that are taken from a folder at most.</summary>
    public const int Most = 3;

    /// <summary>The pack with the first cases of a folder in it.</summary>
    /// <exception cref="ModelFormatException">There are none, or the model does not give their outputs.</exception>
    public static PackResult AddTo(PackResult packed, Metadata metadata, string folder)
    {
        var runner = new ModelRunner(packed.Pack);
        if (packed.Model.Groups.Any(g => g.Fed is not null))
            throw new ModelFormatException("A pack whose input is fed by rows cannot carry goldens, which check layer after layer: pack with --prefer balanced or speed.");
        var goldens = new List<Golden>();
        foreach (string name in Batch.Cases(folder).Take(Most))
        {
            byte[][] inputs = Batch.Inputs(folder, name, runner);
            goldens.Add(Trace(runner, inputs));
            runner.Reset();
            byte[][] outputs = runner.Run(inputs);
            for (int i = 0; i < outputs.Length; i++)
            {
                string path = Batch.TensorPath(folder, name, "out", i, outputs.Length);
                if (!File.Exists(path)) throw new ModelFormatException($"Case {name} of {folder} has no golden {Path.GetFileName(path)}.");
                if (!outputs[i].AsSpan().SequenceEqual(Batch.Tensor(path, outputs[i].Length, $"output {i} of the model gives")))
                    throw new ModelFormatException($"The model does not give the output in {Path.GetFileName(path)}: `verify` tells where they part; a sequence of a streaming model cannot be packed beyond its first case.");
            }
        }

        byte[] pack = PackWriter.Write(packed.Model, packed.Plan, metadata, packed.WindowBytes, packed.Heap.Total, goldens);
        var check = new GoldenCheck(Model.Load(new ByteArraySource(pack)));
        for (int i = 0; i < goldens.Count; i++)
        {
            if (!check.Run(i)) throw new InvalidOperationException($"golden {i} is not reproduced by the pack that carries it, from layer {check.WrongLayer} on");
        }

        return packed with { Pack = pack };
    }

    private static Golden Trace(ModelRunner runner, byte[][] inputs)
    {
        var check = new GoldenCheck(runner.Model);
        check.Clear();
        byte[][] bytes = [.. inputs.Select((input, i) => ModelRunner.ToSession(runner.Model.Input(i), input))];
        for (int i = 0; i < bytes.Length; i++) check.Session.WriteBytes(i, bytes[i], 0);
        check.Trace();
        return new Golden([.. bytes.SelectMany(b => b)], [.. check.Crcs]);
    }
}
