namespace TinyAI.ModelPacker.Import.Onnx.Operators;

/// <summary>Operators with bodies: Scan is unrolled, a branch whose condition is known is taken.</summary>
internal static class LoopOperators
{
    private const int MostSteps = 1000;

    public static void If(OnnxNodeContext c)
    {
        bool taken = c.Known(0, "its condition").Scalar != 0;
        OnnxGraph body = c.Node.Attributes.GetValueOrDefault(taken ? "then_branch" : "else_branch")?.Graph ?? throw new OnnxRefusal("lacks a branch.");
        OnnxValue?[] results = Run(c, body, []);
        for (int i = 0; i < Math.Min(results.Length, c.Results.Length); i++) c.Results[i] = results[i];
    }

    /// <summary>States first, then sequences: the body runs once for every slice of them.</summary>
    public static void Scan(OnnxNodeContext c)
    {
        OnnxGraph body = c.Node.Attributes.GetValueOrDefault("body")?.Graph ?? throw new OnnxRefusal("lacks a body.");
        int sequences = (int)c.Int("num_scan_inputs", 0), states = c.InputCount - sequences, scans = body.Outputs.Count - states;
        if (sequences < 1 || states < 0 || scans < 0 || body.Inputs.Count != c.InputCount) throw new OnnxRefusal("has a body that does not fit its inputs.");
        long[] inAxes = c.Ints("scan_input_axes") ?? new long[sequences], outAxes = c.Ints("scan_output_axes") ?? new long[scans];
        long[] inBack = c.Ints("scan_input_directions") ?? new long[sequences], outBack = c.Ints("scan_output_directions") ?? new long[scans];
        OnnxValue?[] state = [.. Enumerable.Range(0, states).Select(c.In)];
        int steps = c.In(states).Shape[Shapes.Axis(inAxes[0], c.In(states).Shape.Length)];
        if (steps > MostSteps) throw new OnnxRefusal($"runs {steps} times; {MostSteps} are the limit for unrolling.");
        var outputs = new List<OnnxValue>[scans];
        for (int i = 0; i < scans; i++) outputs[i] = [];
        for (int t = 0; t < steps; t++)
        {
            var slices = new OnnxValue[sequences];
            for (int i = 0; i < sequences; i++)
            {
                OnnxValue at = c.Value(OnnxConstant.Of(inBack[i] != 0 ? steps - 1 - t : t).Reshape());
                slices[i] = c.Call("Gather", [c.In(states + i), at], ("axis", inAxes[i]));
            }

            OnnxValue?[] results = Run(c, body, [.. state, .. slices]);
            state = results[..states];
            for (int i = 0; i < scans; i++) outputs[i].Add(results[states + i] ?? throw new OnnxRefusal("has a body that is not supported."));
        }

        for (int i = 0; i < states; i++) c.Results[i] = state[i];
        for (int i = 0; i < scans; i++)
        {
            if (!c.Wants(states + i)) continue;
            int axis = Shapes.Axis(outAxes[i], outputs[i][0].Shape.Length + 1);
            if (outBack[i] != 0) outputs[i].Reverse();
            OnnxValue[] parts = [.. outputs[i].Select(o => Widened(c, o, axis))];
            c.Results[states + i] = c.Call("Concat", parts, ("axis", (long)axis));
        }
    }

    private static OnnxValue Widened(OnnxNodeContext c, OnnxValue x, int axis)
    {
        int[] shape = [.. x.Shape[..axis], 1, .. x.Shape[axis..]];
        return c.Call("Reshape", [x, c.Value(OnnxConstant.Of([.. shape.Select(s => (long)s)]))]);
    }

    private static OnnxValue?[] Run(OnnxNodeContext c, OnnxGraph body, OnnxValue?[] inputs)
    {
        var scope = new OnnxScope(c.Scope);
        c.Import.AddInitialisers(body, scope);
        for (int i = 0; i < inputs.Length; i++) scope.Set(body.Inputs[i].Name, inputs[i]);
        int reasons = c.Import.Reasons.Count;
        c.Import.Run(body, scope);
        if (c.Import.Reasons.Count > reasons) throw new OnnxRefusal("has a body that cannot be imported, for the reasons before this one.");
        return [.. body.Outputs.Select(o => scope.Find(o.Name, out OnnxValue? value) ? value : throw new OnnxRefusal($"has a body that does not compute {o.Name}."))];
    }
}
