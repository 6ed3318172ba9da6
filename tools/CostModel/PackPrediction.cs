using System.Reflection;
using TinyAI.Kernels;
using TinyAI.TinyRuntime;

namespace TinyAI.CostModel;

/// <summary>What one layer of a pack costs, or several that run row by row together.</summary>
/// <param name="Index">Position in the pack.</param>
/// <param name="Kind">One of PackFormat's Kind constants.</param>
/// <param name="Origin">Index of the operator in the original model.</param>
/// <param name="Cost">Cost of the layer, with the session's work on its record.</param>
public sealed record LayerCost(int Index, int Kind, int Origin, CostReport Cost)
{
    /// <summary>How many layers share this cost: more than 1 where rows of one alternate with rows of another.</summary>
    public int Layers { get; init; } = 1;

    /// <summary>Part of the cost: the kernels, without the session that reads the record and fetches the weights.</summary>
    public double KernelAdds => Cost.Methods.Where(m => m.Method.StartsWith("TinyAI.Kernels.", StringComparison.Ordinal)).Sum(m => m.Adds);
}

/// <summary>What one inference costs, as a whole and by layers, and the raw outputs it gave.</summary>
public sealed record PackPrediction(CostReport Total, IReadOnlyList<LayerCost> Layers, IReadOnlyList<byte[]> Outputs)
{
    /// <summary>Predicts the time of a pack on a board from an input that exercises it like any other (fixed noise).</summary>
    /// <exception cref="PackException">The pack is damaged.</exception>
    public static PackPrediction Predict(byte[] pack, CostTable table)
    {
        using var profiler = new PackProfiler(pack);
        return profiler.Run(profiler.Noise(), table);
    }
}

/// <summary>
/// Runs a pack in instrumented copies of the runtime and kernels that stand beside this assembly, layer by layer.
/// The weights are read in place; a source that copies adds its own time per page.
/// </summary>
public sealed class PackProfiler : IDisposable
{
    private readonly DeviceCode _code = DeviceCode.Load(typeof(Conv2D).Assembly.Location, typeof(Session).Assembly.Location);
    private readonly Model _model;
    private readonly object _session;
    private readonly MethodInfo _runLayer, _writeBytes, _readBytes, _reset, _feed;
    private readonly bool _isFed;

    /// <summary>Loads a pack.</summary>
    /// <exception cref="PackException">The pack is damaged.</exception>
    public PackProfiler(byte[] pack)
    {
        _model = Model.Load(new ByteArraySource(pack));
        object source = Activator.CreateInstance(_code.Type(typeof(ByteArraySource).FullName!), pack)!;
        object model = _code.Type(typeof(Model).FullName!).GetMethod(nameof(Model.Load))!.Invoke(null, [source])!;
        _session = model.GetType().GetMethod(nameof(Model.CreateSession), [])!.Invoke(model, null)!;
        Type type = _session.GetType();
        // The loop over layers is written out here, so that counters can be read between them.
        _runLayer = type.GetMethod(nameof(Session.RunLayer))!;
        _writeBytes = type.GetMethod(nameof(Session.WriteBytes))!;
        _readBytes = type.GetMethod(nameof(Session.ReadBytes))!;
        _reset = type.GetMethod(nameof(Session.Reset))!;
        _feed = type.GetMethod(nameof(Session.Feed))!;
        _isFed = (bool)type.GetProperty(nameof(Session.IsFed))!.GetValue(_session)!;
    }

    /// <summary>Bytes of IL in runtime and kernels together.</summary>
    public int CodeBytes => _code.CodeBytes;

    /// <summary>Inputs of the model's size with the same noise every time.</summary>
    public byte[][] Noise()
    {
        uint state = 1;
        var inputs = new byte[_model.InputCount][];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = new byte[_model.Input(i).Size];
            for (int b = 0; b < inputs[i].Length; b++)
            {
                state = state * 1664525 + 1013904223;
                inputs[i][b] = (byte)(state >> 24);
            }
        }

        return inputs;
    }

    /// <summary>Gives the states of a streaming model their initial values.</summary>
    public void Reset() => _reset.Invoke(_session, null);

    /// <summary>One inference on raw session tensors. States of streaming models last from run to run.</summary>
    public PackPrediction Run(IReadOnlyList<byte[]> inputs, CostTable table)
    {
        for (int i = 0; i < inputs.Count && !_isFed; i++) _writeBytes.Invoke(_session, [i, inputs[i], 0]);
        var layers = new List<LayerCost>();
        Execution total = _isFed ? _code.Count(() => Feed(inputs[0])) : _code.Count(() =>
        {
            int at = _model.Word(PackFormat.LayersAt);
            for (int record = 0, i = 0; record < _model.Word(PackFormat.LayerCountAt);)
            {
                int kind = _model.Word(at + 4 * PackFormat.LayerKind), origin = _model.Word(at + 4 * PackFormat.LayerOrigin);
                int members = MembersOf(at);
                Execution one = _code.Count(() => at = (int)_runLayer.Invoke(_session, [at])!);
                layers.Add(new LayerCost(i, kind, origin, one.Weigh(table)) { Layers = Math.Max(members, 1) });
                record += 1 + members;
                i += Math.Max(members, 1);
            }
        });
        if (_isFed) layers.Add(new LayerCost(0, PackFormat.KindRowGroup, 0, total.Weigh(table)) { Layers = CountLayers() });
        var outputs = new byte[_model.OutputCount][];
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = new byte[_model.Output(i).Size];
            _readBytes.Invoke(_session, [i, outputs[i], 0]);
        }

        return new PackPrediction(total.Weigh(table), layers, outputs);
    }

    /// <summary>Layers of the group whose record is at byte at; 0 where it is a layer's.</summary>
    private int MembersOf(int at) =>
        _model.Word(at) == PackFormat.KindRowGroup ? _model.Word(at + 4 * (PackFormat.LayerHeaderWords + PackFormat.GroupMembers)) : 0;

    private int CountLayers()
    {
        int layers = 0, at = _model.Word(PackFormat.LayersAt);
        for (int record = 0; record < _model.Word(PackFormat.LayerCountAt); record++)
        {
            if (MembersOf(at) == 0) layers++;
            int bytes = 4 * (PackFormat.LayerHeaderWords + _model.Word(at + 4 * PackFormat.LayerParameterWords));
            at += (bytes + PackFormat.Alignment - 1) / PackFormat.Alignment * PackFormat.Alignment;
        }

        return layers;
    }

    private void Feed(byte[] input)
    {
        sbyte[] values = [.. input.Select(b => (sbyte)b)];
        _feed.Invoke(_session, [values, 0, (int)_session.GetType().GetProperty(nameof(Session.FeedRows))!.GetValue(_session)!]);
    }

    /// <inheritdoc/>
    public void Dispose() => _code.Dispose();
}
