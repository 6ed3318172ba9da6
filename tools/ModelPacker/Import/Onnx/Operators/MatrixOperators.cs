using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Products of matrices: FULLY_CONNECTED where one side is known, BATCH_MATMUL where both are computed.</summary>
internal static class MatrixOperators
{
    public static void MatMul(OnnxNodeContext c) => c.Result(Product(c, c.In(0), c.In(1), 1), 0, OnnxType.Float);

    /// <summary>com.microsoft: alpha * A' * B', either one transposed.</summary>
    public static void FusedMatMul(OnnxNodeContext c)
    {
        if (c.Int("transBatchA", 0) != 0 || c.Int("transBatchB", 0) != 0) throw new OnnxRefusal("transposes batches, which is not supported.");
        OnnxValue a = c.Int("transA", 0) != 0 ? Swapped(c, c.In(0)) : c.In(0), b = c.Int("transB", 0) != 0 ? Swapped(c, c.In(1)) : c.In(1);
        c.Result(Product(c, a, b, c.Float("alpha", 1)));
    }

    private static OnnxValue Swapped(OnnxNodeContext c, OnnxValue x)
    {
        int[] order = Shapes.Count(x.Shape.Length);
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return c.Call("Transpose", [x], ("perm", order.Select(o => (long)o).ToArray()));
    }

    /// <summary>alpha * A * B with numpy's rules for one and more than two dimensions.</summary>
    public static Tensor Product(OnnxNodeContext c, OnnxValue a, OnnxValue b, float alpha, Tensor? bias = null)
    {
        if (a.Shape.Length == 0 || b.Shape.Length == 0) throw new OnnxRefusal("multiplies a single number as if it were a matrix.");
        int depth = b.Shape.Length == 1 ? b.Shape[0] : b.Shape[^2];
        if (a.Shape[^1] != depth) throw new OnnxRefusal($"multiplies [{string.Join(',', a.Shape)}] by [{string.Join(',', b.Shape)}], which do not fit.");
        GraphWriter write = c.Write;
        if (b.Constant is not null && b.Shape.SkipLast(2).All(d => d == 1) && a.Constant is null)
        {
            int columns = b.Shape.Length == 1 ? 1 : b.Shape[^1];
            Weights weights = Weights.Of(b.Constant, b.Quantised).Reshape(depth, columns).Transpose(1, 0).Times(alpha);
            Tensor left = c.Tensor(a);
            int[] shape = [.. Enumerable.Repeat(1, Math.Max(0, b.Shape.Length - left.Shape.Length)), .. left.Shape[..^1], columns];
            Tensor y = write.Add(
                BuiltinOperator.FULLY_CONNECTED, new FullyConnectedOptions(KeepNumDims: true), TfliteType.FLOAT32, [.. left.Shape[..^1], columns],
                left, weights.ToTensor(write), bias);
            return write.Reshape(y, b.Shape.Length == 1 ? shape[..^1] : shape);
        }

        Tensor x = c.Tensor(a), z = c.Tensor(b);
        if (x.Shape.Length == 1) x = write.Reshape(x, 1, x.Shape[0]);
        if (z.Shape.Length == 1) z = write.Reshape(z, z.Shape[0], 1);
        int[] batch = Shapes.Broadcast(x.Shape[..^2], z.Shape[..^2]) ?? throw new OnnxRefusal($"multiplies [{string.Join(',', a.Shape)}] by [{string.Join(',', b.Shape)}], which do not fit.");
        Tensor product = write.Add(BuiltinOperator.BATCH_MATMUL, new BatchMatMulOptions(), TfliteType.FLOAT32, [.. batch, x.Shape[^2], z.Shape[^1]], x, z);
        if (alpha != 1) product = write.Binary(BuiltinOperator.MUL, product, write.Real(alpha));
        if (a.Shape.Length == 1) product = write.Reshape(product, [.. product.Shape[..^2], product.Shape[^1]]);
        if (b.Shape.Length == 1) product = write.Reshape(product, product.Shape[..^1]);
        return bias is null ? product : write.Binary(BuiltinOperator.ADD, product, bias);
    }

    /// <summary>alpha * A' * B' + beta * C.</summary>
    public static void Gemm(OnnxNodeContext c) => c.Result(Gemm(c, c.OfRank(0, 2, 2), c.OfRank(1, 2, 2), c.Optional(2)));

    /// <summary>com.microsoft: Gemm with an activation behind it.</summary>
    public static void FusedGemm(OnnxNodeContext c)
    {
        Tensor y = Gemm(c, c.OfRank(0, 2, 2), c.OfRank(1, 2, 2), c.Optional(2));
        string activation = c.Text("activation", "Relu");
        y = activation switch
        {
            "Relu" => c.Write.Like(BuiltinOperator.RELU, null, y),
            "Sigmoid" => c.Write.Like(BuiltinOperator.LOGISTIC, null, y),
            "Tanh" => c.Write.Like(BuiltinOperator.TANH, null, y),
            "LeakyRelu" => c.Write.Like(BuiltinOperator.LEAKY_RELU, new LeakyReluOptions(c.Float("activation_alpha", 0.01f)), y),
            _ => throw new OnnxRefusal($"has the activation {activation}, which is not supported."),
        };
        c.Result(y);
    }

    private static Tensor Gemm(OnnxNodeContext c, OnnxValue a, OnnxValue b, OnnxValue? addend)
    {
        if (c.Int("transA", 0) != 0) a = Swapped(c, a);
        if (c.Int("transB", 0) != 0) b = Swapped(c, b);
        float beta = c.Float("beta", 1);
        GraphWriter write = c.Write;
        int columns = b.Shape[1];
        Tensor? bias = null;
        bool isRow = addend?.Constant is not null && b.Constant is not null && addend.Constant.Values.Length is var n && (n == columns || n == 1)
            && addend.Shape.SkipLast(1).All(d => d == 1);
        if (isRow)
        {
            Weights row = addend!.Constant!.Values.Length == columns ? Weights.Of(addend.Constant, addend.Quantised).Reshape(columns)
                : Weights.Of(new OnnxConstant(OnnxType.Float, [columns], [.. Enumerable.Repeat(addend.Constant.Values[0], columns)]));
            bias = row.Times(beta).ToTensor(write);
        }

        Tensor y = Product(c, a, b, c.Float("alpha", 1), bias);
        if (isRow || addend is null) return y;
        Tensor other = c.Tensor(addend);
        if (beta != 1) other = write.Binary(BuiltinOperator.MUL, other, write.Real(beta));
        return write.Binary(BuiltinOperator.ADD, y, other);
    }
}
