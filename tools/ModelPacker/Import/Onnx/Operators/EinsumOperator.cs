using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>
/// Einsum of one or two operands, as attention is often written with it: letters of both operands and the result are
/// batches, letters of both but not the result are summed, so that it is a matrix product between transpositions.
/// </summary>
internal static class EinsumOperator
{
    public static void Einsum(OnnxNodeContext c)
    {
        string equation = c.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        string[] sides = equation.Split("->");
        string[] terms = sides[0].Split(',');
        if (equation.Contains('.') || terms.Length != c.InputCount || terms.Length > 2 || sides.Length > 2 || terms.Any(t => t.Distinct().Count() != t.Length || t.Any(l => !char.IsAsciiLetter(l))))
            throw new OnnxRefusal($"computes \"{equation}\": one or two operands with letters that differ are supported.");
        string result = sides.Length == 2 ? sides[1]
            : string.Concat(string.Concat(terms).GroupBy(l => l).Where(g => g.Count() == 1).Select(g => g.Key).OrderBy(l => l, Comparer<char>.Create((a, b) => a.CompareTo(b))));
        var sizes = new Dictionary<char, int>();
        for (int t = 0; t < terms.Length; t++)
        {
            int[] shape = c.In(t).Shape;
            if (shape.Length != terms[t].Length || terms[t].Where((l, d) => sizes.TryGetValue(l, out int known) ? known != shape[d] : !sizes.TryAdd(l, shape[d])).Any())
                throw new OnnxRefusal($"computes \"{equation}\" of tensors that do not fit it.");
        }

        if (result.Distinct().Count() != result.Length || result.Any(l => !sizes.ContainsKey(l))) throw new OnnxRefusal($"computes \"{equation}\", whose result is not among its operands.");
        OnnxValue a = Sum(c, c.In(0), ref terms[0], l => result.Contains(l) || (terms.Length > 1 && terms[1].Contains(l)));
        if (terms.Length == 1)
        {
            c.Result(Turn(c, a, terms[0], result));
            return;
        }

        string left = terms[0];
        OnnxValue b = Sum(c, c.In(1), ref terms[1], l => result.Contains(l) || left.Contains(l));
        string right = terms[1];
        string batch = Of(left.Where(l => right.Contains(l) && result.Contains(l))), summed = Of(left.Where(l => right.Contains(l) && !result.Contains(l)));
        string rows = Of(left.Where(l => !right.Contains(l))), columns = Of(right.Where(l => !left.Contains(l)));
        int Size(string letters) => letters.Aggregate(1, (n, l) => n * sizes[l]);
        int[] Dimensions(string letters) => [.. letters.Select(l => sizes[l])];
        OnnxValue x = Reshape(c, Turn(c, a, left, batch + rows + summed), [.. Dimensions(batch), Size(rows), Size(summed)]);
        OnnxValue y = Reshape(c, Turn(c, b, right, batch + summed + columns), [.. Dimensions(batch), Size(summed), Size(columns)]);
        OnnxValue product = Reshape(c, c.Call("MatMul", [x, y]), [.. Dimensions(batch), .. Dimensions(rows), .. Dimensions(columns)]);
        c.Result(Turn(c, product, batch + rows + columns, result));
    }

    private static string Of(IEnumerable<char> letters) => string.Concat(letters);

    /// <summary>Sums over letters that nothing else has.</summary>
    private static OnnxValue Sum(OnnxNodeContext c, OnnxValue x, ref string letters, Func<char, bool> stays)
    {
        string all = letters;
        int[] gone = [.. Shapes.Count(all.Length).Where(d => !stays(all[d]))];
        if (gone.Length == 0) return x;
        letters = Of(all.Where(stays));
        Tensor tensor = c.Tensor(x);
        int[] shape = [.. tensor.Shape.Where((_, d) => !gone.Contains(d))];
        return c.Value(c.Write.Like(BuiltinOperator.SUM, new ReducerOptions(false), shape, tensor, c.Write.Ints(gone)));
    }

    private static OnnxValue Turn(OnnxNodeContext c, OnnxValue x, string from, string to) =>
        from == to ? x : c.Call("Transpose", [x], ("perm", to.Select(l => (long)from.IndexOf(l)).ToArray()));

    private static OnnxValue Reshape(OnnxNodeContext c, OnnxValue x, int[] shape) =>
        x.Shape.AsSpan().SequenceEqual(shape) ? x : c.Call("Reshape", [x, c.Value(OnnxConstant.Of([.. shape.Select(s => (long)s)]))]);
}
