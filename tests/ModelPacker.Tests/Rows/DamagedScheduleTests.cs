using TinyAI.ModelPacker.Plan;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Rows;

/// <summary>A schedule that does not add up is refused on load, before anything has run.</summary>
public class DamagedScheduleTests
{
    private static readonly byte[] s_pack = Packer.Pack(SmallModels.Convolution(30, 3, 5), "small", Preference.Ram).Pack;

    private static int Record => BitConverter.ToInt32(s_pack, PackFormat.LayersAt);
    private static int Streams => BitConverter.ToInt32(s_pack, Record + 4 * PackFormat.LayerWeightsAt);
    private static int Members => Streams + 4 * PackFormat.StreamWords * Parameter(PackFormat.GroupStreams);
    private static int Steps => Members + 4 * PackFormat.MemberWords * Parameter(PackFormat.GroupMembers);

    [Fact]
    public void The_pack_begins_with_a_group()
    {
        Assert.Equal(PackFormat.KindRowGroup, BitConverter.ToInt32(s_pack, Record));
        Assert.True(Parameter(PackFormat.GroupSteps) > 10);
    }

    [Theory]
    [InlineData(PackFormat.GroupStreams, 121, "stream count")]
    [InlineData(PackFormat.GroupStreams, 0, "fed stream")]
    [InlineData(PackFormat.GroupMembers, 0, "member count")]
    [InlineData(PackFormat.GroupMembers, 50, "member count")]
    [InlineData(PackFormat.GroupSteps, 3, "tables")]
    [InlineData(PackFormat.GroupSteps, -1, "step count")]
    [InlineData(PackFormat.GroupFed, -1, "fed rows")]
    [InlineData(PackFormat.GroupFed, 7, "fed stream")]
    public void A_forged_parameter_is_named(int parameter, int value, string says) =>
        Refused(Record + 4 * (PackFormat.LayerHeaderWords + parameter), value, says);

    [Theory]
    [InlineData(PackFormat.StreamBlock, 3, "block number")]
    [InlineData(PackFormat.StreamOffset, -4, "stream 0")]
    [InlineData(PackFormat.StreamOffset, 1 << 20, "stream 0")]
    [InlineData(PackFormat.StreamHeld, 0, "size of a stream")]
    [InlineData(PackFormat.StreamHeld, 9, "not the memory of stream")]
    [InlineData(PackFormat.StreamUnit, 0, "unit of a stream")]
    [InlineData(PackFormat.StreamUnit, 1, "of a stream that holds")]
    public void A_forged_stream_is_named(int word, int value, string says) => Refused(Streams + 4 * word, value, says);

    [Theory]
    [InlineData(PackFormat.MemberRecord, 0, "its own record")]
    [InlineData(PackFormat.MemberUnit, 0, "rows of a step")]
    [InlineData(PackFormat.MemberUnit, 31, "row of step")]
    [InlineData(PackFormat.MemberStream, 9, "stream of an operand")]
    [InlineData(PackFormat.MemberPlace, -1, "place of an operand")]
    [InlineData(PackFormat.MemberBytes, 0, "size of an operand")]
    [InlineData(PackFormat.MemberLow, -1000, "of a stream that holds")]
    [InlineData(PackFormat.MemberStep, 1, "of a stream that holds")]
    [InlineData(PackFormat.MemberHigh, 1000, "of a stream that holds")]
    public void A_forged_member_is_named(int word, int value, string says) => Refused(Members + 4 * word, value, says);

    [Fact]
    public void A_step_left_out_doubled_or_changed_is_refused()
    {
        int count = Parameter(PackFormat.GroupSteps);
        for (int i = 0; i < count; i++)
        {
            foreach ((int what, int times) in new[] { (0, 0), (0, 200), (1, 1), (127, 1), (PackFormat.StepSlide, 100), (PackFormat.StepSlide + 5, 1), (PackFormat.StepFeed, 0), (PackFormat.StepFeed, 99) })
            {
                byte[] pack = (byte[])s_pack.Clone();
                (pack[Steps + 2 * i], pack[Steps + 2 * i + 1]) = ((byte)what, (byte)times);
                SmallModels.FixCrc(pack);
                Assert.Throws<PackException>(() => Model.Load(new ByteArraySource(pack)));
            }
        }

        for (int i = 0; i + 1 < count; i++)
        {
            if (s_pack[Steps + 2 * i] == s_pack[Steps + 2 * i + 2]) continue;
            byte[] pack = (byte[])s_pack.Clone();
            s_pack.AsSpan(Steps + 2 * i, 2).CopyTo(pack.AsSpan(Steps + 2 * i + 2));
            s_pack.AsSpan(Steps + 2 * i + 2, 2).CopyTo(pack.AsSpan(Steps + 2 * i));
            SmallModels.FixCrc(pack);
            RunOrRefuse(pack);
        }
    }

    [Fact]
    public void An_input_that_is_a_stream_without_a_group_that_waits_for_it_is_refused()
    {
        byte[] pack = Packer.Pack(SmallModels.Convolution(30, 3, 5), "small").Pack;
        BitConverter.TryWriteBytes(pack.AsSpan(BitConverter.ToInt32(pack, PackFormat.TensorsAt) + PackFormat.TensorHeldAt), 27);
        SmallModels.FixCrc(pack);
        Assert.Contains("wait for rows", Assert.Throws<PackException>(() => Model.Load(new ByteArraySource(pack))).Message);
    }

    [Fact]
    public async Task Any_forged_word_of_records_and_tables_is_refused_or_runs_to_its_end()
    {
        int records = BitConverter.ToInt32(s_pack, PackFormat.LayersBytesAt) / 4;
        IEnumerable<int> words = Enumerable.Range(0, records).Select(w => Record + 4 * w).Concat(Enumerable.Range(0, (Steps - Streams) / 4).Select(w => Streams + 4 * w));
        foreach (int at in words)
        {
            foreach (int value in new[] { int.MinValue, -1, 0, 1, 3, 1 << 20, int.MaxValue })
            {
                byte[] pack = (byte[])s_pack.Clone();
                BitConverter.TryWriteBytes(pack.AsSpan(at), value);
                SmallModels.FixCrc(pack);
                await Task.Run(() => RunOrRefuse(pack), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            }
        }
    }

    private static int Parameter(int index) => BitConverter.ToInt32(s_pack, Record + 4 * (PackFormat.LayerHeaderWords + index));

    private static void Refused(int at, int value, string says)
    {
        byte[] pack = (byte[])s_pack.Clone();
        BitConverter.TryWriteBytes(pack.AsSpan(at), value);
        SmallModels.FixCrc(pack);
        Assert.Contains(says, Assert.Throws<PackException>(() => Model.Load(new ByteArraySource(pack))).Message);
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
}
