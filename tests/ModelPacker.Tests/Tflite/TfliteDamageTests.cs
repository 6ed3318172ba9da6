using System.Buffers.Binary;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Tflite;

/// <summary>Damaged and malicious files are refused with a sentence, at a cost in proportion to their size.</summary>
public class TfliteDamageTests
{
    [Theory]
    [MemberData(nameof(ZooFiles.Names), MemberType = typeof(ZooFiles))]
    public void Reading_a_zoo_model_cut_anywhere_gives_a_format_error_and_nothing_else(string name)
    {
        byte[] file = ZooFiles.Read(name);
        for (int length = 0; length < file.Length; length += 64) ReadDamaged(file.AsMemory(0, length));
        var random = new Random(64);
        for (int i = 0; i < 500; i++) ReadDamaged(file.AsMemory(0, random.Next(file.Length)));
    }

    [Fact]
    public void Reading_a_file_cut_anywhere_gives_a_format_error_and_nothing_else()
    {
        byte[] file = TfliteWriter.Write(RandomModels.Make(1));
        int refused = 0;
        for (int length = 0; length < file.Length; length++)
            if (!ReadDamaged(file.AsMemory(0, length))) refused++;
        // Only a cut that takes nothing but unused bytes at the end may pass.
        Assert.InRange(refused, file.Length - 16, file.Length);
    }

    [Theory]
    [MemberData(nameof(ZooFiles.Names), MemberType = typeof(ZooFiles))]
    public void A_zoo_model_with_changed_bytes_reads_or_is_refused(string name)
    {
        byte[] file = ZooFiles.Read(name);
        var random = new Random(name.Length);
        for (int i = 0; i < 1500; i++) Mutate(file, random);
    }

    [Fact]
    public void A_file_with_changed_bytes_reads_or_is_refused()
    {
        int read = 0;
        int refused = 0;
        for (int seed = 0; seed < 20; seed++)
        {
            byte[] file = TfliteWriter.Write(RandomModels.Make(seed));
            var random = new Random(seed);
            for (int i = 0; i < 1000; i++)
            {
                if (Mutate(file, random)) read++;
                else refused++;
            }
        }

        // Both happen often, or the mutations would not be testing anything.
        Assert.True(read > 1000 && refused > 1000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void Every_byte_of_a_small_file_may_be_anything()
    {
        byte[] file = TfliteWriter.Write(TwoTensors().Build());
        foreach (byte value in (byte[])[0x00, 0x01, 0x7F, 0x80, 0xFF])
        {
            for (int i = 0; i < file.Length; i++)
            {
                byte original = file[i];
                file[i] = value;
                ReadDamaged(file);
                file[i] = original;
            }
        }
    }

    [Fact]
    public void Every_word_of_a_small_file_may_be_anything()
    {
        byte[] file = TfliteWriter.Write(TwoTensors().Build());
        uint[] values = [0, 1, 4, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFFC, (uint)file.Length, (uint)file.Length - 4, 0x40000000];
        foreach (uint value in values)
        {
            for (int i = 0; i + 4 <= file.Length; i += 2)
            {
                byte[] changed = file.ToArray();
                BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(i), value);
                ReadDamaged(changed);
            }
        }
    }

    [Fact]
    public void Random_bytes_after_the_identifier_are_refused()
    {
        var random = new Random(5);
        for (int i = 0; i < 5000; i++)
        {
            byte[] file = new byte[random.Next(8, 400)];
            random.NextBytes(file);
            BinaryPrimitives.WriteInt32LittleEndian(file, random.Next(file.Length));
            "TFL3"u8.CopyTo(file.AsSpan(4));
            ReadDamaged(file);
        }
    }

    [Fact]
    public void A_forged_vector_length_is_refused_before_memory_is_taken()
    {
        byte[] file = TfliteWriter.Write(TwoTensors().Build());
        byte[] shape = [3, 0, 0, 0, 11, 0, 0, 0, 13, 0, 0, 0, 17, 0, 0, 0];
        int position = file.AsSpan().IndexOf(shape);
        Assert.True(position > 0);
        foreach (uint length in (uint[])[0x10000, 0x3FFFFFFF, 0x40000000, 0x40000003, 0x7FFFFFFF, 0x80000003, 0xFFFFFFFF])
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(position), length);
            var error = Assert.Throws<ModelFormatException>(() => TfliteReader.Read(file));
            Assert.Contains($"'shape' at byte {position} has {length} elements", error.Message, StringComparison.Ordinal);
            ReadDamaged(file);
        }
    }

    [Fact]
    public void An_offset_to_itself_is_refused()
    {
        byte[] file = TfliteWriter.Write(TwoTensors().Build());
        BinaryPrimitives.WriteUInt32LittleEndian(file, 0);
        var error = Assert.Throws<ModelFormatException>(() => TfliteReader.Read(file));
        Assert.Contains("'root' at byte 0 points to byte 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_is_its_own_vtable_and_vector_ends()
    {
        // Identifier, then words that all point a little ahead or at themselves.
        for (int word = 0; word < 16; word++)
        {
            byte[] file = new byte[256];
            for (int i = 0; i < file.Length; i += 4) BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(i), word);
            BinaryPrimitives.WriteInt32LittleEndian(file, 8);
            "TFL3"u8.CopyTo(file.AsSpan(4));
            Assert.False(ReadDamaged(file));
        }
    }

    [Fact]
    public void A_file_whose_entries_all_share_one_long_vector_is_refused()
    {
        // Honest writers refer to a tensor once. Here thousands of entries lead to the same tensor and its long shape.
        var b = new FlatBufferBuilder();
        int shape = b.Int32s(new int[20000]);
        b.StartTable();
        b.AddReference(0, shape);
        int tensor = b.EndTable();
        int tensors = b.Tables(new int[20000], _ => tensor);
        b.StartTable();
        b.AddReference(0, tensors);
        int graph = b.EndTable();
        int graphs = b.Tables([0], _ => graph);
        b.StartTable();
        b.Add(0, 3);
        b.AddReference(2, graphs);
        byte[] file = b.Finish(b.EndTable(), "TFL3"u8);
        var error = Assert.Throws<ModelFormatException>(() => TfliteReader.Read(file));
        Assert.Contains("refers to the same bytes so often", error.Message, StringComparison.Ordinal);
        ReadDamaged(file);
    }

    [Fact]
    public void Many_entries_that_share_one_small_table_stay_within_the_memory_bound()
    {
        // The cheapest entry a file can have is four bytes, and an empty table serves as anything.
        for (int field = 1; field <= 7; field++)
        {
            if (field is 3 or 5) continue;
            foreach (int count in (int[])[1000, 30000, 300000])
            {
                var b = new FlatBufferBuilder();
                b.StartTable();
                int empty = b.EndTable();
                int many = b.Tables(new int[count], _ => empty);
                b.StartTable();
                b.Add(0, 3);
                b.AddReference(field, many);
                ReadDamaged(b.Finish(b.EndTable(), "TFL3"u8));

                // The same one level down: one subgraph whose tensors or operators are all the same table.
                foreach (int inner in (int[])[0, 3])
                {
                    b = new FlatBufferBuilder();
                    b.StartTable();
                    empty = b.EndTable();
                    many = b.Tables(new int[count], _ => empty);
                    b.StartTable();
                    b.AddReference(inner, many);
                    int graph = b.EndTable();
                    int graphs = b.Tables([0], _ => graph);
                    b.StartTable();
                    b.Add(0, 3);
                    b.AddReference(2, graphs);
                    ReadDamaged(b.Finish(b.EndTable(), "TFL3"u8));
                }
            }
        }
    }

    private static TfliteModelBuilder TwoTensors()
    {
        var builder = new TfliteModelBuilder();
        int input = builder.AddTensor("input", TfliteType.INT8, [11, 13, 17], 0.5f);
        int weights = builder.AddTensor("weights", TfliteType.INT8, [2], [1f, 2f], null, 0, [5, 6]);
        builder.AddOperator(BuiltinOperator.ADD, [input, weights], [input], new AddOptions(TfliteActivation.RELU));
        return builder.SetInputs(input).SetOutputs(input);
    }

    private static bool Mutate(byte[] file, Random random)
    {
        byte[] changed = file.ToArray();
        int count = random.Next(3) == 0 ? random.Next(2, 40) : 1;
        for (int i = 0; i < count; i++)
        {
            // Most of a file is weights, where a change cannot be seen; the structure sits near the start or the end.
            int position = random.Next(3) switch
            {
                0 => random.Next(changed.Length),
                1 => random.Next(Math.Min(changed.Length, 2000)),
                _ => changed.Length - 1 - random.Next(Math.Min(changed.Length, 10000)),
            };
            changed[position] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(changed[position] ^ (1 << random.Next(8))),
                _ => (byte)(changed[position] + random.Next(-4, 5)),
            };
        }

        return ReadDamaged(changed);
    }

    /// <summary>Reads, lets only a format error pass, and bounds the memory taken; returns whether the file was accepted.</summary>
    private static bool ReadDamaged(ReadOnlyMemory<byte> file)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool accepted = true;
        try
        {
            TfliteReader.Read(file);
        }
        catch (ModelFormatException error)
        {
            accepted = false;
            Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
            Assert.InRange(error.Message.Length, 20, 400);
        }

        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(taken < 20L * file.Length + 1024 * 1024, $"{taken} bytes taken for a file of {file.Length}");
        return accepted;
    }
}
