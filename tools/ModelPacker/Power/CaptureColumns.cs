using System.Globalization;
using System.Text.RegularExpressions;
using TinyAI.ModelPacker.Import;

namespace TinyAI.ModelPacker.Power;

/// <summary>What a column of a text capture holds.</summary>
internal enum ColumnKind
{
    /// <summary>Nothing that is needed.</summary>
    Other,

    /// <summary>Time of the sample.</summary>
    Time,

    /// <summary>Current.</summary>
    Current,

    /// <summary>Supply voltage.</summary>
    Voltage,

    /// <summary>One logic pin.</summary>
    Pin,

    /// <summary>Eight logic pins as eight characters, pin 0 first.</summary>
    PinString,
}

/// <summary>A column: its kind, the factor to seconds, amperes or volts, and the index of its pin.</summary>
internal readonly record struct Column(ColumnKind Kind, double Factor, int Pin);

/// <summary>
/// Finds out what the columns of a text capture hold, from its header: the Power Profiler's
/// `Timestamp(ms),Current(uA),D0-D7,D0,…`, the Joulescope's `#time (s),current (A),voltage (V)` and
/// `# time,SERIAL.i,SERIAL.v,SERIAL.0,…` (time, current, voltage, general-purpose inputs), and plain names with a unit in
/// brackets or after an underscore, such as `time_s,current_mA,pin0`.
/// </summary>
internal sealed partial class CaptureColumns
{
    private const int MostPins = 16;
    private readonly List<Column> _columns = [];
    private readonly List<string> _pins = [];

    private CaptureColumns(string format) => Format = format;

    /// <summary>What wrote the file, for people.</summary>
    public string Format { get; private set; }

    /// <summary>The columns from left to right.</summary>
    public IReadOnlyList<Column> All => _columns;

    /// <summary>Names of the pins.</summary>
    public IReadOnlyList<string> Pins => _pins;

    /// <summary>Whether there is a column of this kind.</summary>
    public bool Has(ColumnKind kind) => _columns.Any(c => c.Kind == kind);

    /// <summary>The columns that a header names.</summary>
    /// <exception cref="ModelFormatException">Time or current is missing.</exception>
    public static CaptureColumns OfHeader(string header, char separator, string path, string format, bool needsTime)
    {
        string[] names = [.. header.TrimStart('\uFEFF', '#').Split(separator).Select(n => n.Trim().Trim('"'))];
        var columns = new CaptureColumns("csv");
        bool single = names.Count(n => PinNumber().IsMatch(n)) > 0;
        foreach (string name in names) columns.Add(name, single);
        columns.Format = names.Any(n => n == "Timestamp(ms)") ? "ppk2" : names.Any(n => JoulescopeQuantity().IsMatch(n)) || header.StartsWith("#time (s)", StringComparison.Ordinal) ? "joulescope" : "csv";
        if (format is "ppk2" or "joulescope" && columns.Format != format && columns.Format != "csv")
            throw new ModelFormatException($"{path} has the header of a {columns.Format} export ({header.Trim()}), not of {format}: leave --format out.");
        string found = $"The columns found are: {string.Join(", ", names)}";
        if (!columns.Has(ColumnKind.Current)) throw new ModelFormatException($"{path} has no current column, such as \"Current(uA)\" or \"current (A)\". {found}.");
        if (needsTime && !columns.Has(ColumnKind.Time))
            throw new ModelFormatException($"{path} has no time column, such as \"Timestamp(ms)\" or \"time (s)\". {found}. Export it with time, or give the samples per second with --rate.");
        return columns;
    }

    /// <summary>The columns of a file without a header, as older Joulescope exports are: time, current, voltage.</summary>
    /// <exception cref="ModelFormatException">That is not how it looks.</exception>
    public static CaptureColumns Headerless(int count, string path, string format)
    {
        if (format != "joulescope" || count != 3)
            throw new ModelFormatException($"{path} has no header line that names its columns: export it with one (only --format joulescope with the three columns time, current, voltage is known without).");
        var columns = new CaptureColumns("joulescope");
        columns._columns.AddRange([new Column(ColumnKind.Time, 1, 0), new Column(ColumnKind.Current, 1, 0), new Column(ColumnKind.Voltage, 1, 0)]);
        return columns;
    }

    private void Add(string name, bool hasSinglePins)
    {
        (string what, string unit) = Split(name);
        Column column = what switch
        {
            "time" or "timestamp" or "t" or "seconds" when !Has(ColumnKind.Time) => new Column(ColumnKind.Time, Factor(unit, "s"), 0),
            "current" or "i" or "amperes" or "avg current" when !Has(ColumnKind.Current) => new Column(ColumnKind.Current, Factor(unit, "A"), 0),
            "voltage" or "v" or "volts" when !Has(ColumnKind.Voltage) => new Column(ColumnKind.Voltage, Factor(unit, "V"), 0),
            _ when name == "D0-D7" && !hasSinglePins => new Column(ColumnKind.PinString, 1, _pins.Count),
            _ when PinNumber().Match(name) is { Success: true } match && _pins.Count < MostPins => new Column(ColumnKind.Pin, 1, AddPin(match)),
            _ => default,
        };
        if (column.Kind == ColumnKind.PinString) _pins.AddRange(Enumerable.Range(0, 8).Select(i => $"D{i}"));
        _columns.Add(column);
    }

    private int AddPin(Match match)
    {
        string prefix = match.Groups["prefix"].Value;
        _pins.Add((prefix.EndsWith('.') ? "GPI" : prefix) + match.Groups["number"].Value);
        return _pins.Count - 1;
    }

    /// <summary>A name without its unit, in lower case, and the unit.</summary>
    private static (string Name, string Unit) Split(string name)
    {
        if (JoulescopeQuantity().Match(name) is { Success: true } quantity) return (quantity.Groups["quantity"].Value, "");
        Match match = Unit().Match(name);
        return (match.Groups["name"].Value.Trim().ToLowerInvariant(), match.Groups["unit"].Value.Trim());
    }

    /// <summary>The factor from a unit to the base unit; a unit that is not one is taken for the base.</summary>
    private static double Factor(string unit, string baseUnit)
    {
        if (!unit.EndsWith(baseUnit, true, CultureInfo.InvariantCulture)) return 1;
        return unit[..^baseUnit.Length] switch
        {
            "m" => 1e-3,
            "u" or "µ" or "μ" => 1e-6,
            "n" => 1e-9,
            _ => 1,
        };
    }

    [GeneratedRegex(@"^(?<name>[^(\[_]*)(?:[(\[_](?<unit>[^)\]]*)[)\]]?)?$")]
    private static partial Regex Unit();

    [GeneratedRegex(@"^(?<prefix>D|GPI|GPIO|gpi|gpio|pin|PIN|in|[\w-]+\.)(?<number>\d{1,2})$")]
    private static partial Regex PinNumber();

    [GeneratedRegex(@"^(?=.*\d)[\w-]+\.(?<quantity>[iv])$")]
    private static partial Regex JoulescopeQuantity();
}
