using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Plan;

/// <summary>A pack names at most eight activation blocks.</summary>
public class BlockCountTests
{
    [Fact]
    public void A_model_that_needs_more_arrays_than_a_pack_can_name_is_refused_in_words()
    {
        byte[] model = SumOf(PackFormat.MaxBlocks + 1);
        UnsupportedModelException refusal = Assert.Throws<UnsupportedModelException>(() => Packer.Pack(model, "sum", maxBlockBytes: 100));
        Assert.Contains($"room for {PackFormat.MaxBlocks}", Assert.Single(refusal.Reasons));
        Assert.Single(Packer.Pack(model, "sum").Plan.BlockBytes);
    }

    /// <summary>Inputs of 100 bytes, all of which live from the start, added one after the other.</summary>
    private static byte[] SumOf(int inputs)
    {
        var builder = new TfliteModelBuilder();
        int[] all = [.. Enumerable.Range(0, inputs).Select(i => builder.AddTensor($"input{i}", TfliteType.INT8, [1, 100], 0.1f, 0))];
        int sum = all[0];
        for (int i = 1; i < inputs; i++)
        {
            int next = builder.AddTensor($"sum{i}", TfliteType.INT8, [1, 100], 0.1f, 0);
            builder.AddOperator(BuiltinOperator.ADD, [sum, all[i]], [next], new AddOptions());
            sum = next;
        }

        return TfliteWriter.Write(builder.SetInputs(all).SetOutputs(sum).Build());
    }
}
