using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Run;

/// <summary>
/// Runs a pack on the desktop with the device's own code, taking and giving raw little-endian tensors in the original
/// model's types: where a border is float, it converts with TFLite's QUANTIZE and DEQUANTIZE formulas.
/// </summary>
public sealed class ModelRunner : IModelRunner
{
    private readonly Session _session;
    private readonly TensorInfo[] _inputs;
    private readonly TensorInfo[] _outputs;

    /// <summary>Loads a pack and creates a session.</summary>
    /// <exception cref="PackException">The pack is damaged.</exception>
    public ModelRunner(byte[] pack)
        : this(new ByteArraySource(pack))
    {
    }

    /// <summary>The same from any source.</summary>
    public ModelRunner(IPackSource source)
    {
        Model = Model.Load(source);
        _session = Model.CreateSession();
        _inputs = [.. Enumerable.Range(0, Model.InputCount).Select(Model.Input)];
        _outputs = [.. Enumerable.Range(0, Model.OutputCount).Select(Model.Output)];
    }

    /// <summary>The loaded model.</summary>
    public Model Model { get; }

    /// <summary>Number of inputs.</summary>
    public int InputCount => _inputs.Length;

    /// <summary>Number of outputs.</summary>
    public int OutputCount => _outputs.Length;

    /// <summary>Bytes of an input in the model's own type.</summary>
    public int InputBytes(int index) => ModelBytes(_inputs[index]);

    /// <summary>Bytes of an output in the model's own type.</summary>
    public int OutputBytes(int index) => ModelBytes(_outputs[index]);

    /// <summary>Bytes of one element of an output in the model's own type.</summary>
    public int OutputElementBytes(int index) => OutputBytes(index) / _outputs[index].Shape.Aggregate(1, (a, b) => a * b);

    /// <summary>The last layer that writes into an output's memory, for messages.</summary>
    public string WriterOf(int index)
    {
        TensorInfo output = _outputs[index];
        string writer = "no layer";
        foreach ((int i, int at) in PackRecords.Of(Model).Index())
        {
            int Field(int word) => Model.Word(at + 4 * word);
            int from = Field(PackFormat.LayerOutput + 1), to = from + Field(PackFormat.LayerOutput + 2);
            if (Field(PackFormat.LayerOutput) == output.Block && from < output.Offset + output.Size && output.Offset < to)
                writer = $"layer {i} ({KernelOf(Field(PackFormat.LayerKind))}, operator {Field(PackFormat.LayerOrigin)} of the model)";
        }

        return writer;
    }

    /// <summary>Name of a kind of layer.</summary>
    internal static string KernelOf(int kind) =>
        typeof(PackFormat).GetFields().FirstOrDefault(f => f.Name.StartsWith("Kind", StringComparison.Ordinal) && (int)f.GetRawConstantValue()! == kind)?.Name[4..] ?? $"kind {kind}";

    /// <summary>Gives states their initial values.</summary>
    public void Reset() => _session.Reset();

    /// <summary>One inference: tensors in, tensors out, in the model's own types.</summary>
    public byte[][] Run(IReadOnlyList<byte[]> inputs)
    {
        byte[][] values = [.. _inputs.Select((input, i) => ToSession(input, inputs[i]))];
        Run(_session, values);
        var outputs = new byte[_outputs.Length][];
        for (int i = 0; i < outputs.Length; i++)
        {
            var bytes = new byte[_outputs[i].Size];
            _session.ReadBytes(i, bytes, 0);
            outputs[i] = ToModel(_outputs[i], bytes);
        }

        return outputs;
    }

    /// <summary>Runs a session. A pack whose checksum fits but whose numbers do not is a forger's work, not damage.</summary>
    /// <exception cref="PackException">A layer leaves its tensors.</exception>
    internal static void Run(Session session, byte[][] inputs)
    {
        try
        {
            if (session.IsFed)
            {
                session.Feed([.. inputs[0].Select(b => (sbyte)b)], 0, session.FeedRows);
                return;
            }

            for (int i = 0; i < inputs.Length; i++) session.WriteBytes(i, inputs[i], 0);
            session.Run();
        }
        catch (Exception e) when (e is IndexOutOfRangeException or DivideByZeroException or NullReferenceException or ArgumentException)
        {
            throw new PackException("A layer of the pack reaches outside its tensors: the pack was not made by this packer; pack the model again.");
        }
    }

    private static int ModelBytes(TensorInfo tensor) =>
        tensor.ModelType switch { PackFormat.TypeFloat32 or PackFormat.TypeFloat32Even => 4, PackFormat.TypeInt64 when tensor.Type == PackFormat.TypeInt32 => 8, _ => 0 } is > 0 and var width
            ? tensor.Shape.Aggregate(1, (a, b) => a * b) * width : tensor.Size;

    /// <summary>round(x / scale) + zero point, clamped; TFLite reference quantize.h with a float division.</summary>
    internal static byte[] ToSession(TensorInfo tensor, byte[] values)
    {
        if (tensor.ModelType == PackFormat.TypeInt64 && tensor.Type == PackFormat.TypeInt32) return Narrow(values);
        if (!IsFloat(tensor)) return values;
        if (tensor.Type == PackFormat.TypeInt32) return Cut(values);
        (int low, int high) = Range(tensor.Type);
        float scale = BitConverter.Int32BitsToSingle(tensor.ScaleBits);
        MidpointRounding half = tensor.ModelType == PackFormat.TypeFloat32Even ? MidpointRounding.ToEven : MidpointRounding.AwayFromZero;
        var bytes = new byte[tensor.Size];
        int width = bytes.Length * 4 / values.Length;
        for (int i = 0; i < values.Length / 4; i++)
        {
            float rounded = MathF.Round(BitConverter.ToSingle(values, 4 * i) / scale, half);
            int q = float.IsNaN(rounded) ? tensor.ZeroPoint : (int)Math.Clamp((double)rounded + tensor.ZeroPoint, low, high);
            bytes[width * i] = (byte)q;
            if (width == 2) bytes[2 * i + 1] = (byte)(q >> 8);
        }

        return bytes;
    }

    /// <summary>scale * (q - zero point) in double, rounded to float; TFLite reference dequantize.h.</summary>
    internal static byte[] ToModel(TensorInfo tensor, byte[] bytes)
    {
        if (tensor.ModelType == PackFormat.TypeInt64 && tensor.Type == PackFormat.TypeInt32) return Widen(bytes);
        if (!IsFloat(tensor)) return bytes;
        float scale = BitConverter.Int32BitsToSingle(tensor.ScaleBits);
        var values = new byte[ModelBytes(tensor)];
        for (int i = 0; i < values.Length / 4; i++)
        {
            int q = tensor.Type switch
            {
                PackFormat.TypeUInt8 => bytes[i],
                PackFormat.TypeInt16 => BitConverter.ToInt16(bytes, 2 * i),
                _ => (sbyte)bytes[i],
            };
            BitConverter.TryWriteBytes(values.AsSpan(4 * i), (float)((double)scale * (q - tensor.ZeroPoint)));
        }

        return values;
    }

    private static bool IsFloat(TensorInfo tensor) => tensor.ModelType is PackFormat.TypeFloat32 or PackFormat.TypeFloat32Even;

    /// <summary>int64 as int32; what does not fit is cut to the nearest end.</summary>
    private static byte[] Narrow(byte[] values)
    {
        var narrow = new byte[values.Length / 2];
        for (int i = 0; i < values.Length / 8; i++)
            BitConverter.TryWriteBytes(narrow.AsSpan(4 * i), (int)Math.Clamp(BitConverter.ToInt64(values, 8 * i), int.MinValue, int.MaxValue));
        return narrow;
    }

    /// <summary>Real numbers that stand for integers, cut towards zero; an int32 tensor has no scale.</summary>
    private static byte[] Cut(byte[] values)
    {
        var integers = new byte[values.Length];
        for (int i = 0; i < values.Length; i += 4)
        {
            float value = BitConverter.ToSingle(values, i);
            BitConverter.TryWriteBytes(integers.AsSpan(i), float.IsNaN(value) ? 0 : (int)Math.Clamp((double)value, int.MinValue, int.MaxValue));
        }

        return integers;
    }

    private static byte[] Widen(byte[] values)
    {
        var wide = new byte[values.Length * 2];
        for (int i = 0; i < values.Length / 4; i++) BitConverter.TryWriteBytes(wide.AsSpan(8 * i), (long)BitConverter.ToInt32(values, 4 * i));
        return wide;
    }

    private static (int Low, int High) Range(int type) => type switch
    {
        PackFormat.TypeUInt8 => (0, 255),
        PackFormat.TypeInt16 => (short.MinValue, short.MaxValue),
        _ => (-128, 127),
    };
}
