using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// BATCH_MATMUL: [.., rows, depth] * [.., depth, columns], either operand stored transposed where adj_x or adj_y says so,
/// batch dimensions broadcast.
/// </summary>
internal sealed class BatchMatMulOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 2)];
        if (wrong.Length > 0) return wrong;
        Tensor a = node.Input(), b = node.Input(1), output = node.Output;
        wrong = [.. Requirements.Int8(a), .. Requirements.Int8(b), .. Requirements.Int8(output)];
        if (wrong.Length > 0) return wrong;
        if (a.Shape.Length < 2 || b.Shape.Length < 2) return [$"its operands {a} and {b} are not matrices."];
        if (a.Shape.Contains(0) || b.Shape.Contains(0)) return [$"its operands {a} and {b} are empty."];
        var options = node.Options as BatchMatMulOptions ?? new BatchMatMulOptions();
        (int rows, int depth) = Matrix(a.Shape, options.AdjX);
        (int depth2, int columns) = Matrix(b.Shape, options.AdjY);
        if (depth != depth2) return [$"its operands {a} and {b} do not fit: sums of {depth} and of {depth2} products."];
        int rank = Math.Max(a.Shape.Length, b.Shape.Length);
        var shape = new int[rank];
        for (int d = 0; d < rank - 2; d++)
        {
            (int x, int y) = (Batch(a.Shape, rank, d), Batch(b.Shape, rank, d));
            if (x != y && x != 1 && y != 1) return [$"its operands {a} and {b} have batches that cannot be broadcast."];
            shape[d] = Math.Max(x, y);
        }

        (shape[^2], shape[^1]) = (rows, columns);
        return Requirements.Shape(output, shape);
    }

    public override long Macs(Node node) =>
        (long)node.Output.Count * Matrix(node.Input().Shape, (node.Options as BatchMatMulOptions)?.AdjX ?? false).Columns;

    public override void Lower(Node node, Lowering lowering)
    {
        var options = node.Options as BatchMatMulOptions ?? new BatchMatMulOptions();
        Tensor a = node.Input(), b = node.Input(1);
        if (b.IsConstant && b.ZeroPoint == 0 && !options.AdjX && b.Shape.SkipLast(2).All(d => d == 1))
            LowerAsFullyConnected(node, lowering, a, b, options.AdjY);
        else
            Add(node, lowering, (a, a.Shape, options.AdjX), (b, b.Shape, options.AdjY), Macs(node), -128, 127);
    }

    /// <summary>
    /// A constant matrix with zero point 0 makes a fully connected layer: the same sums and multiplier, but the matrix
    /// stays in the pack instead of taking activation memory.
    /// </summary>
    private static void LowerAsFullyConnected(Node node, Lowering lowering, Tensor a, Tensor b, bool adjY)
    {
        (int depth, int columns) = Matrix(b.Shape, adjY);
        var rows = new byte[b.Count];
        for (int c = 0; c < columns; c++)
        {
            for (int d = 0; d < depth; d++) rows[c * depth + d] = b.Data![adjY ? c * depth + d : d * columns + c];
        }

        var weights = new Tensor { Name = b.Name, Type = b.Type, Shape = [columns, depth], Quantisation = b.Quantisation, Data = rows };
        var equivalent = new Node
        {
            Operator = BuiltinOperator.FULLY_CONNECTED, Inputs = [a, weights], Outputs = [node.Output], Origin = node.Origin,
        };
        OperatorTable.For(equivalent).Lower(equivalent, lowering);
    }

    /// <summary>
    /// Adds the layer of a product of two tensors, each seen in a shape of its own and transposed where the flag says
    /// so; also for FULLY_CONNECTED with computed weights.
    /// </summary>
    public static void Add(
        Node node, Lowering lowering, (Tensor Tensor, int[] Shape, bool Transposed) first, (Tensor Tensor, int[] Shape, bool Transposed) second,
        long macs, int min, int max)
    {
        (Tensor a, int[] shape, bool adjX) = first;
        (Tensor b, int[] shape2, bool adjY) = second;
        Tensor output = node.Output;
        (int rows, int depth) = Matrix(shape, adjX);
        int columns = Matrix(shape2, adjY).Columns;
        var p = new int[BatchMatMul.ParameterCount];
        p[BatchMatMul.Rows] = rows;
        p[BatchMatMul.Columns] = columns;
        p[BatchMatMul.Depth] = depth;
        (p[BatchMatMul.RowStep], p[BatchMatMul.DepthStep]) = adjX ? (1, rows) : (depth, 1);
        (p[BatchMatMul.ColumnStep], p[BatchMatMul.DepthStep2]) = adjY ? (depth, 1) : (1, columns);
        p[BatchMatMul.ZeroPoint] = a.ZeroPoint;
        p[BatchMatMul.ZeroPoint2] = b.ZeroPoint;
        p[BatchMatMul.OutZeroPoint] = output.ZeroPoint;
        p[BatchMatMul.OutMin] = min;
        p[BatchMatMul.OutMax] = max;
        // As in a fully connected layer with one scale, TensorFlow Lite rounds the product of the scales to float.
        double product = output.RoundedOnce ? (double)a.Scale * b.Scale : (float)(a.Scale * b.Scale);
        (p[BatchMatMul.Multiplier], p[BatchMatMul.Shift]) = Requantisation.For(product / output.Scale, output);

        int rank = BatchMatMul.BatchDimensions + 2, step = rows * depth, step2 = depth * columns;
        for (int d = BatchMatMul.BatchDimensions - 1; d >= 0; d--)
        {
            (int x, int y) = (Batch(shape, rank, d), Batch(shape2, rank, d));
            p[BatchMatMul.BatchSizes + d] = Math.Max(x, y);
            p[BatchMatMul.BatchSteps + d] = x == 1 ? 0 : step;
            p[BatchMatMul.BatchSteps2 + d] = y == 1 ? 0 : step2;
            step *= x;
            step2 *= y;
        }

        lowering.Add(new Layer
        {
            Kind = PackFormat.KindBatchMatMul,
            Name = "BatchMatMul",
            Origin = node,
            Input = lowering.PlaceOf(a, node),
            Input2 = lowering.PlaceOf(b, node),
            Output = lowering.Create(output),
            Rows = output.Count / columns,
            Parameters = p,
            Macs = macs,
        });
    }

    private static (int Rows, int Columns) Matrix(int[] shape, bool transposed) =>
        transposed ? (shape[^1], shape[^2]) : (shape[^2], shape[^1]);

    /// <summary>Size of batch dimension d of rank - 2, with ones in front of a shorter shape.</summary>
    private static int Batch(int[] shape, int rank, int d)
    {
        int at = d - (rank - shape.Length);
        return at < 0 ? 1 : shape[at];
    }
}
