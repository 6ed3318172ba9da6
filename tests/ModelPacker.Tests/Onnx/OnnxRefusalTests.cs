using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>Models that cannot be imported are refused with clear sentences, all reasons at once.</summary>
public class OnnxRefusalTests
{
    [Fact]
    public void Every_operator_that_is_not_supported_is_named_at_once()
    {
        byte[] model = new OnnxBuilder().Input("x", 1, 1, 4).Node("StringNormalizer", ["x"], ["a"]).Node("com.microsoft", "BeamSearch", ["x"], ["b"])
            .Node("Relu", ["a"], ["c"]).Output("c").Output("b").Build();
        IReadOnlyList<string> reasons = Refusal(model);
        Assert.Equal(2, reasons.Count);
        Assert.Contains("StringNormalizer", reasons[0]);
        Assert.Contains("com.microsoft::BeamSearch", reasons[1]);
    }

    [Theory]
    [InlineData(3L, "version 3 of the ONNX operators")]
    [InlineData(99L, "version 99 of the ONNX operators")]
    public void A_wrong_operator_set_is_named(long opset, string says) =>
        Assert.Contains(says, Assert.Single(Refusal(new OnnxBuilder(opset).Input("x", 1, 1, 4).Node("Relu", ["x"], ["y"]).Output("y").Build())));

    [Fact]
    public void An_open_dimension_that_is_no_batch_asks_for_the_shape_option()
    {
        OnnxBuilder builder = new OnnxBuilder().Input("words", 1, "batch", "length", 8).Node("Relu", ["words"], ["y"]).Output("y");
        Assert.Contains("--shape words=1,N,8", Assert.Single(Refusal(builder.Build())));
        Assert.Equal([1, 12, 8], Import(builder.Build(), ("words", [1, 12, 8])).Inputs[0].Shape);
        Assert.Equal([1, 5, 8], Import(builder.Build(), ("length", [5])).Inputs[0].Shape);
    }

    [Fact]
    public void A_shape_that_contradicts_the_model_or_names_nothing_is_refused()
    {
        byte[] model = new OnnxBuilder().Input("x", 1, 1, 4).Node("Relu", ["x"], ["y"]).Output("y").Build();
        Assert.Contains("does not fit", Refusal(model, ("x", [1, 5]))[0]);
        Assert.Contains("names no input", Refusal(model, ("z", [1, 5]))[0]);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Weights_that_are_not_finite_are_refused(float value)
    {
        byte[] model = new OnnxBuilder().Input("x", 1, 1, 2).Floats("w", [2], 1, value).Node("Mul", ["x", "w"], ["y"]).Output("y").Build();
        Assert.Contains("tensor w holds values that are not finite", Refusal(model)[0]);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    public void A_scale_that_is_not_positive_is_refused(float scale)
    {
        byte[] model = new OnnxBuilder().Input("x", 1, 1, 2).Floats("s", [], scale).Stored("z", 3, [], [0])
            .Node("QuantizeLinear", ["x", "s", "z"], ["q"]).Node("DequantizeLinear", ["q", "s", "z"], ["y"]).Output("y").Build();
        Assert.Contains("scale that is not a positive number", Refusal(model)[0]);
    }

    [Fact]
    public void External_weights_are_read_beside_the_model_and_missing_ones_are_named()
    {
        byte[] model = new OnnxBuilder().Input("x", 1, 1, 2).External("w", [2], "weights.bin", 4, 8).Node("Mul", ["x", "w"], ["y"]).Output("y").Build();
        using var folder = new TemporaryFolder();
        var options = new ImportOptions(new Dictionary<string, int[]>(), folder.Path);
        UnsupportedModelException missing = Assert.Throws<UnsupportedModelException>(() => ModelImporter.Import(model, "m", options));
        Assert.Contains("weights.bin, which is not there", missing.Reasons[0]);
        File.WriteAllBytes(Path.Combine(folder.Path, "weights.bin"), [.. new float[] { 9, 2, 3 }.SelectMany(BitConverter.GetBytes)]);
        Assert.Equal([2f, 3f], ModelPacker.Float.RealNumbers.Of(ModelImporter.Import(model, "m", options).Nodes[0].Input(1)));
        File.WriteAllBytes(Path.Combine(folder.Path, "weights.bin"), new byte[8]);
        Assert.Contains("do not belong together", Assert.Throws<UnsupportedModelException>(() => ModelImporter.Import(model, "m", options)).Reasons[0]);
    }

    [Theory]
    [InlineData("../weights.bin")]
    [InlineData("/etc/passwd")]
    public void External_weights_outside_the_folder_are_not_read(string file)
    {
        byte[] model = new OnnxBuilder().Input("x", 1, 1, 2).External("w", [2], file, 0, 8).Node("Mul", ["x", "w"], ["y"]).Output("y").Build();
        var options = new ImportOptions(new Dictionary<string, int[]>(), Path.GetTempPath());
        Assert.Contains("outside the model's folder", Assert.Throws<UnsupportedModelException>(() => ModelImporter.Import(model, "m", options)).Reasons[0]);
    }

    [Fact]
    public void The_commands_end_with_one_sentence_and_exit_code_2()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "m.onnx"), target = Path.Combine(folder.Path, "m.tai");
        File.WriteAllBytes(path, new OnnxBuilder(3).Input("x", 1, 1, 4).Node("Relu", ["x"], ["y"]).Output("y").Build());
        Tool.Result result = Tool.Run("pack", path, "-o", target);
        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.False(File.Exists(target));
    }

    private static IReadOnlyList<string> Refusal(byte[] model, params (string Name, int[] Shape)[] shapes) =>
        Assert.Throws<UnsupportedModelException>(() => Import(model, shapes)).Reasons;

    private static ModelPacker.Graphs.Graph Import(byte[] model, params (string Name, int[] Shape)[] shapes) =>
        ModelImporter.Import(model, "m", new ImportOptions(shapes.ToDictionary(s => s.Name, s => s.Shape)));
}
