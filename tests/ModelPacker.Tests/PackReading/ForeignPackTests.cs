using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.ModelPacker.Tests.Zoo;

namespace TinyAI.ModelPacker.Tests.PackReading;

/// <summary>docs/pack-format.md is enough to write another reader: this one was.</summary>
public class ForeignPackTests
{
    public static TheoryData<string> Models => [.. ZooModels.Int8];

    [Fact]
    public void A_reader_written_from_the_page_finds_the_same_outputs_of_a_fully_connected_model()
    {
        var random = new Random(5);
        for (int round = 0; round < 20; round++)
        {
            byte[] packed = Packer.Pack(SmallModels.FullyConnected(1 + random.Next(40), 1 + random.Next(9), round), "dense").Pack;
            ForeignPack pack = Read(packed);
            LayerRecord layer = Assert.Single(pack.Layers);
            var runner = new ModelRunner(packed);
            var input = new byte[pack.Inputs[0].Bytes];
            random.NextBytes(input);
            if (round == 0) Array.Fill(input, (byte)0x80);
            sbyte[] output = pack.FullyConnected(layer, (sbyte[])(object)input);
            Assert.Equal(runner.Run([input])[0], (byte[])(object)output);
        }
    }

    [Fact]
    public void It_finds_name_labels_and_normalisation_of_the_gesture_model()
    {
        string folder = Path.Combine(RepositoryFolder.Path, "models", "gesture");
        Metadata metadata = Metadata.Parse(File.ReadAllBytes(Path.Combine(folder, "gesture.json")), "gesture.json");
        ForeignPack pack = Read(Packer.Pack(File.ReadAllBytes(Path.Combine(folder, "gesture.tflite")), "other", metadata).Pack);
        Assert.Equal("gesture", pack.Name);
        Assert.Equal(metadata.Labels, pack.Labels);
        Assert.Equal(6, pack.Channels.Count);
        TensorEntry input = Assert.Single(pack.Inputs);
        Assert.Equal([1, 119, 6], input.Shape);
        for (int c = 0; c < 6; c++)
        {
            SensorChannel sensor = metadata.Input!.Channels[c];
            Assert.Equal((float)sensor.CountsPerUnit, pack.Channels[c].CountsPerUnit);
            foreach (short count in new short[] { short.MinValue, -4096, -1000, -1, 0, 1, 17, 5000, short.MaxValue })
            {
                double exact = (count / sensor.CountsPerUnit + sensor.Offset) / sensor.Divisor / input.Scale + input.ZeroPoint;
                Assert.InRange(pack.Channels[c].Of(count), Math.Clamp(Math.Floor(exact + 0.499), -128, 127), Math.Clamp(Math.Floor(exact + 0.501), -128, 127));
            }
        }
    }

    [Fact]
    public void It_finds_the_goldens_of_a_pack_that_carries_them()
    {
        string folder = Path.Combine(RepositoryFolder.Path, "models", "gesture"), golden = Path.Combine(folder, "golden");
        PackResult packed = Goldens.AddTo(Packer.Pack(File.ReadAllBytes(Path.Combine(folder, "gesture.tflite")), "gesture"), new Metadata(), golden);
        ForeignPack pack = Read(packed.Pack);
        Assert.Equal(3, pack.Goldens.Count);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(golden, $"{i:000}.in.bin")), pack.Goldens[i].Inputs);
            // The last layer's output is the model's, so its CRC is that of the golden output.
            byte[] output = File.ReadAllBytes(Path.Combine(golden, $"{i:000}.out.bin"));
            Assert.Equal(ForeignPack.Crc(output), (uint)pack.Goldens[i].Crcs[^1]);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void It_reads_a_zoo_model_front_to_back(string model)
    {
        PackResult packed = Packer.Pack(File.ReadAllBytes(Path.Combine(SharedFolder.ZooOrSkip(), "models", model + ".tflite")), model);
        ForeignPack pack = Read(packed.Pack);
        Assert.Equal(packed.Pack, pack.Bytes);
        Assert.Equal(model, pack.Name);
        Assert.Equal(packed.Model.Layers.Count, pack.Layers.Count);
        Assert.Equal(packed.Model.Layers.Sum(l => l.Macs), pack.Macs);
        Assert.Equal(packed.Plan.BlockBytes, pack.BlockBytes);
        Assert.Equal(packed.Model.States.Count, pack.States.Count);
        for (int i = 0; i < pack.Layers.Count; i++)
        {
            LayerRecord record = pack.Layers[i];
            Assert.Equal(packed.Model.Layers[i].Parameters, record.Parameters);
            Assert.True(pack.Bytes.AsSpan(record.ConstantsAt, record.ConstantsBytes).SequenceEqual(packed.Model.Layers[i].Weights));
        }
    }

    [Fact]
    public void It_refuses_a_pack_with_a_changed_byte()
    {
        byte[] pack = Packer.Pack(SmallModels.FullyConnected(), "dense").Pack;
        pack[^18] ^= 1;
        Assert.Contains("CRC-32", Assert.Throws<InvalidDataException>(() => Read(pack)).Message);
    }

    private static ForeignPack Read(byte[] pack) => new(new MemoryStream(pack, writable: false));
}
