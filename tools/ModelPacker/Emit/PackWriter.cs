using System.Buffers.Binary;
using System.Text;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Plan;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit;

/// <summary>
/// Writes a planned model as a pack. The layout is that of <see cref="PackFormat"/>, which the device reads with; the
/// same model gives the same bytes. Equal constants are stored once.
/// </summary>
public sealed class PackWriter
{
    private readonly LoweredModel _model;
    private readonly Metadata _metadata;
    private readonly IReadOnlyList<Golden> _goldens;
    private readonly MemoryStream _weights = new();
    private readonly Dictionary<string, int> _stored = [];

    private PackWriter(LoweredModel model, Metadata metadata, IReadOnlyList<Golden> goldens)
    {
        _model = model;
        _metadata = metadata;
        _goldens = goldens;
    }

    /// <summary>Returns the bytes of the pack.</summary>
    public static byte[] Write(
        LoweredModel model, MemoryPlan plan, Metadata metadata, int windowBytes, int sessionBytes, IReadOnlyList<Golden>? goldens = null)
    {
        if (plan.BlockBytes.Length > PackFormat.MaxBlocks)
            throw new UnsupportedModelException([$"The activations need {plan.BlockBytes.Length} arrays of at most {plan.BlockBytes.Max():N0} bytes, a pack has room for {PackFormat.MaxBlocks}: choose a board with larger arrays, or shrink the model."]);
        return new PackWriter(model, metadata, goldens ?? []).Build(plan, windowBytes, sessionBytes);
    }

    private byte[] Build(MemoryPlan plan, int windowBytes, int sessionBytes)
    {
        // Offsets of constants are needed in the records before them, so the sizes of all sections come first.
        int tensorsAt = PackFormat.HeaderBytes;
        int tensorCount = _model.Inputs.Count + _model.Outputs.Count + _model.States.Count;
        int layersAt = Align(tensorsAt + tensorCount * PackFormat.TensorBytes);
        int layersBytes = _model.Layers.Sum(l => PackCheck.RecordBytes(l.Parameters.Length)) + _model.Groups.Count * PackCheck.RecordBytes(PackFormat.GroupParameters);
        int metadataAt = Align(layersAt + layersBytes);
        byte[] metadata = MetadataBytes(metadataAt, out int labelsAt, out int normalisationAt, out int channels, out int goldensAt);
        int weightsAt = Align(metadataAt + metadata.Length);

        var records = new MemoryStream();
        for (int i = 0; i < _model.Layers.Count; i++)
        {
            if (_model.GroupOf(i) is { } group && group.Start == i) WriteGroup(records, group, weightsAt);
            WriteRecord(records, _model.Layers[i], weightsAt);
        }

        var tensors = new MemoryStream();
        foreach (Border border in _model.Inputs.Concat(_model.Outputs)) WriteBorder(tensors, border);
        foreach (State state in _model.States) WriteState(tensors, state, weightsAt);

        var pack = new byte[Align(weightsAt + (int)_weights.Length)];
        tensors.ToArray().CopyTo(pack, tensorsAt);
        records.ToArray().CopyTo(pack, layersAt);
        metadata.CopyTo(pack, metadataAt);
        _weights.ToArray().CopyTo(pack, weightsAt);

        void Header(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(pack.AsSpan(at), value);
        long macs = _model.Layers.Sum(l => l.Macs);
        Header(PackFormat.MagicAt, PackFormat.Magic);
        Header(PackFormat.VersionAt, PackFormat.Version);
        Header(PackFormat.TotalBytesAt, pack.Length);
        Header(PackFormat.LayerCountAt, _model.Layers.Count + _model.Groups.Count);
        Header(PackFormat.LayersAt, layersAt);
        Header(PackFormat.LayersBytesAt, layersBytes);
        Header(PackFormat.ParameterWordsAt, SessionHeap.ParameterWords(_model));
        Header(PackFormat.WindowBytesAt, windowBytes);
        Header(PackFormat.BlockCountAt, plan.BlockBytes.Length);
        Header(PackFormat.RecordsKeptAt, _model.KeepsRecords ? 1 : 0);
        Header(PackFormat.TensorsAt, tensorsAt);
        Header(PackFormat.InputCountAt, _model.Inputs.Count);
        Header(PackFormat.OutputCountAt, _model.Outputs.Count);
        Header(PackFormat.StateCountAt, _model.States.Count);
        Header(PackFormat.MetadataAt, metadataAt);
        Header(PackFormat.MetadataBytesAt, metadata.Length);
        Header(PackFormat.WeightsAt, weightsAt);
        Header(PackFormat.WeightsBytesAt, (int)_weights.Length);
        Header(PackFormat.SessionBytesAt, sessionBytes);
        Header(PackFormat.MacsLowAt, (int)macs);
        Header(PackFormat.MacsHighAt, (int)(macs >> 32));
        Header(PackFormat.NormalisationAt, normalisationAt);
        Header(PackFormat.NormalisationChannelsAt, channels);
        Header(PackFormat.LabelsAt, labelsAt);
        Header(PackFormat.LabelCountAt, _metadata.Labels.Length);
        Header(PackFormat.GoldensAt, goldensAt);
        Header(PackFormat.GoldenCountAt, _goldens.Count);
        for (int i = 0; i < plan.BlockBytes.Length; i++) Header(PackFormat.BlockSizesAt + 4 * i, plan.BlockBytes[i]);
        Header(PackFormat.CrcAt, new Crc32().Update(0, pack, PackFormat.CrcFrom, pack.Length - PackFormat.CrcFrom));
        return pack;
    }

    private static int Align(int at) => (at + PackFormat.Alignment - 1) / PackFormat.Alignment * PackFormat.Alignment;

    private void WriteRecord(MemoryStream stream, Layer layer, int weightsAt)
    {
        var words = new int[PackCheck.RecordBytes(layer.Parameters.Length) / 4];
        words[PackFormat.LayerKind] = layer.Kind;
        words[PackFormat.LayerParameterWords] = layer.Parameters.Length;
        words[PackFormat.LayerRows] = layer.Rows;
        words[PackFormat.LayerWeightsAt] = layer.Weights.Length == 0 ? 0 : weightsAt + Store(layer.Weights);
        words[PackFormat.LayerWeightsBytes] = layer.Weights.Length;
        words[PackFormat.LayerBlockBytes] = layer.BlockBytes;
        words[PackFormat.LayerOrigin] = layer.Origin.Origin;
        words[PackFormat.LayerSlot] = layer.Slot;
        Reference(words, PackFormat.LayerInput, layer.Input);
        Reference(words, PackFormat.LayerInput2, layer.Input2);
        Reference(words, PackFormat.LayerOutput, layer.Output);
        Reference(words, PackFormat.LayerScratch, layer.Scratch);
        layer.Parameters.CopyTo(words, PackFormat.LayerHeaderWords);
        foreach (int word in words) Word(stream, word);
    }

    private void WriteGroup(MemoryStream stream, RowGroup group, int weightsAt)
    {
        byte[] tables = GroupWriter.Tables(_model, group);
        var words = new int[PackCheck.RecordBytes(PackFormat.GroupParameters) / 4];
        words[PackFormat.LayerKind] = PackFormat.KindRowGroup;
        words[PackFormat.LayerParameterWords] = PackFormat.GroupParameters;
        words[PackFormat.LayerWeightsAt] = weightsAt + Store(tables);
        words[PackFormat.LayerWeightsBytes] = tables.Length;
        words[PackFormat.LayerOrigin] = _model.Layers[group.Start].Origin.Origin;
        foreach (int reference in new[] { PackFormat.LayerInput, PackFormat.LayerInput2, PackFormat.LayerOutput, PackFormat.LayerScratch }) words[reference] = -1;
        GroupWriter.Parameters(_model, group).CopyTo(words, PackFormat.LayerHeaderWords);
        foreach (int word in words) Word(stream, word);
    }

    /// <summary>An operand's memory; of a stream all that there is, whichever rows they are.</summary>
    private static void Reference(int[] words, int at, Place? place)
    {
        bool isStream = place?.Buffer.StreamBytes is not null;
        words[at] = place?.Buffer.Block ?? -1;
        words[at + 1] = place is { } p ? p.Buffer.Offset + (isStream ? 0 : p.Offset) : 0;
        words[at + 2] = (isStream ? place?.Buffer.Held : place?.Bytes) ?? 0;
    }

    private static void WriteBorder(MemoryStream stream, Border border)
    {
        Tensor tensor = border.Tensor;
        WriteTensor(
            stream, TypeOf(tensor.Type), tensor is { ModelType: TfliteType.FLOAT32, RoundedOnce: true } ? PackFormat.TypeFloat32Even : TypeOf(tensor.ModelType ?? tensor.Type), border.Place, tensor.Quantisation?.Scale ?? 0,
            tensor.Quantisation?.ZeroPoint ?? 0, tensor.Shape, 0);
    }

    private void WriteState(MemoryStream stream, State state, int weightsAt)
    {
        int type = state.ElementBytes switch { 2 => PackFormat.TypeInt16, 4 => PackFormat.TypeInt32, _ => PackFormat.TypeInt8 };
        int initial = state.Initial is null ? 0 : weightsAt + Store(state.Initial);
        WriteTensor(stream, type, type, state.Place, 0, state.ZeroPoint, [state.Place.Bytes / state.ElementBytes], initial);
    }

    private static void WriteTensor(
        MemoryStream stream, int type, int modelType, Place place, float scale, int zeroPoint, int[] shape, int initialAt)
    {
        Word(stream, type);
        Word(stream, modelType);
        Word(stream, place.Buffer.Block);
        Word(stream, place.Buffer.Offset + place.Offset);
        Word(stream, place.Bytes);
        Word(stream, BitConverter.SingleToInt32Bits(scale));
        Word(stream, zeroPoint);
        Word(stream, shape.Length);
        for (int i = 0; i < PackFormat.MaxRank; i++) Word(stream, i < shape.Length ? shape[i] : 0);
        Word(stream, initialAt);
        Word(stream, place.Buffer.StreamBytes ?? 0);
    }

    private static int TypeOf(TfliteType type) => type switch
    {
        TfliteType.UINT8 => PackFormat.TypeUInt8,
        TfliteType.INT16 => PackFormat.TypeInt16,
        TfliteType.INT32 => PackFormat.TypeInt32,
        TfliteType.FLOAT32 => PackFormat.TypeFloat32,
        TfliteType.INT64 => PackFormat.TypeInt64,
        _ => PackFormat.TypeInt8,
    };

    private byte[] MetadataBytes(int at, out int labelsAt, out int normalisationAt, out int channels, out int goldensAt)
    {
        var stream = new MemoryStream();
        Text(stream, _metadata.Name ?? _model.Name);
        labelsAt = _metadata.Labels.Length == 0 ? 0 : at + (int)stream.Length;
        foreach (string label in _metadata.Labels) Text(stream, label);
        SensorChannel[] sensor = _metadata.Input?.Channels ?? [];
        channels = sensor.Length;
        normalisationAt = channels == 0 ? 0 : at + (int)stream.Length;
        Tensor? input = _model.Inputs.FirstOrDefault()?.Tensor;
        foreach (SensorChannel channel in sensor)
        {
            (int multiplier, int shift, long offset) = channel.ToIntegers(input!.Scale, input.ZeroPoint);
            Word(stream, multiplier);
            Word(stream, shift);
            Word(stream, (int)offset);
            Word(stream, (int)(offset >> 32));
            Word(stream, BitConverter.SingleToInt32Bits((float)channel.CountsPerUnit));
        }

        goldensAt = _goldens.Count == 0 ? 0 : at + (int)stream.Length;
        foreach (Golden golden in _goldens)
        {
            stream.Write(golden.Inputs);
            while (stream.Length % 4 != 0) stream.WriteByte(0);
            foreach (int crc in golden.LayerCrcs) Word(stream, crc);
        }

        return stream.ToArray();
    }

    private static void Text(MemoryStream stream, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Word(stream, bytes.Length);
        stream.Write(bytes);
        while (stream.Length % 4 != 0) stream.WriteByte(0);
    }

    private static void Word(MemoryStream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        stream.Write(bytes);
    }

    /// <summary>Stores constants, aligned, and returns their offset in the weights section.</summary>
    private int Store(byte[] data)
    {
        string key = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(data)) + data.Length;
        if (_stored.TryGetValue(key, out int at)) return at;
        while (_weights.Length % PackFormat.Alignment != 0) _weights.WriteByte(0);
        at = (int)_weights.Length;
        _weights.Write(data);
        _stored[key] = at;
        return at;
    }
}
