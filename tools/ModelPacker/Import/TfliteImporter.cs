using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import;

/// <summary>
/// Turns a .tflite model into a graph: the first subgraph becomes the nodes; a subgraph that CALL_ONCE names gives the
/// resource variables their initial values and disappears.
/// </summary>
public static class TfliteImporter
{
    /// <summary>Reads a .tflite file.</summary>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    /// <exception cref="UnsupportedModelException">The file is sound, but cannot become a graph.</exception>
    public static Graph Import(ReadOnlyMemory<byte> file, string name) => Import(TfliteReader.Read(file), name);

    /// <summary>Converts a model that has been read or built.</summary>
    public static Graph Import(TfliteModel model, string name)
    {
        if (model.Subgraphs.Count == 0) throw new ModelFormatException("The model has no subgraph, so there is nothing to run.");
        var reasons = new List<string>();
        var variables = new Dictionary<string, Variable>();
        TfliteSubgraph main = model.Subgraphs[0];
        var graph = new Graph { Name = name };
        var tensors = main.Tensors.Select((t, i) => Convert(model, t, i, reasons)).ToArray();

        for (int i = 0; i < main.Operators.Count; i++)
        {
            TfliteOperator op = main.Operators[i];
            BuiltinOperator code = model.CodeOf(op).BuiltinCode;
            if (code == BuiltinOperator.CALL_ONCE)
            {
                Initialise(model, op, variables, reasons);
                continue;
            }

            Node node = ToNode(model, op, i, tensors);
            if (code == BuiltinOperator.VAR_HANDLE) node.Variable = VariableOf(op, variables);
            graph.Nodes.Add(node);
        }

        if (reasons.Count > 0) throw new UnsupportedModelException(reasons);
        BindVariables(graph);
        graph.Inputs.AddRange(main.Inputs.Where(i => i >= 0).Select(i => tensors[i]));
        graph.Outputs.AddRange(main.Outputs.Where(i => i >= 0).Select(i => tensors[i]));
        CheckOrder(graph);
        return graph;
    }

    private static Tensor Convert(TfliteModel model, TfliteTensor tensor, int index, List<string> reasons)
    {
        if (tensor.Quantization is { HasDetails: true })
            reasons.Add($"Tensor {tensor.Name} uses a quantisation scheme other than scale and zero point: convert the model to plain int8.");
        if (tensor.HasSparsity)
            reasons.Add($"Tensor {tensor.Name} is stored sparse, which is not supported: convert the model without sparsity.");
        Quantisation? quantisation = null;
        if (tensor.Quantization is { Scale.Length: > 0 } q)
            quantisation = new Quantisation(q.Scale, [.. Enumerable.Range(0, q.Scale.Length).Select(q.ZeroPointAt)], tensor.QuantizedAxis);
        byte[]? data = model.IsConstant(tensor) ? model.DataOf(tensor).ToArray() : null;
        bool packed = tensor.Type == TfliteType.INT4 && data is not null;
        return new Tensor
        {
            Name = tensor.Name.Length == 0 ? $"#{index}" : tensor.Name,
            Type = packed ? TfliteType.INT8 : tensor.Type,
            Shape = [.. tensor.Shape],
            Quantisation = quantisation,
            Data = packed ? Unpack(data!, tensor.Shape.Aggregate(1, (a, b) => a * b)) : data,
            IsVariable = tensor.IsVariable,
        };
    }

    /// <summary>Weights of 4 bits as int8: the lower half of a byte comes first, both halves are signed.</summary>
    private static byte[] Unpack(byte[] halves, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (byte)((sbyte)(i % 2 == 0 ? halves[i / 2] << 4 : halves[i / 2] & 0xF0) >> 4))];

    private static Node ToNode(TfliteModel model, TfliteOperator op, int index, Tensor[] tensors)
    {
        TfliteOperatorCode code = model.CodeOf(op);
        return new Node
        {
            Operator = code.BuiltinCode,
            CustomCode = code.BuiltinCode == BuiltinOperator.CUSTOM ? code.CustomCode : null,
            Options = op.BuiltinOptions,
            Inputs = [.. op.Inputs.Select(i => i < 0 ? null : tensors[i])],
            Outputs = [.. op.Outputs.Select(i => tensors[i])],
            Intermediates = [.. op.Intermediates.Where(i => i >= 0).Select(i => tensors[i])],
            Origin = index,
        };
    }

    private static Variable VariableOf(TfliteOperator op, Dictionary<string, Variable> variables)
    {
        string name = op.BuiltinOptions is VarHandleOptions handle ? handle.Container + "/" + handle.SharedName : "";
        if (!variables.TryGetValue(name, out Variable? variable))
            variables[name] = variable = new Variable { Name = name };
        return variable;
    }

    /// <summary>Takes the constants that an initialisation subgraph assigns; anything but handles and constants is refused.</summary>
    private static void Initialise(TfliteModel model, TfliteOperator call, Dictionary<string, Variable> variables, List<string> reasons)
    {
        if (call.BuiltinOptions is not CallOnceOptions options || options.InitSubgraphIndex < 0 || options.InitSubgraphIndex >= model.Subgraphs.Count)
            throw new ModelFormatException("A CALL_ONCE operator does not name a subgraph of the model.");
        TfliteSubgraph subgraph = model.Subgraphs[options.InitSubgraphIndex];
        var handles = new Dictionary<int, Variable>();
        foreach (TfliteOperator op in subgraph.Operators)
        {
            switch (model.CodeOf(op).BuiltinCode)
            {
                case BuiltinOperator.VAR_HANDLE when op.Outputs.Length == 1:
                    handles[op.Outputs[0]] = VariableOf(op, variables);
                    break;
                case BuiltinOperator.ASSIGN_VARIABLE when op.Inputs.Length == 2 && handles.ContainsKey(op.Inputs[0])
                    && op.Inputs[1] >= 0 && model.IsConstant(subgraph.Tensors[op.Inputs[1]]):
                    handles[op.Inputs[0]].Initial = model.DataOf(subgraph.Tensors[op.Inputs[1]]).ToArray();
                    break;
                default:
                    reasons.Add($"The initialisation subgraph {subgraph.Name} uses {model.CodeOf(op)} on something that is not a constant: only constant initial values are supported.");
                    break;
            }
        }
    }

    private static void BindVariables(Graph graph)
    {
        var handles = graph.Nodes.Where(n => n.Variable is not null && n.Outputs.Count == 1).ToDictionary(n => n.Output, n => n.Variable!);
        foreach (Node node in graph.Nodes.Where(n => n.Operator is BuiltinOperator.READ_VARIABLE or BuiltinOperator.ASSIGN_VARIABLE))
        {
            if (node.Inputs.Count == 0 || node.Inputs[0] is null || !handles.TryGetValue(node.Input(), out Variable? variable))
                throw new ModelFormatException($"The {node} names no variable: its first input is not the output of a VAR_HANDLE.");
            node.Variable = variable;
            variable.Value ??= node.Operator == BuiltinOperator.READ_VARIABLE ? node.Outputs.FirstOrDefault() : node.OptionalInput(1);
        }
    }

    /// <summary>Files come in execution order; one that does not would read memory that nothing has written.</summary>
    private static void CheckOrder(Graph graph)
    {
        var known = new HashSet<Tensor>(graph.Inputs);
        foreach (Node node in graph.Nodes)
        {
            foreach (Tensor? input in node.Inputs)
            {
                if (input is not null && !input.IsConstant && !input.IsVariable && !known.Contains(input) && input.Count > 0)
                    throw new ModelFormatException($"The {node} reads tensor {input.Name} before anything computes it: the operators are not in execution order.");
            }

            foreach (Tensor output in node.Outputs)
            {
                if (output.IsConstant || !known.Add(output))
                    throw new ModelFormatException($"The {node} writes tensor {output.Name}, which already has a value.");
            }
        }

        foreach (Tensor output in graph.Outputs)
        {
            if (!output.IsConstant && !known.Contains(output))
                throw new ModelFormatException($"The model's output {output.Name} is computed by no operator.");
        }
    }
}
