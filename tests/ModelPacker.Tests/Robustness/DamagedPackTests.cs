using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Robustness;

/// <summary>What the device does with a pack that is not as it was written.</summary>
public class DamagedPackTests
{
    private static readonly byte[] s_pack = Packer.Pack(SmallModels.Convolution(6, 3, 5), "small").Pack;

    [Fact]
    public void A_single_changed_bit_anywhere_is_refused()
    {
        for (int bit = 0; bit < s_pack.Length * 8; bit++)
        {
            byte[] pack = (byte[])s_pack.Clone();
            pack[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<PackException>(() => Model.Load(new ByteArraySource(pack)));
        }
    }

    [Fact]
    public void A_pack_cut_anywhere_is_refused()
    {
        for (int length = 0; length < s_pack.Length; length++)
        {
            byte[] pack = s_pack[..length];
            Assert.Throws<PackException>(() => Model.Load(new ByteArraySource(pack)));
        }
    }

    [Theory]
    [InlineData(PackFormat.VersionAt, 2, "version")]
    [InlineData(PackFormat.LayersAt, -16, "layer offset")]
    [InlineData(PackFormat.LayersBytesAt, 0x7FFFFFF0, "layer records")]
    [InlineData(PackFormat.LayerCountAt, 1000, "layer count")]
    [InlineData(PackFormat.ParameterWordsAt, 65, "parameter word count")]
    [InlineData(PackFormat.WindowBytesAt, 0, "window size")]
    [InlineData(PackFormat.BlockCountAt, 9, "block count")]
    [InlineData(PackFormat.BlockSizesAt, -1, "size of an activation block")]
    [InlineData(PackFormat.TensorsAt, 0x7FFFFFF0, "tensor table offset")]
    [InlineData(PackFormat.InputCountAt, 1 << 20, "input count")]
    [InlineData(PackFormat.OutputCountAt, -1, "output count")]
    [InlineData(PackFormat.MetadataBytesAt, 1 << 30, "metadata")]
    [InlineData(PackFormat.WeightsBytesAt, 1 << 30, "weights")]
    [InlineData(PackFormat.LabelCountAt, 1 << 30, "label count")]
    [InlineData(PackFormat.NormalisationChannelsAt, 7, "normalisation")]
    public void A_forged_header_field_with_a_correct_crc_is_named(int field, int value, string name)
    {
        byte[] pack = (byte[])s_pack.Clone();
        BitConverter.TryWriteBytes(pack.AsSpan(field), value);
        SmallModels.FixCrc(pack);
        Assert.Contains(name, Assert.Throws<PackException>(() => Model.Load(new ByteArraySource(pack))).Message);
    }

    [Theory]
    [InlineData(PackFormat.TensorBlockAt, 3, "block number of tensor 0")]
    [InlineData(PackFormat.TensorOffsetAt, 1 << 20, "tensor 0")]
    [InlineData(PackFormat.TensorSizeAt, 5, "Tensor 0")]
    [InlineData(PackFormat.TensorTypeAt, 77, "type of tensor 0")]
    [InlineData(PackFormat.TensorRankAt, 7, "rank of tensor 0")]
    public void A_forged_tensor_with_a_correct_crc_is_named(int field, int value, string name)
    {
        byte[] pack = (byte[])s_pack.Clone();
        BitConverter.TryWriteBytes(pack.AsSpan(BitConverter.ToInt32(pack, PackFormat.TensorsAt) + field), value);
        SmallModels.FixCrc(pack);
        Assert.Contains(name, Assert.Throws<PackException>(() => Model.Load(new ByteArraySource(pack))).Message);
    }

    [Theory]
    [InlineData(PackFormat.LayerParameterWords, 1 << 20, "parameter count of layer 0")]
    [InlineData(PackFormat.LayerRows, 1 << 30, "row count of layer 0")]
    [InlineData(PackFormat.LayerWeightsAt, 0, "weights of layer 0")]
    [InlineData(PackFormat.LayerWeightsBytes, -4, "weights of layer 0")]
    [InlineData(PackFormat.LayerBlockBytes, 1 << 20, "block size of layer 0")]
    [InlineData(PackFormat.LayerInput + 1, 1 << 20, "operand of layer 0")]
    [InlineData(PackFormat.LayerOutput, 5, "operand of layer 0")]
    public void A_forged_layer_record_with_a_correct_crc_is_named(int word, int value, string name)
    {
        byte[] pack = (byte[])s_pack.Clone();
        BitConverter.TryWriteBytes(pack.AsSpan(BitConverter.ToInt32(pack, PackFormat.LayersAt) + 4 * word), value);
        SmallModels.FixCrc(pack);
        Assert.Contains(name, Assert.Throws<PackException>(() => Model.Load(new ByteArraySource(pack))).Message);
    }

    [Theory]
    [InlineData(0, int.MaxValue)]
    [InlineData(3, 1000)]
    [InlineData(6, 0)]
    [InlineData(9, -1)]
    [InlineData(12, int.MaxValue)]
    public void A_copy_that_would_not_come_to_an_end_is_refused_on_load(int word, int value)
    {
        byte[] pack = Packer.Pack(SmallModels.Concatenation(), "moving").Pack;
        int parameters = BitConverter.ToInt32(pack, PackFormat.LayersAt) + 4 * (PackFormat.LayerHeaderWords + TinyAI.Kernels.StridedCopy.Middle);
        BitConverter.TryWriteBytes(pack.AsSpan(parameters + 4 * word), value);
        SmallModels.FixCrc(pack);
        Assert.Contains("length of a copy in layer 0", Assert.Throws<PackException>(() => Model.Load(new ByteArraySource(pack))).Message);
    }

    [Fact]
    public async Task A_forged_layer_record_is_refused_or_runs_to_its_end()
    {
        foreach (byte[] original in new[] { s_pack, Packer.Pack(SmallModels.Concatenation(), "moving").Pack })
        {
            int from = BitConverter.ToInt32(original, PackFormat.LayersAt), words = BitConverter.ToInt32(original, PackFormat.LayersBytesAt) / 4;
            for (int word = 0; word < words; word++)
            {
                foreach (int value in new[] { int.MinValue, -1, 0, 1, 3, 1 << 20, int.MaxValue })
                {
                    byte[] pack = (byte[])original.Clone();
                    BitConverter.TryWriteBytes(pack.AsSpan(from + 4 * word), value);
                    SmallModels.FixCrc(pack);
                    await Task.Run(() => RunOrRefuse(pack), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
                }
            }
        }
    }

    private static void RunOrRefuse(byte[] pack)
    {
        try
        {
            var runner = new ModelRunner(pack);
            runner.Run([.. Enumerable.Range(0, runner.InputCount).Select(i => new byte[runner.InputBytes(i)])]);
        }
        catch (PackException)
        {
            // In words: any other exception fails the test, and so does a run that does not end.
        }
    }

    [Fact]
    public void The_stored_crc_is_the_one_that_zip_tools_compute()
    {
        byte[] digits = "123456789"u8.ToArray();
        Assert.Equal(unchecked((int)0xCBF43926), new Crc32().Update(0, digits, 0, digits.Length));
    }
}
