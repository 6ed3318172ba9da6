using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Quantise;

/// <summary>
/// What one operator needs of its tensors, and how its node becomes an integer one. Most operators are a line in
/// <see cref="RuleTable"/>; one that has more to say (cell states, tables of its own) derives from this class.
/// </summary>
public class QuantisationRule
{
    private readonly Need[] _inputs;
    private readonly Need _output;

    /// <summary>Makes a rule; inputs beyond the list need what its last entry says.</summary>
    public QuantisationRule(Need output, params Need[] inputs)
    {
        _output = output;
        _inputs = inputs.Length == 0 ? [Need.Own] : inputs;
    }

    /// <summary>What the rule says without a node: the output's need, and those of the first inputs.</summary>
    public (Need Output, IReadOnlyList<Need> Inputs) Needs => (_output, _inputs);

    /// <summary>What an input needs. Only float tensors are asked for.</summary>
    public virtual Need Input(Node node, int index) => _inputs[Math.Min(index, _inputs.Length - 1)];

    /// <summary>What an output needs. Only float tensors are asked for.</summary>
    public virtual Need Output(Node node, int index) => _output;

    /// <summary>
    /// Adds the integer node, or several, to the graph that is being made. At this point every float activation has its
    /// quantisation and the integer tensors of all inputs exist.
    /// </summary>
    public virtual void Convert(Node node, Conversion conversion) =>
        conversion.Emit(node, [.. node.Inputs.Select((t, i) => t is null ? null : conversion.Input(node, i))], [.. node.Outputs.Select(conversion.Output)]);
}
