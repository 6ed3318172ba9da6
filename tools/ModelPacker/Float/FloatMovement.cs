using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Operators;

namespace TinyAI.ModelPacker.Float;

/// <summary>
/// Operators that only move elements. Those that the device has say by their own plan where each element comes from: the
/// plan is carried out once on element numbers. Those whose indices are computed are written out here.
/// </summary>
internal static class FloatMovement
{
    /// <summary>Any operator with a <see cref="MovementOperator"/>, by its plan.</summary>
    public static void Planned(FloatCall call)
    {
        (Dictionary<int, int> starts, int[][] maps) = call.Once(() => new Maps(call)).All;
        float background = call.Node.Operator == BuiltinOperator.PADV2 && call.OptionalInput(2) is { } pad ? pad[0] : 0;
        var data = new float[starts.Sum(s => call.Input(s.Key).Length)];
        foreach ((int input, int at) in starts) call.Input(input).CopyTo(data, at - 1);
        for (int o = 0; o < maps.Length; o++)
        {
            int[] map = maps[o];
            float[] output = call.Outputs[o];
            for (int i = 0; i < map.Length; i++) output[i] = map[i] == 0 ? background : data[map[i] - 1];
            FloatActivation.Apply(FloatActivation.In(call.Node.Options), output);
        }
    }

    /// <summary>The elements in their order: RESHAPE and its kind.</summary>
    public static void Copy(FloatCall call) => call.Input().CopyTo(call.Output, 0);

    /// <summary>GATHER with any indices; those below 0 count from the end.</summary>
    public static void Gather(FloatCall call)
    {
        var options = call.Node.Options as GatherOptions ?? new GatherOptions();
        int[] shape = call.Shape();
        int axis = options.Axis < 0 ? options.Axis + shape.Length : options.Axis;
        int batchDims = options.BatchDims < 0 ? options.BatchDims + call.Shape(1).Length : options.BatchDims;
        float[] input = call.Input(), indices = call.Input(1);
        int batches = shape.Take(batchDims).Aggregate(1, (a, b) => a * b), inner = RealNumbers.Inner(shape, axis), size = shape[axis];
        int outer = shape.Skip(batchDims).Take(axis - batchDims).Aggregate(1, (a, b) => a * b), count = indices.Length / batches, at = 0;
        for (int b = 0; b < batches; b++)
        {
            for (int o = 0; o < outer; o++)
            {
                for (int k = 0; k < count; k++, at += inner)
                    input.AsSpan(((b * outer + o) * size + Index(call, indices[b * count + k], size)) * inner, inner).CopyTo(call.Output.AsSpan(at, inner));
            }
        }
    }

    /// <summary>GATHER_ND: each row of indices names a slice by its first dimensions.</summary>
    public static void GatherNd(FloatCall call)
    {
        int[] shape = call.Shape();
        float[] indices = call.Input(1);
        int depth = call.Shape(1)[^1], inner = RealNumbers.Inner(shape, depth - 1);
        for (int row = 0; row < indices.Length / depth; row++)
        {
            int from = 0;
            for (int d = 0; d < depth; d++) from = from * shape[d] + Index(call, indices[row * depth + d], shape[d]);
            call.Input().AsSpan(from * inner, inner).CopyTo(call.Output.AsSpan(row * inner, inner));
        }
    }

    /// <summary>SCATTER_ND: indices, updates, shape; updates to one place are added.</summary>
    public static void ScatterNd(FloatCall call)
    {
        int[] shape = call.Node.Output.Shape;
        float[] indices = call.Input(), updates = call.Input(1);
        int depth = call.Shape()[^1], inner = RealNumbers.Inner(shape, depth - 1);
        for (int row = 0; row < indices.Length / depth; row++)
        {
            int to = 0;
            for (int d = 0; d < depth; d++) to = to * shape[d] + Index(call, indices[row * depth + d], shape[d]);
            Sums.AddScaled(call.Output.AsSpan(to * inner, inner), updates.AsSpan(row * inner, inner), 1);
        }
    }

    /// <summary>SLICE whose begin is computed.</summary>
    public static void Slice(FloatCall call)
    {
        int[] shape = call.Shape(), outShape = call.Node.Output.Shape;
        int from = 0;
        for (int d = 0; d < shape.Length; d++) from = from * shape[d] + Math.Clamp((int)call.Input(1)[d], 0, shape[d] - outShape[d]);
        int[] map = call.Once(() => Positions(shape, outShape));
        for (int i = 0; i < map.Length; i++) call.Output[i] = call.Input()[from + map[i]];
    }

    /// <summary>DYNAMIC_UPDATE_SLICE: the operand with the update written from the computed start on.</summary>
    public static void UpdateSlice(FloatCall call)
    {
        int[] shape = call.Shape(), update = call.Shape(1);
        int to = 0;
        for (int d = 0; d < shape.Length; d++) to = to * shape[d] + Math.Clamp((int)call.Input(2)[d], 0, shape[d] - update[d]);
        int[] map = call.Once(() => Positions(shape, update));
        call.Input().CopyTo(call.Output, 0);
        for (int i = 0; i < map.Length; i++) call.Output[to + map[i]] = call.Input(1)[i];
    }

    /// <summary>FILL: one number everywhere.</summary>
    public static void Fill(FloatCall call) => Array.Fill(call.Output, call.Input(1)[0]);

    /// <summary>ZEROS_LIKE.</summary>
    public static void Zeros(FloatCall call) => Array.Clear(call.Output);

    /// <summary>SHAPE.</summary>
    public static void ShapeOf(FloatCall call)
    {
        for (int d = 0; d < call.Output.Length; d++) call.Output[d] = call.Shape()[d];
    }

    /// <summary>RANGE: start, limit, step.</summary>
    public static void Range(FloatCall call)
    {
        for (int i = 0; i < call.Output.Length; i++) call.Output[i] = call.Input()[0] + i * call.Input(2)[0];
    }

    /// <summary>ONE_HOT: indices, depth, value at the index, value elsewhere.</summary>
    public static void OneHot(FloatCall call)
    {
        int[] shape = call.Node.Output.Shape;
        int axis = call.Node.Options is OneHotOptions { Axis: >= 0 } options ? options.Axis : shape.Length - 1;
        int inner = RealNumbers.Inner(shape, axis), depth = shape[axis];
        for (int i = 0; i < call.Output.Length; i++)
        {
            int index = (int)call.Input()[i / inner / depth * inner + i % inner];
            call.Output[i] = i / inner % depth == index ? call.Input(2)[0] : call.Input(3)[0];
        }
    }

    /// <summary>Where the elements of a smaller tensor lie in a larger one, from its first on.</summary>
    private static int[] Positions(int[] shape, int[] part)
    {
        var map = new int[part.Aggregate(1, (a, b) => a * b)];
        for (int i = 0; i < map.Length; i++)
        {
            int rest = i, step = 1;
            for (int d = part.Length - 1; d >= 0; d--)
            {
                map[i] += rest % part[d] * step;
                rest /= part[d];
                step *= shape[d];
            }
        }

        return map;
    }

    private static int Index(FloatCall call, float value, int size)
    {
        int index = (int)value < 0 ? (int)value + size : (int)value;
        return index >= 0 && index < size ? index
            : throw new ModelFormatException($"The {call.Node} is asked for index {(int)value} of a dimension of {size}: check the model's input.");
    }

    /// <summary>For each output element the number of the input element, from 1 on; 0 is the background.</summary>
    private sealed class Maps
    {
        public Maps(FloatCall call)
        {
            Node node = call.Node;
            var op = (MovementOperator)OperatorTable.Find(node)!;
            var starts = new Dictionary<int, int>();
            var numbers = new Dictionary<int, byte[]>();
            int next = 1;
            foreach (int input in op.DataInputs(node))
            {
                starts[input] = next;
                numbers[input] = [.. Enumerable.Range(next, call.Input(input).Length).SelectMany(BitConverter.GetBytes)];
                next += call.Input(input).Length;
            }

            Node proxy = Proxy(node, [.. op.DataInputs(node)]);
            string[] reasons = [.. op.Check(proxy)];
            if (reasons.Length > 0) throw new UnsupportedModelException([.. reasons.Select(r => $"The {node} cannot run: {r}")]);
            int[][] maps = [.. node.Outputs.Select((o, i) => Integers(op.Plan(proxy, i).Apply(input => numbers[input], 4 * o.Count)))];
            All = (starts, maps);
        }

        public (Dictionary<int, int> Starts, int[][] Maps) All { get; }

        /// <summary>The node with element numbers, of 4 bytes and without a scale, in the place of its elements.</summary>
        private static Node Proxy(Node node, int[] data)
        {
            static Tensor Number(Tensor t) => new() { Name = t.Name, Type = TfliteType.INT32, Shape = t.Shape };
            Tensor? Input(Tensor? t, int i) =>
                t is null ? null : data.Contains(i) ? Number(t) : node.Operator == BuiltinOperator.PADV2 && i == 2 ? Zero(t) : t;
            return new Node
            {
                Operator = node.Operator,
                Options = node.Options is ConcatenationOptions o ? o with { Activation = TfliteActivation.NONE } : node.Options,
                Inputs = [.. node.Inputs.Select(Input)], Outputs = [.. node.Outputs.Select(Number)], Origin = node.Origin,
            };
        }

        private static Tensor Zero(Tensor t) => new() { Name = t.Name, Type = TfliteType.INT32, Shape = t.Shape, Data = new byte[4] };

        private static int[] Integers(byte[] bytes) => [.. Enumerable.Range(0, bytes.Length / 4).Select(i => BitConverter.ToInt32(bytes, 4 * i))];
    }
}
