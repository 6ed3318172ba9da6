using TinyAI.ModelPacker.Import;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Run;

/// <summary>What a window was taken for.</summary>
/// <param name="Label">Name of the class, or its index where the model has no labels.</param>
/// <param name="Index">Index of the class.</param>
/// <param name="Confidence">The winning output as a real number.</param>
public sealed record Decision(string Label, int Index, double Confidence);

/// <summary>
/// Classifies windows of sensor rows exactly as a device does: counts go through the pack's integer normalisation,
/// then the session. Rows in physical units are first turned into the counts that the sensor would have given. A
/// model without normalisation takes real numbers, quantised with its input scale.
/// </summary>
public sealed class WindowClassifier
{
    private readonly Model _model;
    private readonly Session _session;
    private readonly Normalisation? _normalisation;
    private readonly float[] _countsPerUnit;
    private readonly TensorInfo _input;
    private readonly TensorInfo _output;

    /// <summary>Loads a pack and creates a session.</summary>
    /// <exception cref="ModelFormatException">The model is not a classifier of windows.</exception>
    public WindowClassifier(byte[] pack)
    {
        _model = Model.Load(new ByteArraySource(pack));
        _session = _model.CreateSession();
        if (_model.InputCount != 1 || _model.OutputCount != 1)
            throw new ModelFormatException($"The model has {_model.InputCount} inputs and {_model.OutputCount} outputs; classify needs one of each.");
        _input = _model.Input(0);
        _output = _model.Output(0);
        if (_input.Type != PackFormat.TypeInt8 || _output.Type is not (PackFormat.TypeInt8 or PackFormat.TypeUInt8))
            throw new ModelFormatException("The model's input and output must be 8-bit or float for classify; use run for others.");
        _countsPerUnit = SensorCounts.PerUnit(_model);
        int channels = _countsPerUnit.Length;
        _normalisation = channels == 0 ? null : new Normalisation(_model);
        Channels = channels > 0 ? channels : _input.Shape[^1] > 1 || _input.Shape.Length < 2 ? _input.Shape[^1] : _input.Shape[^2];
        if (Channels < 1 || _input.Size % Channels != 0) throw new ModelFormatException($"The input of {_input.Size} values does not divide into rows of {Channels} channels.");
    }

    /// <summary>Values in a row.</summary>
    public int Channels { get; }

    /// <summary>Whether raw sensor counts can be classified: the pack says how they become the model's numbers.</summary>
    public bool TakesCounts => _normalisation is not null;

    /// <summary>Rows in a window.</summary>
    public int Window => _input.Size / Channels;

    /// <summary>Classifies Window rows of raw counts, row after row.</summary>
    public Decision Classify(short[] counts)
    {
        Normalisation normalisation = _normalisation ?? throw new PackException("The model carries no input normalisation for raw counts.");
        var values = new sbyte[_input.Size];
        normalisation.Apply(counts, 0, values, 0, values.Length);
        return Decide(values);
    }

    /// <summary>Classifies Window rows from a file, in counts or physical units.</summary>
    public Decision Classify(IReadOnlyList<double[]> rows, bool physical)
    {
        if (_normalisation is null)
        {
            float scale = BitConverter.Int32BitsToSingle(_input.ScaleBits);
            var values = new sbyte[_input.Size];
            for (int i = 0; i < values.Length; i++)
                values[i] = (sbyte)Math.Clamp(Math.Round(rows[i / Channels][i % Channels] / scale, MidpointRounding.AwayFromZero) + _input.ZeroPoint, -128, 127);
            return Decide(values);
        }

        return Classify(SensorCounts.Of(rows, _countsPerUnit, physical));
    }

    private Decision Decide(sbyte[] values)
    {
        ModelRunner.Run(_session, [[.. values.Select(v => (byte)v)]]);
        var bytes = new byte[_output.Size];
        _session.ReadBytes(0, bytes, 0);
        int Value(int i) => _output.Type == PackFormat.TypeUInt8 ? bytes[i] : (sbyte)bytes[i];
        int best = 0;
        for (int i = 1; i < bytes.Length; i++)
        {
            if (Value(i) > Value(best)) best = i;
        }

        double confidence = (double)BitConverter.Int32BitsToSingle(_output.ScaleBits) * (Value(best) - _output.ZeroPoint);
        return new Decision(best < _model.LabelCount ? _model.Label(best) : best.ToString(), best, confidence);
    }
}
