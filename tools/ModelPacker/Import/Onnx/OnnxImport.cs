using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Onnx.Operators;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>
/// One import under way: walks over the nodes, folds what is known, converts the rest, and collects every reason for which
/// the model cannot be imported.
/// </summary>
internal sealed class OnnxImport(OnnxModel model, Graph graph, ImportOptions options)
{
    /// <summary>More than this after loops are unrolled is no model for a microcontroller.</summary>
    private const int MostNodes = 20000;

    private readonly OnnxTensorReader _tensors = new(options.Folder);
    private readonly GraphWriter _writer = new(graph);
    private readonly HashSet<string> _unknown = [];
    private readonly Dictionary<string, string> _missing = [];
    private int _index;

    /// <summary>Version of ONNX's own operator set.</summary>
    public long Opset { get; } = model.Opsets.GetValueOrDefault("", 1);

    /// <summary>The graph that is made.</summary>
    public Graph Graph => graph;

    /// <summary>What a user says about the model.</summary>
    public ImportOptions Options => options;

    /// <summary>Every reason found, a sentence each.</summary>
    public List<string> Reasons { get; } = [];

    /// <summary>Takes a stored tensor.</summary>
    public OnnxConstant Read(OnnxTensor tensor) => _tensors.Read(tensor);

    /// <summary>Makes the initialisers of a graph known.</summary>
    public void AddInitialisers(OnnxGraph from, OnnxScope scope)
    {
        foreach (OnnxTensor tensor in from.Initialisers)
        {
            try
            {
                OnnxConstant constant = Read(tensor);
                scope.Set(tensor.Name, new OnnxValue { Name = tensor.Name, Type = constant.Type, Shape = constant.Shape, Constant = constant });
            }
            catch (ModelFormatException e)
            {
                Reasons.Add(e.Message);
                scope.Set(tensor.Name, null);
            }
        }
    }

    /// <summary>Converts the nodes of a graph or body.</summary>
    public void Run(OnnxGraph from, OnnxScope scope)
    {
        foreach (OnnxNode node in NodeOrder.Of(from.Nodes))
        {
            int origin = _index++;
            if (graph.Nodes.Count > MostNodes) throw new ModelFormatException($"The model has more than {MostNodes} operators, too many for a microcontroller.");
            OnnxValue?[] results = Convert(node, origin, scope);
            for (int i = 0; i < node.Outputs.Count; i++) scope.Set(node.Outputs[i], results[i]);
        }
    }

    private OnnxValue?[] Convert(OnnxNode node, int origin, OnnxScope scope)
    {
        var failed = new OnnxValue?[node.Outputs.Count];
        string kind = (node.Domain.Length == 0 ? "" : node.Domain + "::") + node.OpType;
        Action<OnnxNodeContext>? convert = OnnxOperatorTable.Find(node);
        if (convert is null && !ConstantFolding.Knows(node))
        {
            if (_unknown.Add(kind)) Reasons.Add($"The operator {kind} (node {Label(node, origin)}) is not supported: export the model without it; docs/operators.md lists what is supported.");
            return failed;
        }

        var inputs = new OnnxValue?[node.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (node.Inputs[i].Length == 0) continue;
            if (!scope.Find(node.Inputs[i], out inputs[i]))
            {
                Reasons.Add($"The {kind} (node {Label(node, origin)}) reads {node.Inputs[i]}, which nothing computes before it: the file is damaged.");
                return failed;
            }

            if (inputs[i] is null)
            {
                AddMissing(node.Inputs[i]);
                return failed;
            }
        }

        _writer.Origin = origin;
        _writer.Name = node.Outputs.FirstOrDefault(o => o.Length > 0) ?? node.Name;
        var context = new OnnxNodeContext(node, inputs, _writer, this, scope);
        try
        {
            if (!ConstantFolding.Fold(context))
            {
                if (convert is null) throw new OnnxRefusal("works on computed values, which is not supported: export the model with fixed shapes, or without it.");
                convert(context);
            }

            for (int i = 0; i < context.Results.Length; i++)
            {
                if (context.Wants(i) && context.Results[i] is null) _missing[node.Outputs[i]] = $"The {kind} (node {Label(node, origin)}) gives an output {node.Outputs[i]} that is not supported: export the model without it.";
            }

            return context.Results;
        }
        catch (OnnxRefusal e)
        {
            Reasons.Add($"The {kind} (node {Label(node, origin)}) {e.Message}");
        }
        catch (Exception e) when (e is OverflowException or IndexOutOfRangeException or ArgumentException or InvalidOperationException or NullReferenceException or KeyNotFoundException or DivideByZeroException)
        {
            Reasons.Add($"The {kind} (node {Label(node, origin)}) has inputs or attributes that do not fit each other: the file is damaged or from an unknown exporter.");
        }

        return failed;
    }

    /// <summary>
    /// The reason why a value could not be made, where it has none yet: exporters name outputs that nobody reads, so the
    /// reason counts only when somebody does.
    /// </summary>
    public void AddMissing(string name)
    {
        if (_missing.Remove(name, out string? reason)) Reasons.Add(reason);
    }

    private static string Label(OnnxNode node, int origin) => node.Name.Length == 0 ? $"{origin}" : $"{origin}, {node.Name}";
}
