namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>
/// Computes while importing what depends on nothing but constants and shapes: the shape arithmetic that exporters leave in
/// models, and arithmetic on weights (weight standardisation among it). Operators without a line here are converted and
/// run like any other.
/// </summary>
internal static class ConstantFolding
{
    private static readonly Dictionary<string, Func<OnnxNodeContext, OnnxConstant[]>> s_table = new()
    {
        ["Cast"] = c => [ConstantArithmetic.Cast(c.In(0).Constant!, (OnnxType)c.Int("to", 1))],
        ["CastLike"] = c => [ConstantArithmetic.Cast(c.In(0).Constant!, c.In(1).Type)],
        ["Identity"] = c => [c.In(0).Constant!],
        ["Add"] = c => [ConstantArithmetic.Binary(c, (a, b) => a + b)],
        ["Sub"] = c => [ConstantArithmetic.Binary(c, (a, b) => a - b)],
        ["Mul"] = c => [ConstantArithmetic.Binary(c, (a, b) => a * b)],
        ["Div"] = c => [ConstantArithmetic.Binary(c, (a, b) => b == 0 && !c.In(0).Type.IsReal() ? 0 : a / b)],
        ["Mod"] = c => [ConstantArithmetic.Binary(c, (a, b) => c.Int("fmod", 0) != 0 ? Math.IEEERemainder(a, b) : b == 0 ? 0 : a - b * Math.Floor(a / b))],
        ["Pow"] = c => [ConstantArithmetic.Binary(c, Math.Pow)],
        ["Min"] = c => [ConstantArithmetic.Variadic(c, Math.Min)],
        ["Max"] = c => [ConstantArithmetic.Variadic(c, Math.Max)],
        ["Sum"] = c => [ConstantArithmetic.Variadic(c, (a, b) => a + b)],
        ["And"] = c => [ConstantArithmetic.Binary(c, (a, b) => a * b)],
        ["Or"] = c => [ConstantArithmetic.Binary(c, Math.Max)],
        ["Xor"] = c => [ConstantArithmetic.Binary(c, (a, b) => a != b ? 1 : 0)],
        ["Equal"] = c => [ConstantArithmetic.Binary(c, (a, b) => a == b ? 1 : 0, OnnxType.Bool)],
        ["Greater"] = c => [ConstantArithmetic.Binary(c, (a, b) => a > b ? 1 : 0, OnnxType.Bool)],
        ["GreaterOrEqual"] = c => [ConstantArithmetic.Binary(c, (a, b) => a >= b ? 1 : 0, OnnxType.Bool)],
        ["Less"] = c => [ConstantArithmetic.Binary(c, (a, b) => a < b ? 1 : 0, OnnxType.Bool)],
        ["LessOrEqual"] = c => [ConstantArithmetic.Binary(c, (a, b) => a <= b ? 1 : 0, OnnxType.Bool)],
        ["Not"] = c => [ConstantArithmetic.Unary(c, x => 1 - x)],
        ["Neg"] = c => [ConstantArithmetic.Unary(c, x => -x)],
        ["Abs"] = c => [ConstantArithmetic.Unary(c, Math.Abs)],
        ["Floor"] = c => [ConstantArithmetic.Unary(c, Math.Floor)],
        ["Ceil"] = c => [ConstantArithmetic.Unary(c, Math.Ceiling)],
        ["Round"] = c => [ConstantArithmetic.Unary(c, x => Math.Round(x, MidpointRounding.ToEven))],
        ["Sqrt"] = c => [ConstantArithmetic.Unary(c, Math.Sqrt)],
        ["Reciprocal"] = c => [ConstantArithmetic.Unary(c, x => 1 / x)],
        ["Exp"] = c => [ConstantArithmetic.Unary(c, Math.Exp)],
        ["Log"] = c => [ConstantArithmetic.Unary(c, Math.Log)],
        ["Sin"] = c => [ConstantArithmetic.Unary(c, Math.Sin)],
        ["Cos"] = c => [ConstantArithmetic.Unary(c, Math.Cos)],
        ["Relu"] = c => [ConstantArithmetic.Unary(c, x => Math.Max(x, 0))],
        ["Sigmoid"] = c => [ConstantArithmetic.Unary(c, x => 1 / (1 + Math.Exp(-x)))],
        ["Tanh"] = c => [ConstantArithmetic.Unary(c, Math.Tanh)],
        ["Where"] = c => [ConstantArithmetic.Where(c)],
        ["MatMul"] = c => [ConstantArithmetic.MatMul(c.In(0).Constant!, c.In(1).Constant!)],
        ["Range"] = c => [ConstantArithmetic.Range(c)],
        ["ConstantOfShape"] = c => [ConstantArithmetic.ConstantOfShape(c)],
        ["NonZero"] = c => [ConstantArithmetic.NonZero(c.In(0).Constant!)],
        ["CumSum"] = c => [ConstantArithmetic.CumSum(c)],
        ["Trilu"] = c => [ConstantArithmetic.Trilu(c)],
        ["ReduceSum"] = c => [ConstantArithmetic.Reduce(c, v => v.Sum())],
        ["ReduceMean"] = c => [ConstantArithmetic.Reduce(c, v => v.Average())],
        ["ReduceProd"] = c => [ConstantArithmetic.Reduce(c, v => v.Aggregate(1.0, (a, b) => a * b))],
        ["ReduceMax"] = c => [ConstantArithmetic.Reduce(c, v => v.Max())],
        ["ReduceMin"] = c => [ConstantArithmetic.Reduce(c, v => v.Min())],
        ["ReduceL2"] = c => [ConstantArithmetic.Reduce(c, v => Math.Sqrt(v.Sum(x => x * x)))],
        ["Reshape"] = c => [c.In(0).Constant!.Reshape(Operators.ReshapeOperators.ReshapeShape(c))],
        ["Squeeze"] = c => [c.In(0).Constant!.Reshape(Operators.ReshapeOperators.SqueezeShape(c))],
        ["Unsqueeze"] = c => [c.In(0).Constant!.Reshape(Operators.ReshapeOperators.UnsqueezeShape(c))],
        ["Flatten"] = c => [c.In(0).Constant!.Reshape(Operators.ReshapeOperators.FlattenShape(c))],
        ["Transpose"] = c => [c.In(0).Constant!.Transpose(Operators.MovementOperators.Permutation(c))],
        ["Concat"] = c => [ConstantMovement.Concat(c)],
        ["Slice"] = c => [ConstantMovement.Slice(c.In(0).Constant!, Operators.SliceOperators.Resolve(c))],
        ["Split"] = ConstantMovement.Split,
        ["Gather"] = c => [ConstantMovement.Gather(c.In(0).Constant!, c.In(1).Constant!, Shapes.Axis(c.Int("axis", 0), c.In(0).Shape.Length))],
        ["GatherND"] = c => [ConstantMovement.GatherNd(c)],
        ["ScatterND"] = c => [ConstantMovement.ScatterNd(c)],
        ["Expand"] = c => [ConstantMovement.Expand(c.In(0).Constant!, Operators.MovementOperators.ExpandShape(c))],
        ["Tile"] = c => [ConstantMovement.Tile(c)],
        ["OneHot"] = c => [ConstantMovement.OneHot(c)],
    };

    /// <summary>Whether the operator is one that can be folded, so that it is known even where it cannot be converted.</summary>
    public static bool Knows(OnnxNode node) => node.Domain.Length == 0 && (node.OpType is "Constant" or "Shape" or "Size" || s_table.ContainsKey(node.OpType));

    /// <summary>Gives the node's results where they are known; false where it must be converted.</summary>
    public static bool Fold(OnnxNodeContext context)
    {
        if (context.Node.Domain.Length > 0) return false;
        switch (context.Node.OpType)
        {
            case "Constant":
                context.Result(Constant(context));
                return true;
            case "Shape":
                int rank = context.In(0).Shape.Length;
                int start = (int)Math.Clamp(Wrap(context.Int("start", 0)), 0, rank), end = (int)Math.Clamp(Wrap(context.Int("end", rank)), 0, rank);
                context.Result(OnnxConstant.Of([.. context.In(0).Shape.Skip(start).Take(Math.Max(end - start, 0)).Select(d => (long)d)]));
                return true;
                long Wrap(long at) => at < 0 ? at + rank : at;
            case "Size":
                context.Result(OnnxConstant.Of(OnnxConstant.CountOf(context.In(0).Shape)).Reshape());
                return true;
        }

        if (!s_table.TryGetValue(context.Node.OpType, out Func<OnnxNodeContext, OnnxConstant[]>? fold)) return false;
        for (int i = 0; i < context.InputCount; i++)
        {
            if (context.Optional(i) is { } input && (input.Constant is null || input.Dynamic is not null)) return false;
        }

        if (context.Optional(0)?.Quantised is { } quantised && Moved(context, quantised) is { } moved)
        {
            context.Result(moved);
            return true;
        }

        OnnxConstant[] results = fold(context);
        for (int i = 0; i < results.Length; i++) context.Result(results[i], i);
        return true;
    }

    /// <summary>Weights that are only turned or reshaped stay integers.</summary>
    private static QuantisedConstant? Moved(OnnxNodeContext context, QuantisedConstant weights) => context.Node.OpType switch
    {
        "Identity" => weights,
        "Transpose" => weights.Transpose(Operators.MovementOperators.Permutation(context)),
        "Reshape" => weights.Reshape(Operators.ReshapeOperators.ReshapeShape(context)),
        "Squeeze" => weights.Reshape(Operators.ReshapeOperators.SqueezeShape(context)),
        "Unsqueeze" => weights.Reshape(Operators.ReshapeOperators.UnsqueezeShape(context)),
        "Flatten" => weights.Reshape(Operators.ReshapeOperators.FlattenShape(context)),
        _ => null,
    };

    private static OnnxConstant Constant(OnnxNodeContext context)
    {
        foreach (OnnxAttribute attribute in context.Node.Attributes.Values)
        {
            switch (attribute.Name)
            {
                case "value" when attribute.Tensor is { } tensor:
                    try
                    {
                        return context.Import.Read(tensor);
                    }
                    catch (ModelFormatException e)
                    {
                        throw new OnnxRefusal($"cannot be read: {char.ToLowerInvariant(e.Message[0])}{e.Message[1..]}");
                    }

                case "value_float": return new OnnxConstant(OnnxType.Float, [], [attribute.Float ?? 0]);
                case "value_floats": return new OnnxConstant(OnnxType.Float, [attribute.Floats.Length], [.. attribute.Floats.Select(f => (double)f)]);
                case "value_int": return OnnxConstant.Of(attribute.Int ?? 0).Reshape();
                case "value_ints": return OnnxConstant.Of(attribute.Ints);
            }
        }

        throw new OnnxRefusal("holds neither a tensor nor a number; strings and sparse constants are not supported.");
    }
}
