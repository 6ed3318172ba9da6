using TinyAI.ModelPacker.Tests.Onnx;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Commands;

/// <summary>ONNX models and data that cannot be used: one sentence, exit code 2, and nothing is written, whatever the command.</summary>
public sealed class OnnxBadInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Models => new()
    {
        { "operator", "The operator StringNormalizer" },
        { "operator set", "com.example" },
        { "opset old", "version 3 of the ONNX operators" },
        { "opset new", "version 99 of the ONNX operators" },
        { "dynamic shape", "--shape x=1,N" },
        { "external data", "weights.bin, which is not there" },
        { "NaN", "not finite" },
        { "infinity", "not finite" },
        { "scale 0", "not a positive number" },
        { "scale NaN", "not finite" },
        { "scale infinite", "not finite" },
        { "shapes", "do not fit" },
        { "truncated", "" },
        { "garbage", "" },
        { "empty", "" },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_that_cannot_be_used_is_refused_by_every_command(string kind, string says)
    {
        string model = _folder.File("m.onnx"), data = _folder.File("data"), target = _folder.File("out.tai"), outputs = _folder.File("outputs");
        File.WriteAllBytes(model, ModelOf(kind));
        Directory.CreateDirectory(data);
        File.WriteAllBytes(Path.Combine(data, "000.in.bin"), new byte[16]);
        foreach (string[] arguments in new string[][]
        {
            ["pack", model, "-o", target], ["quantize", model, "--data", data, "-o", target], ["run", model, "--batch", data, "--out", outputs], ["report", model, "-o", target],
        })
        {
            Tool.Result result = Tool.Run(arguments);
            Assert.True(result.ExitCode == 2, $"{arguments[0]} of {kind} ends with {result.ExitCode}: {result.Error}");
            string sentence = result.Error.TrimEnd();
            Assert.Single(sentence.Split('\n'));
            Assert.Contains(says, sentence);
            Assert.DoesNotContain("Exception", sentence);
            Assert.EndsWith(".", sentence);
            Assert.False(File.Exists(target) || Directory.Exists(outputs), $"{arguments[0]} left a file behind");
        }

        // What a model lacks is inspect's own answer.
        Tool.Result inspected = Tool.Run("inspect", model);
        Assert.Equal(2, inspected.ExitCode);
        Assert.Contains(says, inspected.Output + inspected.Error);
    }

    [Theory]
    [InlineData("000.in.bin", 12, "12 bytes")]
    [InlineData("000.in.bin", 20, "20 bytes")]
    [InlineData("000.in.bin", 0, "0 bytes")]
    [InlineData("000.in1.bin", 16, "")]
    public void Calibration_files_of_the_wrong_shape_are_refused(string name, int bytes, string says)
    {
        string model = _folder.File("m.onnx"), data = _folder.File("data"), target = _folder.File("out.tai");
        File.WriteAllBytes(model, new OnnxBuilder().Input("x", 1, 1, 4).Node("Relu", ["x"], ["y"]).Output("y").Build());
        Directory.CreateDirectory(data);
        File.WriteAllBytes(Path.Combine(data, name), new byte[bytes]);
        Tool.Result result = Tool.Run("quantize", model, "--data", data, "-o", target);
        Assert.Equal(2, result.ExitCode);
        Assert.Single(result.Error.TrimEnd().Split('\n'));
        Assert.Contains(says, result.Error);
        Assert.False(File.Exists(target));
    }

    public void Dispose() => _folder.Dispose();

    private static byte[] ModelOf(string kind)
    {
        OnnxBuilder Of(long opset = 13) => new OnnxBuilder(opset).Input("x", 1, 1, 4);
        OnnxBuilder Scaled(float scale) => Of().Floats("s", [], scale).Stored("z", 3, [], [0]).Node("QuantizeLinear", ["x", "s", "z"], ["q"]).Node("DequantizeLinear", ["q", "s", "z"], ["y"]).Output("y");
        OnnxBuilder Weighed(float weight) => Of().Floats("w", [4], 1, 2, weight, 4).Node("Mul", ["x", "w"], ["y"]).Output("y");
        byte[] sound = Of().Node("Relu", ["x"], ["y"]).Output("y").Build();
        return kind switch
        {
            "operator" => Of().Node("StringNormalizer", ["x"], ["y"]).Output("y").Build(),
            "operator set" => Of().Node("com.example", "Relu", ["x"], ["y"]).Output("y").Build(),
            "opset old" => Of(3).Node("Relu", ["x"], ["y"]).Output("y").Build(),
            "opset new" => Of(99).Node("Relu", ["x"], ["y"]).Output("y").Build(),
            "dynamic shape" => new OnnxBuilder().Input("x", 1, "batch", "length").Node("Relu", ["x"], ["y"]).Output("y").Build(),
            "external data" => Of().External("w", [4], "weights.bin", 0, 16).Node("Mul", ["x", "w"], ["y"]).Output("y").Build(),
            "NaN" => Weighed(float.NaN).Build(),
            "infinity" => Weighed(float.NegativeInfinity).Build(),
            "scale 0" => Scaled(0).Build(),
            "scale NaN" => Scaled(float.NaN).Build(),
            "scale infinite" => Scaled(float.PositiveInfinity).Build(),
            "shapes" => Of().Floats("w", [3], 1, 2, 3).Node("MatMul", ["x", "w"], ["y"]).Output("y").Build(),
            "truncated" => sound[..(sound.Length / 2)],
            "garbage" => [0x08, 0x07, 0x3A, .. Enumerable.Range(0, 200).Select(i => (byte)(i * 37))],
            _ => [],
        };
    }
}
