namespace TinyAI.CostModel.Tests;

/// <summary>Tables of operation costs: what they say, what follows, what is refused.</summary>
public class CostTableTests
{
    [Fact]
    public void A_class_that_a_table_leaves_out_follows_a_related_one()
    {
        CostTable table = CostTable.Read("""{"board":"b","source":"s","nsPerAdd":100,"costs":{"ldloc":2,"ldelem.i1":10}}""", "b.json");
        Assert.Equal(2, table["stloc"]);
        Assert.Equal(2, table["ldarg"]);
        Assert.Equal(10 * 1.29, table["ldelem.i4"], 9);
        Assert.Equal(1, table["add.i4"]);
        Assert.Equal(0.88, table["mul.i4"], 9);
    }

    [Fact]
    public void The_hosts_table_gives_the_measured_operations_as_they_were_measured()
    {
        CostTable host = CostTable.Find("host");
        Assert.Equal(11.3, host.NanosecondsPerAdd);
        Assert.Equal((0.43, 1.4, 8.6, 0.24), (host["ldloc"], host["ldelem.i1"], host["call.interface"], host["shift.i8"]));
        Assert.True(host.Costs.Count >= 30);
    }

    [Fact]
    public void Every_class_falls_back_on_one_before_it()
    {
        for (int i = 1; i < CostClasses.All.Count; i++)
            Assert.InRange(CostClasses.IndexOf(CostClasses.All[i].Like!), 0, i - 1);
    }

    [Theory]
    [InlineData("""{"board":"b","source":"s","nsPerAdd":0,"costs":{}}""", "nsPerAdd above 0")]
    [InlineData("""{"board":"b","source":"s","nsPerAdd":1,"costs":{"ldlok":1}}""", "the class ldlok")]
    [InlineData("""{"board":"b","source":"s","nsPerAdd":1,"costs":{"ldloc":-1}}""", "ldloc a cost that is not")]
    [InlineData("""{"board":"b","nsPerAdd":1,"costs":{}}""", "cannot be read")]
    [InlineData("""{"board":"b","source":"s","nsPerAdd":"fast","costs":{}}""", "cannot be read")]
    [InlineData("null", "cannot be read")]
    public void A_table_that_cannot_be_used_is_refused_in_one_sentence(string json, string reason)
    {
        var e = Assert.Throws<CostTableException>(() => CostTable.Read(json, "b.json"));
        Assert.Contains("b.json", e.Message);
        Assert.Contains(reason, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_board_without_a_table_is_named_in_the_refusal()
    {
        var e = Assert.Throws<CostTableException>(() => CostTable.Find("no-such-board"));
        Assert.Contains("no-such-board", e.Message);
    }
}
