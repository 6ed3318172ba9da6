using System.Reflection;
using TinyAI.Kernels;
using TinyAI.TinyRuntime;

namespace TinyAI.CostModel;

/// <summary>What one layer of a pack costs.</summary>
/// <param name="Index">Position in the pack.</param>
/// <param name="Kind">One of PackFormat's Kind constants.</param>
/// <param name="Origin">Index of the operator in the original model.</param>
/// <param name="Cost">Cost of the layer, with the session's work on its record.</param>
public sealed record LayerCost(int Index, int Kind, int Origin, CostReport Cost);

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
    private readonly MethodInfo _runLayer, _writeBytes, _readBytes, _reset;

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
        for (int i = 0; i < inputs.Count; i++) _writeBytes.Invoke(_session, [i, inputs[i], 0]);
        var layers = new List<LayerCost>();
        Execution total = _code.Count(() =>
        {
            int at = _model.Word(PackFormat.LayersAt);
            for (int i = 0; i < _model.Word(PackFormat.LayerCountAt); i++)
            {
                int kind = _model.Word(at + 4 * PackFormat.LayerKind), origin = _model.Word(at + 4 * PackFormat.LayerOrigin);
                Execution one = _code.Count(() => at = (int)_runLayer.Invoke(_session, [at])!);
                layers.Add(new LayerCost(i, kind, origin, one.Weigh(table)));
            }
        });
        var outputs = new byte[_model.OutputCount][];
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = new byte[_model.Output(i).Size];
            _readBytes.Invoke(_session, [i, outputs[i], 0]);
        }

        return new PackPrediction(total.Weigh(table), layers, outputs);
    }

    /// <inheritdoc/>
    public void Dispose() => _code.Dispose();
}
