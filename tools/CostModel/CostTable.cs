using System.Text.Json;
using System.Text.Json.Serialization;

namespace TinyAI.CostModel;

/// <summary>A board's operation costs cannot be used; the message is one sentence for the user.</summary>
public sealed class CostTableException(string message) : Exception(message);

/// <summary>
/// What operations cost on a board, read from boards/costs/NAME.json. Costs are in units of one i4 addition;
/// <see cref="NanosecondsPerAdd"/> says how long that takes.
/// </summary>
public sealed record CostTable
{
    private readonly double[] _weights;

    /// <summary>Makes a table from the costs of some classes; the others follow by <see cref="CostClass.Like"/>.</summary>
    public CostTable(string board, string source, double nanosecondsPerAdd, IReadOnlyDictionary<string, double> costs)
    {
        (Board, Source, NanosecondsPerAdd, Costs) = (board, source, nanosecondsPerAdd, costs);
        _weights = new double[CostClasses.All.Count];
        for (int i = 0; i < _weights.Length; i++)
        {
            CostClass c = CostClasses.All[i];
            _weights[i] = costs.TryGetValue(c.Name, out double given) ? given : c.Like is null ? 1 : _weights[CostClasses.IndexOf(c.Like)] * c.Factor;
        }
    }

    /// <summary>Name of the board.</summary>
    public string Board { get; }

    /// <summary>Where the figures come from.</summary>
    public string Source { get; }

    /// <summary>Nanoseconds of one i4 addition.</summary>
    public double NanosecondsPerAdd { get; }

    /// <summary>The classes that the table gives itself.</summary>
    public IReadOnlyDictionary<string, double> Costs { get; }

    /// <summary>The table of the host build of the interpreter, which relative figures are stated in.</summary>
    public static CostTable Host { get; } = Find("host");

    /// <summary>Cost of a class in additions.</summary>
    public double this[string name] => _weights[CostClasses.IndexOf(name)];

    /// <summary>Weighted sum of executed operations (indexed as <see cref="CostClasses.All"/>) in additions.</summary>
    public double Adds(ReadOnlySpan<long> operations)
    {
        double sum = 0;
        for (int i = 0; i < operations.Length; i++) sum += operations[i] * _weights[i];
        return sum;
    }

    /// <summary>The table of a board, by its name (as with board profiles) or by the path of a file.</summary>
    /// <exception cref="CostTableException">There is none, or it cannot be used.</exception>
    public static CostTable Find(string name)
    {
        string known = Path.Combine(AppContext.BaseDirectory, "costs", name + ".json");
        string path = File.Exists(known) ? known : name;
        if (!File.Exists(path)) throw new CostTableException($"There are no operation costs for {name}: measure the board with the probe application, or give the path of a table.");
        return Read(File.ReadAllText(path), path);
    }

    /// <summary>Whether operation costs are known for a board.</summary>
    public static bool Exists(string board) => File.Exists(Path.Combine(AppContext.BaseDirectory, "costs", board + ".json"));

    /// <summary>Reads a table from JSON; what is named in the text is not believed before it has been checked.</summary>
    public static CostTable Read(string json, string name)
    {
        TableFile file;
        try
        {
            file = JsonSerializer.Deserialize<TableFile>(json) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new CostTableException($"The operation costs {name} cannot be read: {e.Message.TrimEnd('.')}.");
        }

        if (!double.IsFinite(file.NsPerAdd) || file.NsPerAdd <= 0) throw new CostTableException($"The operation costs {name} need nsPerAdd above 0.");
        foreach ((string key, double cost) in file.Costs)
        {
            if (!CostClasses.Exists(key)) throw new CostTableException($"The operation costs {name} name the class {key}, which does not exist: see docs/cost-model.md for the list.");
            if (!double.IsFinite(cost) || cost < 0) throw new CostTableException($"The operation costs {name} give {key} a cost that is not a number from 0 up.");
        }

        return new CostTable(file.Board, file.Source, file.NsPerAdd, file.Costs);
    }

    private sealed record TableFile
    {
        [JsonPropertyName("board")]
        public required string Board { get; init; }

        [JsonPropertyName("source")]
        public required string Source { get; init; }

        [JsonPropertyName("nsPerAdd")]
        public required double NsPerAdd { get; init; }

        [JsonPropertyName("costs")]
        public required Dictionary<string, double> Costs { get; init; }
    }
}
