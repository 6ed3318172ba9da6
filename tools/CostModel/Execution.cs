namespace TinyAI.CostModel;

/// <summary>How often each basic block ran, and from that every operation.</summary>
public sealed class Execution
{
    private readonly InstrumentedAssembly[] _assemblies;
    private readonly long[][] _counts;

    internal Execution(InstrumentedAssembly[] assemblies, long[][] counts)
    {
        (_assemblies, _counts) = (assemblies, counts);
        Operations = new long[CostClasses.All.Count];
        foreach ((BasicBlock block, long count) in Blocks().Select(b => (b.Block, b.Count))) Add(Operations, block, count);
    }

    /// <summary>Executed operations, indexed as <see cref="CostClasses.All"/>.</summary>
    public long[] Operations { get; }

    /// <summary>Executed operations of one class.</summary>
    public long this[string name] => Operations[CostClasses.IndexOf(name)];

    /// <summary>Weighs the operations with a board's costs.</summary>
    public CostReport Weigh(CostTable table)
    {
        var methods = new Dictionary<(InstrumentedAssembly, int), (long Calls, long[] Operations)>();
        foreach ((InstrumentedAssembly assembly, BasicBlock block, long count) in Blocks())
        {
            (long calls, long[] operations) = methods.GetValueOrDefault((assembly, block.Method), (0, new long[Operations.Length]));
            Add(operations, block, count);
            methods[(assembly, block.Method)] = (calls + (block.IsEntry ? count : 0), operations);
        }

        double adds = table.Adds(Operations);
        return new CostReport(
            adds, adds * table.NanosecondsPerAdd, Operations.Sum(),
            [.. methods.Select(m => new MethodCost(m.Key.Item1.Methods[m.Key.Item2], m.Value.Calls, table.Adds(m.Value.Operations)))
                .OrderByDescending(m => m.Adds).ThenBy(m => m.Method, StringComparer.Ordinal)]);
    }

    private static void Add(long[] sum, BasicBlock block, long count)
    {
        for (int i = 0; i < sum.Length; i++) sum[i] += block.Operations[i] * count;
    }

    private IEnumerable<(InstrumentedAssembly Assembly, BasicBlock Block, long Count)> Blocks()
    {
        for (int a = 0; a < _assemblies.Length; a++)
        {
            for (int b = 0; b < _counts[a].Length; b++)
            {
                if (_counts[a][b] != 0) yield return (_assemblies[a], _assemblies[a].Blocks[b], _counts[a][b]);
            }
        }
    }
}

/// <summary>What an execution costs.</summary>
/// <param name="Adds">Weighted cost in units of one i4 addition.</param>
/// <param name="Nanoseconds">The same in time on the table's board.</param>
/// <param name="Operations">Number of IL operations, unweighted.</param>
/// <param name="Methods">Cost of each method by itself, without what it calls, the dearest first.</param>
public sealed record CostReport(double Adds, double Nanoseconds, long Operations, IReadOnlyList<MethodCost> Methods)
{
    /// <summary>Time in milliseconds.</summary>
    public double Milliseconds => Nanoseconds / 1e6;
}

/// <summary>What one method costs.</summary>
public sealed record MethodCost(string Method, long Calls, double Adds);
