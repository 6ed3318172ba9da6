using TinyAI.ModelPacker.Float;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Passes;

/// <summary>Float .tflite models take the same clean-up as ONNX models: norms in pieces become one, and the answers stay.</summary>
public class FloatTfliteCleanUpTests
{
    [Fact]
    public void A_norm_in_pieces_becomes_one_block_and_gives_the_same()
    {
        byte[] file = Norm();
        Graph plain = TfliteImporter.Import(file, "norm"), cleaned = ModelImporter.Import(file, "norm");
        Assert.IsType<LayerNormOptions>(Assert.Single(cleaned.Nodes).Options);
        Assert.Equal(7, plain.Nodes.Count);
        float[] x = [1, -2, 3, 0.5f, 4, 4, -1, 2];
        float[] expected = FloatRunner.Run(plain, [x])[plain.Outputs[0]], got = FloatRunner.Run(cleaned, [x])[cleaned.Outputs[0]];
        for (int i = 0; i < x.Length; i++) Assert.Equal(expected[i], got[i], 1e-5f);
    }

    [Fact]
    public void A_model_of_integers_keeps_every_operator()
    {
        byte[] file = Support.SmallModels.Concatenation();
        Assert.Equal(TfliteImporter.Import(file, "m").Nodes.Select(n => n.Operator), ModelImporter.Import(file, "m").Nodes.Select(n => n.Operator));
    }

    /// <summary>(x - mean) * rsqrt(mean((x - mean)^2) + epsilon), as TensorFlow's converter writes it.</summary>
    private static byte[] Norm()
    {
        var builder = new TfliteModelBuilder();
        int[] wide = [2, 4], narrow = [2, 1];
        int Value(string name, int[] shape) => builder.AddTensor(name, TfliteType.FLOAT32, shape);
        int x = Value("x", wide), mean = Value("mean", narrow), centred = Value("centred", wide), square = Value("square", wide), variance = Value("variance", narrow);
        int shifted = Value("shifted", narrow), inverse = Value("inverse", narrow), scaled = Value("scaled", wide), axis = builder.AddConstant("axis", TfliteType.INT32, [1], [1]);
        int epsilon = builder.AddConstant("epsilon", TfliteType.FLOAT32, [], [1e-3f]);
        builder.AddOperator(BuiltinOperator.MEAN, [x, axis], [mean], new ReducerOptions(true));
        builder.AddOperator(BuiltinOperator.SUB, [x, mean], [centred], new SubOptions());
        builder.AddOperator(BuiltinOperator.SQUARE, [centred], [square]);
        builder.AddOperator(BuiltinOperator.MEAN, [square, axis], [variance], new ReducerOptions(true));
        builder.AddOperator(BuiltinOperator.ADD, [variance, epsilon], [shifted], new AddOptions());
        builder.AddOperator(BuiltinOperator.RSQRT, [shifted], [inverse]);
        builder.AddOperator(BuiltinOperator.MUL, [centred, inverse], [scaled], new MulOptions());
        return TfliteWriter.Write(builder.SetInputs(x).SetOutputs(scaled).Build());
    }
}
