using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Passes;

/// <summary>Transpositions beside a matrix product, as converters write attention.</summary>
public class FuseTransposeTests
{
    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    public void A_product_reads_and_writes_transposed_instead(bool first, bool second, bool after)
    {
        foreach ((bool adjX, bool adjY) in new[] { (false, false), (true, false), (false, true), (true, true) })
        {
            (byte[] fused, byte[] plain) = (Model(first, second, after, adjX, adjY, spoil: false), Model(first, second, after, adjX, adjY, spoil: true));
            PackResult short_ = Packer.Pack(fused, "m"), long_ = Packer.Pack(plain, "m");
            Assert.Equal(0, short_.Model.Layers.Count(l => l.Kind == PackFormat.KindStridedCopy));
            Assert.True(long_.Model.Layers.Count(l => l.Kind == PackFormat.KindStridedCopy) > 0);
            byte[][] inputs = [new byte[2 * 3 * 4], new byte[2 * 4 * 5]];
            foreach (byte[] input in inputs) new Random(input.Length).NextBytes(input);
            Assert.Equal(new ModelRunner(long_.Pack).Run(inputs)[0], new ModelRunner(short_.Pack).Run(inputs)[0]);
        }
    }

    /// <summary>[2,3,4] * [2,4,5] with transpositions; spoiled, each transposed tensor is an output too and must be made.</summary>
    private static byte[] Model(bool first, bool second, bool after, bool adjX, bool adjY, bool spoil)
    {
        var b = new TfliteModelBuilder();
        var outputs = new List<int>();
        int swap = b.AddConstant("swap", TfliteType.INT32, [3], new[] { 0, 2, 1 });
        int Tensor(string name, bool turned, int rows, int columns, float scale) =>
            b.AddTensor(name, TfliteType.INT8, turned ? [2, columns, rows] : [2, rows, columns], scale, 3);
        int Operand(string name, bool transposed, bool adjoint, int rows, int columns)
        {
            int input = Tensor(name, adjoint != transposed, rows, columns, 0.1f);
            outputs.Add(input);
            if (!transposed) return input;
            int turned = Tensor(name + "T", adjoint, rows, columns, 0.1f);
            b.AddOperator(BuiltinOperator.TRANSPOSE, [input, swap], [turned], null);
            if (spoil) outputs.Add(turned);
            return turned;
        }

        int x = Operand("x", first, adjX, 3, 4), y = Operand("y", second, adjY, 4, 5);
        int[] inputs = [outputs[0], outputs[first && spoil ? 2 : 1]];
        int product = Tensor("product", false, 3, 5, 0.7f);
        b.AddOperator(BuiltinOperator.BATCH_MATMUL, [x, y], [product], new BatchMatMulOptions(adjX, adjY));
        int result = product;
        if (after)
        {
            result = Tensor("result", true, 3, 5, 0.7f);
            b.AddOperator(BuiltinOperator.TRANSPOSE, [product, swap], [result], null);
        }

        int[] spoiled = spoil ? [.. outputs.Except(inputs), .. after ? new[] { product } : []] : [];
        return TfliteWriter.Write(b.SetInputs(inputs).SetOutputs([result, .. spoiled]).Build());
    }
}
