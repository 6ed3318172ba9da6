using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Emit.CSharp;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Operators;

namespace TinyAI.ModelPacker.Tests.Generated;

/// <summary>Generated code that calls kernels: every kernel of two inputs has a form, residual connections among them.</summary>
public class KernelCallTests
{
    [Theory]
    [InlineData(BuiltinOperator.ADD)]
    [InlineData(BuiltinOperator.SUB)]
    [InlineData(BuiltinOperator.MUL)]
    [InlineData(BuiltinOperator.DIV)]
    [InlineData(BuiltinOperator.SQUARED_DIFFERENCE)]
    [InlineData(BuiltinOperator.MAXIMUM)]
    [InlineData(BuiltinOperator.PRELU)]
    [InlineData(BuiltinOperator.BATCH_MATMUL)]
    public void An_operator_of_two_inputs_is_called_with_both(BuiltinOperator op)
    {
        Tensor a = SingleNode.Activation("a", [6, 6], 0.05f, -3), b = SingleNode.Activation("b", [6, 6], 0.05f, -3);
        Tensor y = SingleNode.Activation("y", [6, 6], 0.05f, -3);
        var random = new Random(7);
        if (op == BuiltinOperator.PRELU) b.Data = SingleNode.Bytes(SingleNode.Values(random, 36));
        PackResult packed = Packer.Pack(SingleNode.Lower(SingleNode.Node(op, null, [a, b], y)), new Metadata(), int.MaxValue);
        CompiledLibrary compiled = CompiledLibrary.Of(CSharpEmitter.Emit(packed));
        var runner = new ModelRunner(packed.Pack);
        for (int i = 0; i < 5; i++)
        {
            byte[][] inputs = [.. Enumerable.Range(0, runner.InputCount).Select(_ => SingleNode.Bytes(SingleNode.Values(random, 36)))];
            Assert.Equal(runner.Run(inputs), compiled.Run(inputs));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_norm_is_called_with_its_constants_or_without(bool perChannel)
    {
        Tensor a = SingleNode.Activation("a", [3, 8], 0.05f, -3), y = SingleNode.Activation("y", [3, 8], 0.03f, 2);
        Tensor? scale = perChannel ? BlockNode.Reals("s", [8], Enumerable.Range(1, 8).Select(i => i / 4.0)) : null;
        PackResult packed = Packer.Pack(SingleNode.Lower(BlockNode.Of(new LayerNormOptions(1e-5f), [a, scale], y)), new Metadata(), int.MaxValue);
        byte[] input = SingleNode.Bytes(SingleNode.Values(new Random(3), 24));
        Assert.Equal(new ModelRunner(packed.Pack).Run([input]), CompiledLibrary.Of(CSharpEmitter.Emit(packed)).Run([input]));
    }
}
