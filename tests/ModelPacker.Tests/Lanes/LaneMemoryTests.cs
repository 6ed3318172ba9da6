using System.Reflection;
using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Lanes;

/// <summary>The account of lane memory against the objects that a session really holds, and packs that ask for too much.</summary>
public class LaneMemoryTests
{
    private static readonly byte[] s_model = SmallModels.Convolution(9, 5, 11);

    [Theory]
    [InlineData(int.MaxValue)]
    [InlineData(3000)]
    [InlineData(2000)]
    public void The_account_equals_the_objects_that_a_session_holds(int budget)
    {
        PackResult packed = Packer.Pack(s_model, "small", lanes: new LanePolicy(budget));
        Session session = Model.Load(new ByteArraySource(packed.Pack)).CreateSession();
        object? lanes = typeof(Session).GetField("_lanes", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(session);
        object? records = lanes?.GetType().GetField("_records", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(lanes);
        int counted = records is null ? 0 : HeapOf(records, []);
        Assert.Equal(packed.Heap.Lanes, lanes is null ? 0 : HeapOf(lanes, []) - counted);
        Assert.True(packed.Heap.Lanes <= budget);
        Assert.True(budget == 2000 || packed.Heap.Lanes > 0, "there are no lanes to account for");
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(int.MaxValue, true)]
    public void Records_are_kept_where_the_budget_allows_and_the_account_knows_what_they_take(int budget, bool kept)
    {
        PackResult packed = Packer.Pack(s_model, "small", lanes: new LanePolicy(budget));
        Session session = Model.Load(new ByteArraySource(packed.Pack)).CreateSession();
        object? Field(string name) => typeof(Session).GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(session);
        Assert.Equal(kept, packed.Model.KeepsRecords);
        object? records = kept ? Field("_lanes")!.GetType().GetField("_records", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(Field("_lanes")) : null;
        var seen = new HashSet<object>();
        int held = new[] { records, Field("_layer"), Field("_parameters") }.Sum(o => o is null ? 0 : HeapOf(o, seen));
        Assert.Equal(SessionHeap.Records(kept, packed.Model), held);
    }

    [Fact]
    public void A_larger_budget_never_makes_a_model_slower()
    {
        double last = double.MaxValue;
        foreach (int budget in new[] { 0, 1500, 2500, 4000, 8000, int.MaxValue })
        {
            double cost = Packer.Pack(s_model, "small", lanes: new LanePolicy(budget)).Model.Layers.Sum(LaneCost.Of);
            Assert.True(cost <= last, $"{cost} with {budget} B, {last} with less");
            last = cost;
        }
    }

    [Fact]
    public void No_policy_and_never_give_the_same_plain_pack()
    {
        Assert.Equal(Packer.Pack(s_model, "small").Pack, Packer.Pack(s_model, "small", lanes: LanePolicy.Never).Pack);
        Assert.Equal("plain", Packer.Pack(s_model, "small").Model.Layers[0].Form);
    }

    [Fact]
    public void Preferring_speed_on_the_command_line_gives_lanes_within_the_board_and_ram_gives_none()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("m.tflite"), s_model);
        foreach ((string[] extra, string form) in new[] { (Array.Empty<string>(), "\"plain"), (["--prefer", "speed"], "\"lanes, resident\""), (["--prefer", "speed", "--board", "esp32"], "\"lanes, resident\"") })
        {
            Tool.Result result = Tool.Run(["pack", folder.File("m.tflite"), "-o", folder.File("m.tai"), "--json", .. extra]);
            Assert.Equal(0, result.ExitCode);
            Assert.Contains($"\"form\": {form}", result.Output);
        }

        Assert.Equal(2, Tool.Run("pack", folder.File("m.tflite"), "-o", folder.File("m.tai"), "--prefer", "size").ExitCode);
    }

    [Fact]
    public void Forged_parameters_of_a_lane_layer_are_refused_or_stay_inside_arrays()
    {
        byte[] sound = Packer.Pack(s_model, "small", lanes: LanePolicy.Always).Pack;
        int record = BitConverter.ToInt32(sound, PackFormat.LayersAt), refused = 0;
        int words = PackFormat.LayerHeaderWords + BitConverter.ToInt32(sound, record + 4 * PackFormat.LayerParameterWords);
        foreach (int word in Enumerable.Range(0, words))
        {
            foreach (int value in new[] { int.MinValue, -1, 0, 1, 3, 1000, 1 << 20, int.MaxValue })
            {
                byte[] pack = (byte[])sound.Clone();
                BitConverter.TryWriteBytes(pack.AsSpan(record + 4 * word), value);
                SmallModels.FixCrc(pack);
                try
                {
                    Session session = Model.Load(new ByteArraySource(pack)).CreateSession();
                    Assert.True(word is < PackFormat.LayerHeaderWords || value is >= 0 || word - PackFormat.LayerHeaderWords >= 12, $"word {word} may not be {value}");
                }
                catch (PackException)
                {
                    refused++;
                }
            }
        }

        Assert.True(refused > words, $"{refused} refused");
    }

    private static int HeapOf(object value, HashSet<object> seen)
    {
        if (!seen.Add(value)) return 0;
        if (value is Array array)
        {
            Type element = array.GetType().GetElementType()!;
            if (!element.IsValueType) return HeapModel.References(array.Length) + array.Cast<object?>().Sum(e => e is null ? 0 : HeapOf(e, seen));
            return HeapModel.Array(array.Length, element == typeof(long) ? 8 : element == typeof(int) ? 4 : 1);
        }

        FieldInfo[] fields = value.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        IEnumerable<object?> parts = fields.Where(f => !f.FieldType.IsValueType && f.FieldType != typeof(IPackSource)).Select(f => f.GetValue(value));
        return HeapModel.Object(fields.Length) + parts.Sum(p => p is null ? 0 : HeapOf(p, seen));
    }
}
