using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Import.Onnx;

/// <summary>
/// Turns an ONNX model into a graph: float32 and quantised tensors, every shape known, ONNX's operators said in TensorFlow
/// Lite's. Layouts stay as in the model; transpositions stand around operators that want channels last, for the passes to
/// push together.
/// </summary>
public static class OnnxImporter
{
    private const long OldestOpset = 7;
    private const long NewestOpset = 25;

    /// <summary>Imports a model.</summary>
    /// <exception cref="ModelFormatException">The file is damaged.</exception>
    /// <exception cref="UnsupportedModelException">The model cannot become a graph; all reasons are given.</exception>
    public static Graph Import(OnnxModel model, string name, ImportOptions options)
    {
        var graph = new Graph { Name = name, SaysQuantisation = true };
        var import = new OnnxImport(model, graph, options);
        if (import.Opset is < OldestOpset or > NewestOpset)
            import.Reasons.Add($"The model uses version {import.Opset} of the ONNX operators; versions {OldestOpset} to {NewestOpset} are supported: export it with opset 13 to 18.");
        if (model.HasFunctions) import.Reasons.Add("The model defines functions of its own, which are not supported: export it with them inlined.");
        if (model.Graph.HasSparse) import.Reasons.Add("The model stores tensors sparse, which is not supported: export it with plain weights.");

        var scope = new OnnxScope();
        import.AddInitialisers(model.Graph, scope);
        AddInputs(model.Graph, graph, scope, import);
        import.Run(model.Graph, scope);
        AddOutputs(model.Graph, graph, scope, import);
        return import.Reasons.Count == 0 ? graph : throw new UnsupportedModelException(import.Reasons);
    }

    private static void AddInputs(OnnxGraph model, Graph graph, OnnxScope scope, OnnxImport import)
    {
        OnnxValueInfo[] inputs = [.. model.Inputs.Where(i => !scope.Has(i.Name))];
        var shapes = new InputShapes(inputs, import.Options.Shapes);
        foreach (OnnxValueInfo info in inputs)
        {
            var type = (OnnxType)info.ElementType;
            if (type is not (OnnxType.Float or OnnxType.Int64 or OnnxType.Int32 or OnnxType.Bool or OnnxType.Int8 or OnnxType.UInt8))
            {
                import.Reasons.Add($"The model's input {info.Name} is {type.Name()}: float, int64, int32, bool, int8 and uint8 are possible.");
                scope.Set(info.Name, null);
                continue;
            }

            if (shapes.Of(info, import.Reasons) is not { } shape)
            {
                scope.Set(info.Name, null);
                continue;
            }

            var tensor = new Tensor { Name = info.Name, Type = type.ToGraph(), Shape = shape, ModelType = type == OnnxType.Int64 ? TfliteType.INT64 : null };
            graph.Inputs.Add(tensor);
            scope.Set(info.Name, new OnnxValue { Name = info.Name, Type = type, Shape = shape, Tensor = tensor });
        }

        import.Reasons.AddRange(shapes.Unused());
    }

    private static void AddOutputs(OnnxGraph model, Graph graph, OnnxScope scope, OnnxImport import)
    {
        if (model.Outputs.Count == 0) import.Reasons.Add("The model gives nothing out: it is damaged, or was exported wrongly.");
        var writer = new GraphWriter(graph) { Origin = model.Nodes.Count };
        foreach (OnnxValueInfo info in model.Outputs)
        {
            if (!scope.Find(info.Name, out OnnxValue? value))
                import.Reasons.Add($"The model's output {info.Name} is computed by no operator: the file is damaged.");
            if (value is null)
            {
                import.AddMissing(info.Name);
                continue;
            }

            if (value.Dynamic is not null)
            {
                import.Reasons.Add($"The model's output {info.Name} is a dynamically quantised value, which has no meaning without its scale: export the model with float outputs.");
                continue;
            }

            if (value.Type is not (OnnxType.Float or OnnxType.Int64 or OnnxType.Int32 or OnnxType.Bool or OnnxType.Int8 or OnnxType.UInt8))
            {
                import.Reasons.Add($"The model's output {info.Name} is {value.Type.Name()}: float, int64, int32, bool, int8 and uint8 are possible.");
                continue;
            }

            writer.Name = info.Name;
            Tensor tensor = value.Tensor ?? writer.Constant(value.Constant!);
            if (value.Type == OnnxType.UInt8 && tensor is { Type: TfliteType.INT8, Quantisation: { IsPerChannel: false } q })
            {
                var unsigned = new Tensor { Name = info.Name, Type = TfliteType.UINT8, Shape = tensor.Shape, Quantisation = new Quantisation(q.Scales, [q.ZeroPoint + 128], 0) };
                writer.AddNode(BuiltinOperator.QUANTIZE, null, [tensor], [unsigned]);
                tensor = unsigned;
            }
            else if (tensor.IsConstant || graph.Inputs.Contains(tensor) || graph.Outputs.Contains(tensor))
            {
                tensor = writer.Like(BuiltinOperator.RESHAPE, new ReshapeOptions(tensor.Shape), tensor);
            }

            if (value.Type is OnnxType.Int64) tensor.ModelType = TfliteType.INT64;
            graph.Outputs.Add(tensor);
        }
    }
}
