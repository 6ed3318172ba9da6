using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Softmax and LogSoftmax along any dimension; up to operator set 12 over all dimensions from the axis on.</summary>
internal static class SoftmaxOperators
{
    public static void Softmax(OnnxNodeContext c) => Along(c, BuiltinOperator.SOFTMAX, new SoftmaxOptions(), c.Opset);

    public static void LogSoftmax(OnnxNodeContext c) => Along(c, BuiltinOperator.LOG_SOFTMAX, null, c.Opset);

    /// <summary>The softmax of an operator set of the caller's choice, for operators that name one.</summary>
    public static void Along(OnnxNodeContext c, BuiltinOperator op, TfliteOptions? options, long opset)
    {
        Tensor x = c.Tensor(c.OfRank(0, 1));
        int rank = x.Shape.Length, axis = Shapes.Axis(c.Int("axis", opset < 13 ? Math.Min(1, rank - 1) : -1), rank);
        GraphWriter write = c.Write;
        if (opset < 13 && axis != rank - 1)
        {
            Tensor flat = write.Reshape(x, OnnxConstant.CountOf(x.Shape[..axis]), OnnxConstant.CountOf(x.Shape[axis..]));
            c.Result(write.Reshape(write.Like(op, options, flat), x.Shape));
            return;
        }

        int[] order = Shapes.Count(rank);
        (order[axis], order[^1]) = (order[^1], order[axis]);
        c.Result(write.Transpose(write.Like(op, options, write.Transpose(x, order)), order));
    }
}
