using System.Buffers.Binary;
using Google.Protobuf;

namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>
/// Reads the messages of an ONNX file (onnx.proto3: ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto,
/// ValueInfoProto), field by field with the protobuf library's reader; fields that mean nothing here are skipped.
/// </summary>
public static class OnnxReader
{
    /// <summary>Bodies of loops in bodies of loops: more than any exporter writes.</summary>
    private const int DeepestGraph = 8;

    /// <summary>Whether a file begins like an ONNX model: a field of ModelProto, and not a FlatBuffer.</summary>
    public static bool LooksLikeOnnx(ReadOnlySpan<byte> file)
    {
        // Writers put the fields in the order of their numbers, so the version of the format (field 1, a small number) comes first.
        return file.Length >= 8 && !file[4..8].SequenceEqual("TFL3"u8) && file[0] == 0x08 && file[1] is > 0 and < 64;
    }

    /// <summary>Reads a model.</summary>
    /// <exception cref="ModelFormatException">The file is damaged or no ONNX model.</exception>
    public static OnnxModel Read(ReadOnlyMemory<byte> file)
    {
        try
        {
            return ReadModel(new CodedInputStream(file.ToArray()));
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or IOException or ArgumentException or OverflowException)
        {
            throw new ModelFormatException("The file is damaged or no ONNX model: its protobuf messages cannot be read; download or export it again.");
        }
    }

    private static OnnxModel ReadModel(CodedInputStream input)
    {
        var opsets = new Dictionary<string, long>();
        OnnxGraph? graph = null;
        bool functions = false;
        Each(input, (field, message, _) =>
        {
            switch (field)
            {
                case 7: graph = ReadGraph(Sub(message), 0); break;
                case 8: ReadOpset(Sub(message), opsets); break;
                case 25: functions = true; message.SkipLastField(); break;
                default: message.SkipLastField(); break;
            }
        });
        return new OnnxModel(opsets, graph ?? throw new ModelFormatException("The file holds no graph: it is damaged or no ONNX model; export it again."), functions);
    }

    private static void ReadOpset(CodedInputStream input, Dictionary<string, long> opsets)
    {
        string domain = "";
        long version = 0;
        Each(input, (field, message, _) =>
        {
            if (field == 1) domain = message.ReadString();
            else if (field == 2) version = message.ReadInt64();
            else message.SkipLastField();
        });
        opsets[domain == "ai.onnx" ? "" : domain] = version;
    }

    private static OnnxGraph ReadGraph(CodedInputStream input, int depth)
    {
        if (depth > DeepestGraph) throw new ModelFormatException($"The model nests graphs more than {DeepestGraph} deep: it is damaged.");
        string name = "";
        var nodes = new List<OnnxNode>();
        var initialisers = new List<OnnxTensor>();
        List<OnnxValueInfo> inputs = [], outputs = [];
        bool sparse = false;
        Each(input, (field, message, _) =>
        {
            switch (field)
            {
                case 1: nodes.Add(ReadNode(Sub(message), depth)); break;
                case 2: name = message.ReadString(); break;
                case 5: initialisers.Add(ReadTensor(Sub(message))); break;
                case 11: inputs.Add(ReadValueInfo(Sub(message))); break;
                case 12: outputs.Add(ReadValueInfo(Sub(message))); break;
                case 15: sparse = true; message.SkipLastField(); break;
                default: message.SkipLastField(); break;
            }
        });
        return new OnnxGraph(name, nodes, initialisers, inputs, outputs, sparse);
    }

    private static OnnxNode ReadNode(CodedInputStream input, int depth)
    {
        string name = "", domain = "", type = "";
        List<string> inputs = [], outputs = [];
        var attributes = new Dictionary<string, OnnxAttribute>();
        Each(input, (field, message, _) =>
        {
            switch (field)
            {
                case 1: inputs.Add(message.ReadString()); break;
                case 2: outputs.Add(message.ReadString()); break;
                case 3: name = message.ReadString(); break;
                case 4: type = message.ReadString(); break;
                case 5:
                    OnnxAttribute attribute = ReadAttribute(Sub(message), depth);
                    attributes[attribute.Name] = attribute;
                    break;
                case 7: domain = message.ReadString(); break;
                default: message.SkipLastField(); break;
            }
        });
        return new OnnxNode(name, domain == "ai.onnx" ? "" : domain, type, inputs, outputs, attributes);
    }

    private static OnnxAttribute ReadAttribute(CodedInputStream input, int depth)
    {
        var attribute = new OnnxAttribute("");
        var floats = new List<float>();
        var ints = new List<long>();
        var texts = new List<string>();
        Each(input, (field, message, packed) =>
        {
            switch (field)
            {
                case 1: attribute = attribute with { Name = message.ReadString() }; break;
                case 2: attribute = attribute with { Float = message.ReadFloat() }; break;
                case 3: attribute = attribute with { Int = message.ReadInt64() }; break;
                case 4: attribute = attribute with { Text = message.ReadBytes().ToStringUtf8() }; break;
                case 5: attribute = attribute with { Tensor = ReadTensor(Sub(message)) }; break;
                case 6: attribute = attribute with { Graph = ReadGraph(Sub(message), depth + 1) }; break;
                case 7: Floats(message, packed, floats); break;
                case 8: Integers(message, packed, ints); break;
                case 9: texts.Add(message.ReadBytes().ToStringUtf8()); break;
                default: message.SkipLastField(); break;
            }
        });
        return attribute with { Floats = [.. floats], Ints = [.. ints], Texts = [.. texts] };
    }

    private static OnnxTensor ReadTensor(CodedInputStream input)
    {
        var dimensions = new List<long>();
        var floats = new List<float>();
        var doubles = new List<double>();
        var integers = new List<long>();
        var external = new Dictionary<string, string>();
        string name = "";
        int type = 0;
        bool isExternal = false;
        byte[]? raw = null;
        Each(input, (field, message, packed) =>
        {
            switch (field)
            {
                case 1: Integers(message, packed, dimensions); break;
                case 2: type = message.ReadInt32(); break;
                case 4: Floats(message, packed, floats); break;
                case 5 or 7 or 11: Integers(message, packed, integers); break;
                case 8: name = message.ReadString(); break;
                case 9: raw = message.ReadBytes().ToByteArray(); break;
                case 10: Doubles(message, packed, doubles); break;
                case 13:
                    (string key, string value) = ReadEntry(Sub(message));
                    external[key] = value;
                    break;
                case 14: isExternal = message.ReadInt32() == 1; break;
                default: message.SkipLastField(); break;
            }
        });
        return new OnnxTensor(name, type, [.. dimensions])
        {
            Raw = raw, Floats = [.. floats], Doubles = [.. doubles], Integers = [.. integers], External = isExternal ? external : null,
        };
    }

    private static (string Key, string Value) ReadEntry(CodedInputStream input)
    {
        string key = "", value = "";
        Each(input, (field, message, _) =>
        {
            if (field == 1) key = message.ReadString();
            else if (field == 2) value = message.ReadString();
            else message.SkipLastField();
        });
        return (key, value);
    }

    private static OnnxValueInfo ReadValueInfo(CodedInputStream input)
    {
        string name = "";
        int type = 0;
        List<OnnxDimension>? dimensions = null;
        Each(input, (field, message, _) =>
        {
            if (field == 1) name = message.ReadString();
            else if (field != 2) message.SkipLastField();
            else Each(Sub(message), (kind, typed, _) =>
            {
                if (kind != 1) typed.SkipLastField();
                else Each(Sub(typed), (part, tensor, _) =>
                {
                    if (part == 1) type = tensor.ReadInt32();
                    else if (part == 2) dimensions = ReadShape(Sub(tensor));
                    else tensor.SkipLastField();
                });
            });
        });
        return new OnnxValueInfo(name, type, dimensions);
    }

    private static List<OnnxDimension> ReadShape(CodedInputStream input)
    {
        var dimensions = new List<OnnxDimension>();
        Each(input, (field, message, _) =>
        {
            if (field != 1)
            {
                message.SkipLastField();
                return;
            }

            var dimension = new OnnxDimension(null, "");
            Each(Sub(message), (kind, part, _) =>
            {
                if (kind == 1) dimension = new OnnxDimension(part.ReadInt64(), "");
                else if (kind == 2) dimension = new OnnxDimension(null, part.ReadString());
                else part.SkipLastField();
            });
            dimensions.Add(dimension);
        });
        return dimensions;
    }

    /// <summary>Reads or skips one field; packed where its bytes follow a length.</summary>
    private delegate void Field(int number, CodedInputStream message, bool packed);

    /// <summary>Gives every field of a message to the action, which reads or skips it.</summary>
    private static void Each(CodedInputStream input, Field field)
    {
        for (uint tag; (tag = input.ReadTag()) != 0;) field(WireFormat.GetTagFieldNumber(tag), input, WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited);
    }

    /// <summary>A message within a message, which ends where its length says.</summary>
    private static CodedInputStream Sub(CodedInputStream input) => input.ReadBytes().CreateCodedInput();

    private static void Integers(CodedInputStream input, bool packed, List<long> values)
    {
        if (!packed)
        {
            values.Add(input.ReadInt64());
            return;
        }

        CodedInputStream list = Sub(input);
        while (!list.IsAtEnd) values.Add(list.ReadInt64());
    }

    private static void Floats(CodedInputStream input, bool packed, List<float> values)
    {
        if (!packed)
        {
            values.Add(input.ReadFloat());
            return;
        }

        ReadOnlySpan<byte> bytes = input.ReadBytes().Span;
        for (int i = 0; i + 4 <= bytes.Length; i += 4) values.Add(BinaryPrimitives.ReadSingleLittleEndian(bytes[i..]));
    }

    private static void Doubles(CodedInputStream input, bool packed, List<double> values)
    {
        if (!packed)
        {
            values.Add(input.ReadDouble());
            return;
        }

        ReadOnlySpan<byte> bytes = input.ReadBytes().Span;
        for (int i = 0; i + 8 <= bytes.Length; i += 8) values.Add(BinaryPrimitives.ReadDoubleLittleEndian(bytes[i..]));
    }
}
