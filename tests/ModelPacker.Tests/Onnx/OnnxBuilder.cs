using Google.Protobuf;

namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>Writes ONNX files for tests: the messages of onnx.proto3, field by field.</summary>
public sealed class OnnxBuilder(long opset = 13)
{
    private readonly List<Action<CodedOutputStream>> _nodes = [];
    private readonly List<Action<CodedOutputStream>> _initialisers = [];
    private readonly List<Action<CodedOutputStream>> _inputs = [];
    private readonly List<Action<CodedOutputStream>> _outputs = [];

    /// <summary>Adds an input; a dimension is a number or the name of an open one.</summary>
    public OnnxBuilder Input(string name, int type, params object[] shape)
    {
        _inputs.Add(ValueInfo(name, type, shape));
        return this;
    }

    /// <summary>Adds an output without a shape.</summary>
    public OnnxBuilder Output(string name)
    {
        _outputs.Add(ValueInfo(name, 1, null));
        return this;
    }

    /// <summary>Adds stored floats.</summary>
    public OnnxBuilder Floats(string name, int[] shape, params float[] values) => Stored(name, 1, shape, [.. values.SelectMany(BitConverter.GetBytes)]);

    /// <summary>Adds stored int64.</summary>
    public OnnxBuilder Longs(string name, int[] shape, params long[] values) => Stored(name, 7, shape, [.. values.SelectMany(BitConverter.GetBytes)]);

    /// <summary>Adds a stored tensor of raw bytes.</summary>
    public OnnxBuilder Stored(string name, int type, int[] shape, byte[] raw)
    {
        _initialisers.Add(o => Tensor(o, name, type, shape, raw));
        return this;
    }

    /// <summary>Adds a tensor whose bytes stand in another file.</summary>
    public OnnxBuilder External(string name, int[] shape, string file, long offset, long length)
    {
        _initialisers.Add(o =>
        {
            Tensor(o, name, 1, shape, null);
            foreach ((string key, string value) in new[] { ("location", file), ("offset", $"{offset}"), ("length", $"{length}") })
            {
                Message(o, 13, e =>
                {
                    Text(e, 1, key);
                    Text(e, 2, value);
                });
            }

            o.WriteTag(14, WireFormat.WireType.Varint);
            o.WriteInt32(1);
        });
        return this;
    }

    /// <summary>Adds a node; attributes are long, float, string, long[] or float[].</summary>
    public OnnxBuilder Node(string op, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes) => Node("", op, inputs, outputs, attributes);

    /// <summary>Adds a node of a domain.</summary>
    public OnnxBuilder Node(string domain, string op, string[] inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        _nodes.Add(o =>
        {
            foreach (string input in inputs) Text(o, 1, input);
            foreach (string output in outputs) Text(o, 2, output);
            Text(o, 4, op);
            foreach ((string name, object value) in attributes) Message(o, 5, a => Attribute(a, name, value));
            if (domain.Length > 0) Text(o, 7, domain);
        });
        return this;
    }

    /// <summary>The file.</summary>
    public byte[] Build()
    {
        using var bytes = new MemoryStream();
        var output = new CodedOutputStream(bytes);
        output.WriteTag(1, WireFormat.WireType.Varint);
        output.WriteInt64(8);
        Message(output, 7, g =>
        {
            foreach (Action<CodedOutputStream> node in _nodes) Message(g, 1, node);
            Text(g, 2, "test");
            foreach (Action<CodedOutputStream> tensor in _initialisers) Message(g, 5, tensor);
            foreach (Action<CodedOutputStream> input in _inputs) Message(g, 11, input);
            foreach (Action<CodedOutputStream> result in _outputs) Message(g, 12, result);
        });
        foreach ((string domain, long version) in new[] { ("", opset), ("com.microsoft", 1L) })
        {
            Message(output, 8, s =>
            {
                Text(s, 1, domain);
                s.WriteTag(2, WireFormat.WireType.Varint);
                s.WriteInt64(version);
            });
        }

        output.Flush();
        return bytes.ToArray();
    }

    private static Action<CodedOutputStream> ValueInfo(string name, int type, object[]? shape) => o =>
    {
        Text(o, 1, name);
        Message(o, 2, t => Message(t, 1, tensor =>
        {
            tensor.WriteTag(1, WireFormat.WireType.Varint);
            tensor.WriteInt32(type);
            if (shape is null) return;
            Message(tensor, 2, s =>
            {
                foreach (object dimension in shape)
                {
                    Message(s, 1, d =>
                    {
                        if (dimension is int size)
                        {
                            d.WriteTag(1, WireFormat.WireType.Varint);
                            d.WriteInt64(size);
                        }
                        else
                        {
                            Text(d, 2, (string)dimension);
                        }
                    });
                }
            });
        }));
    };

    private static void Tensor(CodedOutputStream o, string name, int type, int[] shape, byte[]? raw)
    {
        foreach (int dimension in shape)
        {
            o.WriteTag(1, WireFormat.WireType.Varint);
            o.WriteInt64(dimension);
        }

        o.WriteTag(2, WireFormat.WireType.Varint);
        o.WriteInt32(type);
        Text(o, 8, name);
        if (raw is null) return;
        o.WriteTag(9, WireFormat.WireType.LengthDelimited);
        o.WriteBytes(ByteString.CopyFrom(raw));
    }

    private static void Attribute(CodedOutputStream o, string name, object value)
    {
        Text(o, 1, name);
        switch (value)
        {
            case float number:
                o.WriteTag(2, WireFormat.WireType.Fixed32);
                o.WriteFloat(number);
                break;
            case int or long:
                o.WriteTag(3, WireFormat.WireType.Varint);
                o.WriteInt64(Convert.ToInt64(value));
                break;
            case string text:
                Text(o, 4, text);
                break;
            case float[] numbers:
                foreach (float number in numbers)
                {
                    o.WriteTag(7, WireFormat.WireType.Fixed32);
                    o.WriteFloat(number);
                }

                break;
            case long[] numbers:
                foreach (long number in numbers)
                {
                    o.WriteTag(8, WireFormat.WireType.Varint);
                    o.WriteInt64(number);
                }

                break;
        }
    }

    private static void Text(CodedOutputStream o, int field, string text)
    {
        o.WriteTag(field, WireFormat.WireType.LengthDelimited);
        o.WriteString(text);
    }

    private static void Message(CodedOutputStream o, int field, Action<CodedOutputStream> content)
    {
        using var bytes = new MemoryStream();
        var inner = new CodedOutputStream(bytes);
        content(inner);
        inner.Flush();
        o.WriteTag(field, WireFormat.WireType.LengthDelimited);
        o.WriteBytes(ByteString.CopyFrom(bytes.ToArray()));
    }
}
