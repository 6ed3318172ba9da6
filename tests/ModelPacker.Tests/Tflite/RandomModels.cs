using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Tflite;

/// <summary>Makes models that are valid as files, though no runtime could run them.</summary>
public static class RandomModels
{
    /// <summary>A model with two subgraphs, tensors of every type, and one operator for every kind of options.</summary>
    public static TfliteModel Make(int seed)
    {
        var random = new Random(seed);
        var builder = new TfliteModelBuilder($"random model {seed}");
        for (int graph = 0; graph < 2; graph++)
        {
            if (graph == 1) builder.BeginSubgraph(random.Next(2) == 0 ? "" : "second ✓");
            int tensors = random.Next(1, 12);
            for (int i = 0; i < tensors; i++) AddTensor(builder, random, i);
            int[] Some() => Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(tensors)).ToArray();
            if (graph == 0)
                foreach (TfliteOptions options in OptionsSamples.All(random))
                    builder.AddOperator((BuiltinOperator)random.Next(210), [.. Some(), -1], Some(), options, random.Next(1, 4));
            builder.AddOperator(BuiltinOperator.QUANTIZE, Some(), Some());
            byte[] custom = new byte[random.Next(20)];
            random.NextBytes(custom);
            builder.AddCustomOperator("custom" + random.Next(3), Some(), Some(), custom);
            builder.SetInputs(Some()).SetOutputs(Some());
        }

        TfliteModel model = builder.AddMetadata("note", [1, 2, 3]).Build();
        Embellish(model, random);
        return model;
    }

    private static void AddTensor(TfliteModelBuilder builder, Random random, int index)
    {
        TfliteType[] types = Enum.GetValues<TfliteType>();
        TfliteType type = types[random.Next(types.Length)];
        int[] shape = Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(5)).ToArray();
        long count = shape.Aggregate(1L, (product, dimension) => product * dimension);
        byte[]? data = null;
        if (random.Next(2) == 0)
        {
            data = new byte[(count * type.BitsPerElement() + 7) / 8];
            random.NextBytes(data);
        }

        float[]? scales = null;
        int axis = 0;
        if (random.Next(2) == 0)
        {
            axis = shape.Length == 0 ? 0 : random.Next(shape.Length);
            int scaleCount = shape.Length == 0 || random.Next(2) == 0 ? 1 : shape[axis];
            scales = Enumerable.Range(0, scaleCount).Select(_ => random.NextSingle() + 0.001f).ToArray();
        }

        string name = random.Next(8) == 0 ? "" : $"tensor/{index};π";
        builder.AddTensor(name, type, shape, scales, null, axis, data, random.Next(4) == 0);
    }

    /// <summary>Fields the builder has no word for.</summary>
    private static void Embellish(TfliteModel model, Random random)
    {
        TfliteSubgraph graph = model.Subgraphs[0];
        foreach (TfliteTensor tensor in graph.Tensors)
        {
            tensor.HasRank = random.Next(2) == 0;
            if (random.Next(3) == 0) tensor.ShapeSignature = tensor.Shape.Select(d => random.Next(2) == 0 ? -1 : d).ToArray();
            if (tensor.Quantization is { } quantization && random.Next(2) == 0)
            {
                quantization.Min = [random.NextSingle() - 1];
                quantization.Max = [random.NextSingle(), float.NaN];
            }
        }

        foreach (TfliteOperator op in graph.Operators)
        {
            if (random.Next(4) == 0) op.MutatingVariableInputs = op.Inputs.Select(_ => random.Next(2) == 0).ToArray();
            if (random.Next(4) == 0) op.Intermediates = [-1, random.Next(graph.Tensors.Count)];
        }

        TfliteOperator empty = graph.Operators.First(op => op.OptionsType == BuiltinOptionsType.NONE);
        empty.OptionsType = BuiltinOptionsType.QuantizeOptions;
        model.Signatures.Add(new TfliteSignature
        {
            Key = "serving_default",
            SubgraphIndex = 0,
            Inputs = { new TfliteTensorMap { Name = "x", TensorIndex = 0 } },
            Outputs = { new TfliteTensorMap { Name = "y", TensorIndex = graph.Tensors.Count - 1 } },
        });
    }
}
