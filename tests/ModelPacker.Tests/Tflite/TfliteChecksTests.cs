using System.Buffers.Binary;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Tflite;

/// <summary>Files that are well formed but contradict themselves are refused, and the sentence names the culprit.</summary>
public class TfliteChecksTests
{
    [Fact]
    public void The_model_the_other_tests_spoil_is_accepted() => TfliteReader.Read(TfliteWriter.Write(Sound()));

    [Fact]
    public void Indices_out_of_range_are_refused()
    {
        Refused("operator 0 of subgraph 0 refers to number 9 of 1 operator codes", m => m.Subgraphs[0].Operators[0].OpcodeIndex = 9);
        Refused("input list of operator 0", m => m.Subgraphs[0].Operators[0].Inputs = [0, 3]);
        Refused("input list of operator 0", m => m.Subgraphs[0].Operators[0].Inputs = [-2]);
        Refused("output list of operator 0", m => m.Subgraphs[0].Operators[0].Outputs = [-1]);
        Refused("intermediates of operator 0", m => m.Subgraphs[0].Operators[0].Intermediates = [77]);
        Refused("input list of subgraph 0", m => m.Subgraphs[0].Inputs = [-1]);
        Refused("output list of subgraph 0", m => m.Subgraphs[0].Outputs = [int.MaxValue]);
        Refused("tensor 1 of subgraph 0 refers to number 40 of 2 buffers", m => Weights(m).Buffer = 40);
        Refused("'buffer' at byte", m => Weights(m).Buffer = -1);
        Refused("metadata entry 0", m => m.Metadata.Add(new TfliteMetadata { Name = "x", Buffer = 2 }));
        Refused("signature 0", m => m.Signatures.Add(new TfliteSignature { SubgraphIndex = 1 }));
        Refused("signature 0", m => m.Signatures.Add(new TfliteSignature { Inputs = { new TfliteTensorMap { TensorIndex = 3 } } }));
        Refused("options of operator 0", m =>
        {
            m.Subgraphs[0].Operators[0].OptionsType = BuiltinOptionsType.CallOnceOptions;
            m.Subgraphs[0].Operators[0].BuiltinOptions = new CallOnceOptions(1);
        });
    }

    [Fact]
    public void Versions_other_than_3_and_models_without_a_graph_are_refused()
    {
        Refused("schema version 4", m => m.Version = 4);
        Refused("schema version 0", m => m.Version = 0);
        Refused("no subgraph", m => m.Subgraphs.Clear());
    }

    [Fact]
    public void Shapes_that_cannot_be_counted_are_refused()
    {
        Refused("Tensor 0 'input' of subgraph 0 has the negative dimension -1", m => Input(m).Shape = [1, -1]);
        Refused("more than 2147483647 elements", m => Input(m).Shape = [65536, 65536]);
        Refused("more than 2147483647 elements", m => Input(m).Shape = [int.MaxValue, int.MaxValue, int.MaxValue]);
        Refused("shape signature of 3", m => Input(m).ShapeSignature = [1, 2, 3]);
        Refused("dimension -2 in its shape signature", m => Input(m).ShapeSignature = [-1, -2]);
        Accepted(m => Input(m).ShapeSignature = [-1, 4]);
        Accepted(m => Input(m).ShapeSignature = []);
    }

    [Fact]
    public void Constants_of_the_wrong_length_are_refused_by_name()
    {
        Refused(
            "Tensor 1 'weights' of subgraph 0 needs 8 bytes for 8 elements of type INT8 but buffer 1 holds 7",
            m => m.Buffers[1] = new byte[7]);
        Refused("needs 8 bytes", m => m.Buffers[1] = new byte[9]);
        Refused("needs 32 bytes", m => Weights(m).Type = TfliteType.INT32);
        Refused("needs 4 bytes", m => Weights(m).Type = TfliteType.INT4);
        Accepted(m => m.Buffers[1] = ReadOnlyMemory<byte>.Empty);
        Accepted(m => Weights(m).Type = TfliteType.STRING);
        Accepted(m =>
        {
            Weights(m).Type = TfliteType.INT4;
            m.Buffers[1] = new byte[4];
        });
    }

    [Fact]
    public void Quantisation_that_cannot_be_computed_with_is_refused()
    {
        Refused("has 3 scales for a dimension 0 of size 2", m => Weights(m).Quantization!.Scale = [1, 1, 1]);
        Refused("along dimension 2 but has 2 dimensions", m => Weights(m).Quantization!.QuantizedDimension = 2);
        Refused("along dimension -1", m => Weights(m).Quantization!.QuantizedDimension = -1);
        Refused("2 scales but 3 zero points", m => Weights(m).Quantization!.ZeroPoint = [0, 0, 0]);
        Refused("has the zero point 128, outside type INT8", m => Weights(m).Quantization!.ZeroPoint = [0, 128]);
        foreach (float scale in (float[])[0, -1, float.NaN, float.PositiveInfinity])
            Refused("has the scale", m => Weights(m).Quantization!.Scale = [1, scale]);
    }

    [Fact]
    public void Oddities_of_real_converters_are_accepted()
    {
        // One zero point for all channels, none at all, stale dimensions beside one scale, leftovers on float tensors.
        Accepted(m => Weights(m).Quantization!.ZeroPoint = [0]);
        Accepted(m => Weights(m).Quantization!.ZeroPoint = []);
        Accepted(m => Weights(m).Quantization = new TfliteQuantization());
        Accepted(m => Input(m).Quantization!.QuantizedDimension = 3);
        Accepted(m =>
        {
            Input(m).Shape = [2];
            Input(m).Quantization = new TfliteQuantization { Scale = [1, 2], QuantizedDimension = 3 };
            Assert.Equal(0, Input(m).QuantizedAxis);
        });
        Accepted(m =>
        {
            Input(m).Type = TfliteType.FLOAT32;
            Input(m).Quantization = new TfliteQuantization { Scale = [0, float.NaN], ZeroPoint = [1, 2, 3], QuantizedDimension = 9 };
        });
    }

    [Fact]
    public void The_writer_refuses_what_the_reader_would()
    {
        TfliteModel model = Sound();
        model.Buffers[1] = new byte[3];
        Assert.Throws<ModelFormatException>(() => TfliteWriter.Write(model));
    }

    [Fact]
    public void Control_characters_of_a_name_do_not_reach_the_message()
    {
        string message = Refused("needs 8 bytes", m =>
        {
            Weights(m).Name = "a\n\u001b[31m" + new string('x', 500);
            m.Buffers[1] = new byte[1];
        });
        Assert.DoesNotContain(message, char.IsControl);
        Assert.True(message.Length < 250);
    }

    [Fact]
    public void Files_that_are_something_else_are_refused()
    {
        Assert.Contains("not a .tflite file", Message([]), StringComparison.Ordinal);
        Assert.Contains("not a .tflite file", Message("PK\u0003\u0004 something else"u8.ToArray()), StringComparison.Ordinal);
        byte[] other = TfliteWriter.Write(Sound());
        other[7] = (byte)'2';
        Assert.Contains("identifier TFL3", Message(other), StringComparison.Ordinal);
    }

    [Fact]
    public void Buffers_behind_the_structure_are_read_and_bounds_checked()
    {
        byte[] data = [1, 2, 3, 4, 5, 6, 7, 8];
        byte[] file = [.. WithOutsideBuffer(0x1234, 8), .. data];
        int position = file.Length - data.Length;
        int field = file.AsSpan().IndexOf((byte[])[0x34, 0x12, 0, 0, 0, 0, 0, 0]);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(field), position);
        Assert.Equal(data, TfliteReader.Read(file).Buffers[0].ToArray());

        foreach (long bad in (long[])[position + 1, file.Length + 1, long.MaxValue, -1, -8])
        {
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(field), bad);
            Assert.Contains("asks for 8 bytes at byte", Message(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Values_the_schema_does_not_define_are_refused_and_unknown_options_are_kept_as_null()
    {
        Refused("'type' at byte", m => Input(m).Type = (TfliteType)23);
        Refused("'fused_activation_function' at byte", m => m.Subgraphs[0].Operators[0].BuiltinOptions =
            new FullyConnectedOptions((TfliteActivation)6));

        byte[] file = TfliteWriter.Write(Sound());
        TfliteOperator op = TfliteReader.Read(file).Subgraphs[0].Operators[0];
        Assert.Equal(BuiltinOptionsType.FullyConnectedOptions, op.OptionsType);
        int tagged = 0;
        for (int i = 0; i < file.Length; i++)
        {
            if (file[i] != (byte)BuiltinOptionsType.FullyConnectedOptions) continue;
            byte[] changed = file.ToArray();
            changed[i] = 200;
            try
            {
                op = TfliteReader.Read(changed).Subgraphs[0].Operators[0];
            }
            catch (ModelFormatException)
            {
                continue;
            }

            if (op.OptionsType != (BuiltinOptionsType)200) continue;
            Assert.Null(op.BuiltinOptions);
            tagged++;
        }

        Assert.Equal(1, tagged);
    }

    private static byte[] WithOutsideBuffer(long offset, long size)
    {
        var b = new FlatBufferBuilder();
        b.StartTable();
        b.Add(1, offset);
        b.Add(2, size);
        int buffer = b.EndTable();
        int buffers = b.Tables([0], _ => buffer);
        b.StartTable();
        int graph = b.EndTable();
        int graphs = b.Tables([0], _ => graph);
        b.StartTable();
        b.Add(0, 3);
        b.AddReference(2, graphs);
        b.AddReference(4, buffers);
        return b.Finish(b.EndTable(), "TFL3"u8);
    }

    private static TfliteModel Sound()
    {
        var builder = new TfliteModelBuilder();
        int input = builder.AddTensor("input", TfliteType.INT8, [1, 4], 0.1f);
        int weights = builder.AddTensor("weights", TfliteType.INT8, [2, 4], [0.5f, 0.25f], null, 0, new byte[8]);
        int output = builder.AddTensor("output", TfliteType.INT8, [1, 2], 0.2f);
        builder.AddOperator(BuiltinOperator.FULLY_CONNECTED, [input, weights, -1], [output], new FullyConnectedOptions());
        return builder.SetInputs(input).SetOutputs(output).Build();
    }

    private static TfliteTensor Input(TfliteModel model) => model.Subgraphs[0].Tensors[0];

    private static TfliteTensor Weights(TfliteModel model) => model.Subgraphs[0].Tensors[1];

    private static string Refused(string expected, Action<TfliteModel> spoil)
    {
        TfliteModel model = Sound();
        spoil(model);
        string message = Message(TfliteWriter.WriteUnchecked(model));
        Assert.Contains(expected, message, StringComparison.Ordinal);
        return message;
    }

    private static void Accepted(Action<TfliteModel> change)
    {
        TfliteModel model = Sound();
        change(model);
        TfliteReader.Read(TfliteWriter.Write(model));
    }

    private static string Message(byte[] file) => Assert.Throws<ModelFormatException>(() => TfliteReader.Read(file)).Message;
}
