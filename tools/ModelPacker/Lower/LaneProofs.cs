namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// The lane forms of layers, each proved once. A model is planned many times over before one plan is kept, always from the
/// same weights, and a proof goes over every channel's whole range: most of the time that packing takes.
/// </summary>
public sealed class LaneProofs
{
    private readonly Dictionary<Question, (Layer? Layer, string Reason)> _known = [];

    /// <summary>All that an answer depends on; weights are the same where they are the same array, which no stage changes.</summary>
    private readonly record struct Question(int Kind, int Rows, byte[] Weights, string Parameters, (int, int) First, (int, int) Second);

    /// <summary>The lane form of a layer whose operands have these values, or why there is none.</summary>
    /// <param name="layer">The plain layer.</param>
    /// <param name="first">Least and greatest value of its input.</param>
    /// <param name="second">The same of its second input, where it has one.</param>
    /// <param name="prove">Finds the form, where it is not known yet.</param>
    public (Layer? Layer, string Reason) Of(Layer layer, (int Low, int High) first, (int Low, int High) second, Func<(Layer? Layer, string Reason)> prove)
    {
        var question = new Question(layer.Kind, layer.Rows, layer.Weights, string.Join(',', layer.Parameters), first, second);
        if (!_known.TryGetValue(question, out (Layer? Layer, string Reason) answer)) return _known[question] = prove();
        if (answer.Layer is not { } form) return answer;
        // Plans are made of copies of the model: where the layer reads and writes is another place each time.
        return (layer with
        {
            Kind = form.Kind, Name = form.Name, Rows = form.Rows, Parameters = form.Parameters, Weights = form.Weights, BlockBytes = form.BlockBytes,
            WindowBytes = form.WindowBytes, Form = form.Form,
        }, "");
    }
}
