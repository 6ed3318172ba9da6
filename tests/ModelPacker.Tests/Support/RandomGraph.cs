using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>
/// A random graph of moving and element-wise operators with streaming variables, all int8 of one scale, and its plain
/// evaluation: each operator packed and run alone, every tensor in memory of its own.
/// </summary>
public sealed class RandomGraph
{
    private const int MostElements = 1500;
    private const float Scale = 0.5f;
    private const int ZeroPoint = 3;

    private readonly Random _random;
    private readonly List<int[]> _shapes = [];
    private readonly List<Step> _steps = [];
    private readonly List<int> _inputs = [];
    private readonly List<int> _variables = [];
    private readonly Dictionary<int, byte[]> _state = [];
    private readonly Dictionary<Step, ModelRunner> _alone = [];

    private sealed record Step(BuiltinOperator Operator, TfliteOptions? Options, int[] Inputs, int[] Outputs, (int[] Shape, int[] Values)[] Constants, int Variable = -1);

    /// <summary>Makes the graph.</summary>
    public RandomGraph(int seed)
    {
        _random = new Random(seed);
        for (int i = _random.Next(1, 4); i > 0; i--) _inputs.Add(Tensor(_random.Shape(_random.Next(1, 5))));
        for (int i = _random.Next(5, 22); i > 0; i--) AddStep();
        HashSet<int> read = [.. _steps.SelectMany(s => s.Inputs)];
        Outputs = [.. Enumerable.Range(0, _shapes.Count).Where(t => !_inputs.Contains(t) && (!read.Contains(t) || _random.Next(5) == 0))];
        if (Outputs.Count == 0) Outputs = [Moved(BuiltinOperator.TILE, null, [_inputs[0]], _shapes[_inputs[0]], ([_shapes[_inputs[0]].Length], [.. _shapes[_inputs[0]].Select(_ => 1)]))];
    }

    /// <summary>The tensors that the model gives out.</summary>
    public List<int> Outputs { get; }

    /// <summary>Names of the operators, for messages.</summary>
    public override string ToString() => string.Join(" ", _steps.Select(s => $"{string.Join('+', s.Inputs)}-{s.Operator}->{string.Join('+', s.Outputs)}"));

    /// <summary>The whole graph as a file.</summary>
    public byte[] File()
    {
        var builder = new TfliteModelBuilder();
        int[] tensors = [.. _shapes.Select((s, i) => builder.AddTensor($"t{i}", TfliteType.INT8, s, Scale, ZeroPoint))];
        int[] handles = [.. _variables.Select((_, v) => builder.AddTensor($"v{v}", TfliteType.RESOURCE, []))];
        for (int v = 0; v < handles.Length; v++) builder.AddOperator(BuiltinOperator.VAR_HANDLE, [], [handles[v]], new VarHandleOptions("", $"v{v}"));
        foreach (Step step in _steps) Add(builder, step, i => tensors[i], handles);
        builder.SetInputs([.. _inputs.Select(i => tensors[i])]).SetOutputs([.. Outputs.Select(i => tensors[i])]);
        return TfliteWriter.Write(builder.Build());
    }

    /// <summary>Random input tensors.</summary>
    public byte[][] RandomInputs() => [.. _inputs.Select(i =>
    {
        var bytes = new byte[Count(_shapes[i])];
        _random.NextBytes(bytes);
        return bytes;
    })];

    /// <summary>What the outputs must be; variables keep their values from call to call.</summary>
    public byte[][] Evaluate(byte[][] inputs)
    {
        var values = new Dictionary<int, byte[]>();
        for (int i = 0; i < inputs.Length; i++) values[_inputs[i]] = inputs[i];
        foreach (Step step in _steps)
        {
            if (step.Operator == BuiltinOperator.READ_VARIABLE)
            {
                if (!_state.TryGetValue(step.Variable, out byte[]? state)) Array.Fill(state = new byte[Count(_shapes[step.Outputs[0]])], (byte)ZeroPoint);
                values[step.Outputs[0]] = state;
                continue;
            }

            if (step.Operator == BuiltinOperator.ASSIGN_VARIABLE)
            {
                _state[step.Variable] = values[step.Inputs[0]];
                continue;
            }

            if (!_alone.TryGetValue(step, out ModelRunner? runner)) _alone[step] = runner = Alone(step);
            byte[][] results = runner.Run([.. step.Inputs.Select(i => values[i])]);
            for (int o = 0; o < results.Length; o++) values[step.Outputs[o]] = results[o];
        }

        return [.. Outputs.Select(o => values[o])];
    }

    private ModelRunner Alone(Step step)
    {
        var builder = new TfliteModelBuilder();
        int[] inputs = [.. step.Inputs.Select((t, i) => builder.AddTensor($"in{i}", TfliteType.INT8, _shapes[t], Scale, ZeroPoint))];
        Dictionary<int, int> outputs = step.Outputs.ToDictionary(t => t, t => builder.AddTensor($"out{t}", TfliteType.INT8, _shapes[t], Scale, ZeroPoint));
        int next = 0;
        Add(builder, step, t => outputs.TryGetValue(t, out int o) ? o : inputs[next++], []);
        builder.SetInputs(inputs).SetOutputs([.. step.Outputs.Select(t => outputs[t])]);
        return new ModelRunner(Packer.Pack(TfliteWriter.Write(builder.Build()), "alone").Pack);
    }

    private static void Add(TfliteModelBuilder builder, Step step, Func<int, int> tensor, int[] handles)
    {
        int[] inputs = [.. step.Inputs.Select(tensor)], outputs = [.. step.Outputs.Select(tensor)];
        int[] constants = [.. step.Constants.Select(c => builder.AddConstant("constant", TfliteType.INT32, c.Shape, c.Values))];
        int[] operands = step.Variable >= 0 ? [handles[step.Variable], .. inputs] : [.. inputs, .. constants];
        builder.AddOperator(step.Operator, operands, outputs, step.Options);
    }

    private static int Count(int[] shape) => shape.Aggregate(1, (a, b) => a * b);

    private int Tensor(int[] shape)
    {
        _shapes.Add(shape);
        return _shapes.Count - 1;
    }

    private int Moved(BuiltinOperator op, TfliteOptions? options, int[] inputs, int[] shape, params (int[] Shape, int[] Values)[] constants)
    {
        int output = Tensor(shape);
        _steps.Add(new Step(op, options, inputs, [output], constants));
        return output;
    }

    private int[] Like(int tensor, int axis = -1) => [.. Enumerable.Range(0, _shapes.Count).Where(t =>
        _shapes[t].Length == _shapes[tensor].Length && !_shapes[t].Where((n, d) => d != axis && n != _shapes[tensor][d]).Any())];

    private int Pick(int[] tensors) => tensors[_random.Next(tensors.Length)];

    private void AddStep()
    {
        int from = _random.Next(3) == 0 ? _random.Next(_shapes.Count) : Math.Max(0, _shapes.Count - 1 - _random.Next(4));
        int[] shape = _shapes[from];
        int rank = shape.Length, axis = rank == 0 ? 0 : _random.Next(rank);
        if (rank == 0) return;
        switch (_random.Next(17))
        {
            case 0 or 1:
                int[] parts = [from, .. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => Pick(Like(from, axis)))];
                _random.Shuffle(parts);
                int[] joined = [.. shape];
                joined[axis] = parts.Sum(p => _shapes[p][axis]);
                if (Count(joined) <= MostElements) Moved(BuiltinOperator.CONCATENATION, new ConcatenationOptions(axis), parts, joined);
                break;
            case 2 when shape[axis] > 1:
                int first = _random.Next(1, shape[axis]);
                int[] low = [.. shape], high = [.. shape];
                (low[axis], high[axis]) = (first, shape[axis] - first);
                _steps.Add(new Step(BuiltinOperator.SPLIT_V, new SplitVOptions(2), [from], [Tensor(low), Tensor(high)], [([2], [first, shape[axis] - first]), ([], [axis])]));
                break;
            case 3:
                int[] begin = [.. shape.Select(n => _random.Next(2) * _random.Next(n))];
                int[] size = [.. shape.Select((n, d) => d == 0 || _random.Next(2) == 0 ? n - begin[d] : _random.Next(1, n - begin[d] + 1))];
                Moved(BuiltinOperator.SLICE, null, [from], size, ([rank], begin), ([rank], size));
                break;
            case 4:
                int[] pads = [.. Enumerable.Range(0, 2 * rank).Select(i => i / 2 == axis ? _random.Next(3) : 0)];
                int[] padded = [.. shape.Select((n, d) => n + pads[2 * d] + pads[2 * d + 1])];
                if (Count(padded) <= MostElements) Moved(BuiltinOperator.PAD, null, [from], padded, ([rank, 2], pads));
                break;
            case 5:
                int[] permutation = [.. Enumerable.Range(0, rank)];
                _random.Shuffle(permutation);
                Moved(BuiltinOperator.TRANSPOSE, null, [from], [.. permutation.Select(p => shape[p])], ([rank], permutation));
                break;
            case 6:
                int[] flat = _random.Next(2) == 0 ? [Count(shape)] : [1, .. shape.Take(rank > 3 ? 0 : rank), .. rank > 3 ? [Count(shape)] : (int[])[]];
                Moved(BuiltinOperator.RESHAPE, new ReshapeOptions(flat), [from], flat);
                break;
            case 7 when rank < 4:
                int[] same = [from, .. Enumerable.Range(0, _random.Next(3)).Select(_ => Pick(Like(from)))];
                Moved(BuiltinOperator.PACK, new PackOptions(same.Length, axis), same, [.. shape[..axis], same.Length, .. shape[axis..]]);
                break;
            case 8 when rank > 1 && shape[axis] < 4:
                int[] slice = [.. shape[..axis], .. shape[(axis + 1)..]];
                _steps.Add(new Step(BuiltinOperator.UNPACK, new UnpackOptions(shape[axis], axis), [from], [.. Enumerable.Range(0, shape[axis]).Select(_ => Tensor(slice))], []));
                break;
            case 9:
                int[] indices = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => _random.Next(shape[axis]))];
                int[] gathered = [.. shape];
                gathered[axis] = indices.Length;
                Moved(BuiltinOperator.GATHER, new GatherOptions(axis), [from], gathered, ([indices.Length], indices));
                break;
            case 10 or 11:
                (BuiltinOperator Operator, TfliteOptions? Options) two = _random.Next(3) switch
                {
                    0 => (BuiltinOperator.ADD, new AddOptions()), 1 => (BuiltinOperator.SUB, new SubOptions()), _ => (BuiltinOperator.MUL, new MulOptions()),
                };
                Moved(two.Operator, two.Options, _random.Next(2) == 0 ? [from, Pick(Like(from))] : [Pick(Like(from)), from], shape);
                break;
            case 12 when rank > 1:
                // A row of the tensor itself, spread over the tensor: the view must survive an addition in place.
                int[] row = [.. shape.Select((n, d) => d == 0 ? 1 : n)];
                int part = Moved(BuiltinOperator.SLICE, null, [from], row, ([rank], [.. shape.Select((n, d) => d == 0 ? _random.Next(n) : 0)]), ([rank], row));
                Moved(BuiltinOperator.ADD, new AddOptions(), _random.Next(2) == 0 ? [from, part] : [part, from], shape);
                break;
            case 13:
                Moved(BuiltinOperator.RELU, null, [from], shape);
                break;
            case 14 when rank == 4:
                int[] larger = [shape[0], shape[1] + _random.Next(3), shape[2] * 2, shape[3]];
                if (Count(larger) <= MostElements) Moved(BuiltinOperator.RESIZE_NEAREST_NEIGHBOR, new ResizeNearestNeighborOptions(), [from], larger, ([2], larger[1..3]));
                break;
            case 15:
                if (_variables.Count == 0 || _random.Next(3) == 0) _variables.Add(from);
                int variable = _random.Next(_variables.Count);
                _steps.Add(new Step(BuiltinOperator.READ_VARIABLE, null, [], [Tensor(_shapes[_variables[variable]])], [], variable));
                break;
            case 16 when _variables.Count > 0:
                int assigned = _random.Next(_variables.Count);
                _steps.Add(new Step(BuiltinOperator.ASSIGN_VARIABLE, null, [Pick(Like(_variables[assigned]))], [], [], assigned));
                break;
        }
    }
}
