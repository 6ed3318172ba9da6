namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>The values that nodes can name: those of their own graph and, in a loop's body, of the graphs around it.</summary>
internal sealed class OnnxScope(OnnxScope? outer = null)
{
    private readonly Dictionary<string, OnnxValue?> _values = [];

    /// <summary>Finds a value; false where no such name is known. A known name without a value belongs to a node that was refused.</summary>
    public bool Find(string name, out OnnxValue? value)
    {
        for (OnnxScope? scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._values.TryGetValue(name, out value)) return true;
        }

        value = null;
        return false;
    }

    /// <summary>Names a value; null for one that could not be made.</summary>
    public void Set(string name, OnnxValue? value)
    {
        if (name.Length > 0) _values[name] = value;
    }

    /// <summary>Whether this graph itself has the name.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    private OnnxScope? Outer { get; } = outer;
}
