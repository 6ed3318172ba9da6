namespace TinyAI.Bench.Plain
{
    /// <summary>BATCH_MATMUL of two int8 activations: [batches, rows, depth] times [batches, depth, columns], either of them stored transposed.</summary>
    public static class BatchMatMul
    {
        /// <summary>Computes the whole output. Where one operand has fewer batches, they repeat.</summary>
        public static void Run(
            sbyte[] a, int batchesA, bool transposedA, sbyte[] b, int batchesB, bool transposedB, sbyte[] output,
            int batches, int rows, int depth, int columns, int offsetA, int offsetB, int multiplier, int shift, int outputOffset)
        {
            for (int batch = 0; batch < batches; batch++)
            {
                int startA = batch % batchesA * rows * depth;
                int startB = batch % batchesB * depth * columns;
                for (int row = 0; row < rows; row++)
                {
                    for (int column = 0; column < columns; column++)
                    {
                        int acc = 0;
                        for (int d = 0; d < depth; d++)
                        {
                            int valueA = a[startA + (transposedA ? d * rows + row : row * depth + d)];
                            int valueB = b[startB + (transposedB ? column * depth + d : d * columns + column)];
                            acc += (valueA + offsetA) * (valueB + offsetB);
                        }
                        acc = Fixed.MultiplyByQuantizedMultiplier(acc, multiplier, shift);
                        acc += outputOffset;
                        acc = Fixed.Clamp(acc, -128, 127);
                        output[(batch * rows + row) * columns + column] = (sbyte)acc;
                    }
                }
            }
        }
    }
}
