using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Tflite;

/// <summary>What is written reads back as what it was.</summary>
public class TfliteRoundTripTests
{
    [Theory]
    [MemberData(nameof(ZooFiles.Names), MemberType = typeof(ZooFiles))]
    public void A_zoo_model_written_and_read_again_is_the_same_model(string name)
    {
        TfliteModel model = TfliteReader.Read(ZooFiles.Read(name));
        byte[] written = TfliteWriter.Write(model);
        Assert.Null(DeepComparison.Difference(model, TfliteReader.Read(written)));
        Assert.Equal(written, TfliteWriter.Write(TfliteReader.Read(written)));
    }

    [Fact]
    public void Random_models_written_and_read_again_are_the_same_models()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            TfliteModel model = RandomModels.Make(seed);
            byte[] written = TfliteWriter.Write(model);
            Assert.Null(DeepComparison.Difference(model, TfliteReader.Read(written), $"model {seed}"));
        }
    }

    [Fact]
    public void Writing_the_same_model_twice_gives_the_same_bytes()
    {
        Assert.Equal(TfliteWriter.Write(RandomModels.Make(7)), TfliteWriter.Write(RandomModels.Make(7)));
    }

    [Fact]
    public void The_comparison_sees_a_change_of_any_property()
    {
        TfliteModel changed = RandomModels.Make(3);
        changed.Subgraphs[0].Tensors[0].Name += "!";
        Assert.Equal("model.Subgraphs[0].Tensors[0].Name", DeepComparison.Difference(RandomModels.Make(3), changed)!.Split(':')[0]);
    }

    [Fact]
    public void Constant_data_lies_at_multiples_of_16_bytes()
    {
        byte[] marker = Enumerable.Range(1, 37).Select(i => (byte)(i * 7)).ToArray();
        for (int padding = 0; padding < 20; padding++)
        {
            var builder = new TfliteModelBuilder(new string('d', padding));
            builder.AddTensor("weights", TfliteType.INT8, [37], 0.5f, 0, marker);
            byte[] file = TfliteWriter.Write(builder.Build());
            int position = file.AsSpan().IndexOf(marker);
            Assert.True(position > 0 && position % 16 == 0, $"data at byte {position}");
        }
    }

    [Fact]
    public void Operator_codes_above_127_keep_a_placeholder_for_older_readers()
    {
        var builder = new TfliteModelBuilder();
        builder.AddOperator(BuiltinOperator.VAR_HANDLE, [], [], new VarHandleOptions("c", "v"));
        builder.AddOperator(BuiltinOperator.ADD, [], [], new AddOptions());
        FlatTable root = new FlatBufferReader(TfliteWriter.Write(builder.Build())).Root("model");
        List<(sbyte Old, int New)> codes = root.Tables(
            1, "operator_codes", "operator code", 8, code => (code.SByte(0, "deprecated"), code.Int32(3, "builtin")));
        Assert.Equal([(127, 142), (0, 0)], codes);
    }

    [Fact]
    public void The_builder_reuses_operator_codes_and_keeps_buffer_0_empty()
    {
        var builder = new TfliteModelBuilder("gestures");
        int input = builder.AddTensor("input", TfliteType.INT8, [1, 4], 0.1f, -3);
        int weights = builder.AddConstant<sbyte>("weights", TfliteType.INT8, [2, 4], [1, 2, 3, 4, 5, 6, 7, 8], [0.5f, 0.25f]);
        int bias = builder.AddConstant("bias", TfliteType.INT32, [2], new[] { 1, -2 }, [0.05f, 0.025f]);
        int hidden = builder.AddTensor("hidden", TfliteType.INT8, [1, 2], 0.2f);
        int output = builder.AddTensor("output", TfliteType.INT8, [1, 2], 0.3f);
        builder.AddOperator(BuiltinOperator.FULLY_CONNECTED, [input, weights, bias], [hidden], new FullyConnectedOptions(), 4);
        builder.AddOperator(BuiltinOperator.RELU, [hidden], [output]);
        builder.AddOperator(BuiltinOperator.RELU, [output], [output]);
        builder.SetInputs(input).SetOutputs(output);

        TfliteModel model = TfliteReader.Read(TfliteWriter.Write(builder.Build()));
        Assert.Equal("gestures", model.Description);
        Assert.Equal(["FULLY_CONNECTED", "RELU"], model.OperatorCodes.Select(code => code.ToString()));
        Assert.Equal(4, model.OperatorCodes[0].Version);
        Assert.True(model.Buffers[0].IsEmpty);
        TfliteSubgraph graph = model.Subgraphs[0];
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], model.DataOf(graph.Tensors[weights]).ToArray());
        Assert.Equal([1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF], model.DataOf(graph.Tensors[bias]).ToArray());
        Assert.Equal([0L, 0L], graph.Tensors[weights].Quantization!.ZeroPoint);
        Assert.Equal([false, true, true, false, false], graph.Tensors.Select(model.IsConstant));
        Assert.Equal([input], graph.Inputs);
        Assert.Equal([output], graph.Outputs);
    }
}
