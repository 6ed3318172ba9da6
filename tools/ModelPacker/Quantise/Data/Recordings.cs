using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;

namespace TinyAI.ModelPacker.Quantise.Data;

/// <summary>
/// Recordings of a sensor as a model's inputs: rows of channels, cut into windows that do not overlap. Where the metadata
/// describe the sensor, rows become the model's numbers as on the device: (value / countsPerUnit + offset) / divisor, where
/// values without fractions are raw counts and others are in units already.
/// </summary>
internal sealed class Recordings
{
    private readonly Tensor _input;
    private readonly Metadata _metadata;
    private readonly SensorChannel[] _sensor;
    private readonly int _channels;

    public Recordings(Graph graph, Metadata metadata)
    {
        if (graph.Inputs.Count != 1) throw new ModelFormatException($"The model has {graph.Inputs.Count} inputs, which recordings cannot fill: give NNN.in0.bin, NNN.in1.bin … in the folder.");
        (_input, _metadata, _sensor) = (graph.Inputs[0], metadata, metadata.Input?.Channels ?? []);
        int[] shape = _input.Shape;
        _channels = _sensor.Length > 0 ? _sensor.Length : shape.Length == 0 ? 1 : shape[^1] > 1 || shape.Length < 2 ? shape[^1] : shape[^2];
        if (_input.Count % _channels != 0) throw new ModelFormatException($"The model's input {_input} does not divide into rows of {_channels} channels.");
    }

    private int Window => _input.Count / _channels;

    /// <summary>Reads every recording of a folder and of the folders in it.</summary>
    public CalibrationData Load(string folder)
    {
        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f).ToLowerInvariant() is ".csv" or ".npy").Order(StringComparer.Ordinal)];
        if (files.Length == 0) throw new ModelFormatException($"The folder {folder} holds no NNN.in.bin, .csv or .npy: there is nothing to calibrate with.");
        var cases = new List<float[][]>();
        var labels = new List<int?>();
        int rowsLeft = 0;
        foreach (string file in files)
        {
            string? place = Path.GetFullPath(Path.GetDirectoryName(file)!) == Path.GetFullPath(folder) ? null : Path.GetFileName(Path.GetDirectoryName(file));
            foreach ((string? label, float[] values) in Path.GetExtension(file).ToLowerInvariant() == ".npy" ? Array(file) : Rows(file))
            {
                if (!values.All(float.IsFinite)) throw new ModelFormatException($"{file} holds a value that is not a finite number: correct or remove it.");
                for (int at = 0; at + _input.Count <= values.Length; at += _input.Count)
                {
                    cases.Add([values[at..(at + _input.Count)]]);
                    labels.Add(ClassOf(label ?? place, Path.GetFileNameWithoutExtension(file)));
                }

                rowsLeft += values.Length % _input.Count / _channels;
            }
        }

        if (cases.Count == 0) throw new ModelFormatException($"No recording in {folder} has {Window} rows of {_channels} channels, which is one window of the model's input {_input}.");
        var notes = new List<string>();
        if (rowsLeft > 0) notes.Add($"{rowsLeft} rows at the ends of recordings fill no window and are left out.");
        if (labels.Contains(null) && labels.Any(l => l is not null)) notes.Add("Some recordings have no label that the model knows, so accuracy is not measured.");
        return new CalibrationData(cases, labels.Contains(null) ? null : [.. labels.Select(l => l!.Value)], notes);
    }

    /// <summary>The class that a label names, or else the one label that the file's name contains.</summary>
    private int? ClassOf(string? label, string name)
    {
        if (label is not null && CalibrationData.ClassOf(label, _metadata) is { } known) return known;
        int[] named = [.. Enumerable.Range(0, _metadata.Labels.Length).Where(i => name.Contains(_metadata.Labels[i], StringComparison.OrdinalIgnoreCase))];
        return named.Length == 1 ? named[0] : null;
    }

    private IEnumerable<(string? Label, float[] Values)> Rows(string file)
    {
        List<(string? Label, List<double[]> Rows)> recordings = SensorCsv.ReadLabelled(file, _channels);
        bool physical = recordings.Any(r => r.Rows.Any(row => row.Any(v => v != Math.Floor(v))));
        return recordings.Select(r => (r.Label, Normalised([.. r.Rows.SelectMany(row => row)], physical)));
    }

    /// <summary>An array is one recording [rows, channels], one case of the input's shape, or several [n, …].</summary>
    private IEnumerable<(string? Label, float[] Values)> Array(string file)
    {
        NumpyFile array = NumpyFile.Read(file);
        int[] shape = [.. array.Shape.Where(d => d != 1)], input = [.. _input.Shape.Where(d => d != 1)];
        bool cases = shape.AsSpan().SequenceEqual(input) || (shape.Length == input.Length + 1 && shape.AsSpan(1).SequenceEqual(input));
        bool rows = array.Shape.Length == 2 && array.Shape[1] == _channels;
        if (!cases && !rows)
            throw new ModelFormatException($"{file} has the shape [{string.Join(',', array.Shape)}]; the model's input is {_input}: give rows of {_channels} channels, or arrays of the input's shape.");
        bool physical = array.Values.Any(v => v != Math.Floor(v));
        return [(null, rows ? Normalised([.. array.Values.Select(v => (double)v)], physical) : array.Values)];
    }

    private float[] Normalised(double[] values, bool physical) => _sensor.Length == 0 ? [.. values.Select(v => (float)v)] :
        [.. values.Select((v, i) => _sensor[i % _sensor.Length] is var c ? (float)(((physical ? v : v / c.CountsPerUnit) + c.Offset) / c.Divisor) : 0)];
}
