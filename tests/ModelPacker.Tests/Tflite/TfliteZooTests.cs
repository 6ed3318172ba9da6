using System.Globalization;
using System.Text.Json;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Tflite;

/// <summary>Real models read as what independent descriptions of them say.</summary>
public class TfliteZooTests
{
    [Theory]
    [MemberData(nameof(ZooFiles.Names), MemberType = typeof(ZooFiles))]
    public void Operators_of_a_zoo_model_match_its_published_list(string name)
    {
        TfliteModel model = TfliteReader.Read(ZooFiles.Read(name));
        string[][] rows = File.ReadAllLines(Path.Combine(SharedFolder.ZooOrSkip(), "ops", name + ".md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && char.IsAsciiDigit(line[2]))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)[1..])
            .ToArray();
        List<TfliteOperator> operators = model.Subgraphs[0].Operators;
        Assert.Equal(rows.Length, operators.Count);
        for (int i = 0; i < rows.Length; i++)
        {
            Assert.Equal(rows[i][1..6], OperatorRow.Describe(model, operators[i]));
            string[] quantization = rows[i][7].Split('/');
            if (quantization[0].Length == 0) continue;
            TfliteQuantization output = model.Subgraphs[0].Tensors[operators[i].Outputs[0]].Quantization!;
            Assert.Equal(float.Parse(quantization[0], CultureInfo.InvariantCulture), output.Scale[0]);
            Assert.Equal(long.Parse(quantization[1], CultureInfo.InvariantCulture), output.ZeroPointAt(0));
        }
    }

    [Theory]
    [MemberData(nameof(ZooFiles.Names), MemberType = typeof(ZooFiles))]
    public void Inputs_and_outputs_of_a_zoo_model_match_its_golden_description(string name)
    {
        TfliteSubgraph graph = TfliteReader.Read(ZooFiles.Read(name)).Subgraphs[0];
        string path = Path.Combine(SharedFolder.ZooOrSkip(), "golden", name, "meta.json");
        using JsonDocument meta = JsonDocument.Parse(File.ReadAllText(path));
        Compare(meta.RootElement.GetProperty("inputs"), graph.Inputs, graph);
        Compare(meta.RootElement.GetProperty("outputs"), graph.Outputs, graph);
    }

    [Theory]
    [MemberData(nameof(ZooFiles.Names), MemberType = typeof(ZooFiles))]
    public void Every_options_table_of_a_zoo_model_is_understood(string name)
    {
        TfliteModel model = TfliteReader.Read(ZooFiles.Read(name));
        HashSet<BuiltinOptionsType> typed = OptionsSamples.All(new Random(1)).Select(options => options.OptionsType).ToHashSet();
        foreach (TfliteOperator op in model.Subgraphs.SelectMany(graph => graph.Operators))
        {
            Assert.True(Enum.IsDefined(op.OptionsType));
            Assert.Equal(typed.Contains(op.OptionsType), op.BuiltinOptions is not null);
        }
    }

    private static void Compare(JsonElement described, int[] indices, TfliteSubgraph graph)
    {
        Assert.Equal(described.GetArrayLength(), indices.Length);
        for (int i = 0; i < indices.Length; i++)
        {
            JsonElement expected = described[i];
            TfliteTensor tensor = graph.Tensors[indices[i]];
            Assert.Equal(expected.GetProperty("index").GetInt32(), indices[i]);
            Assert.Equal(expected.GetProperty("name").GetString(), tensor.Name);
            Assert.Equal(expected.GetProperty("type").GetString(), tensor.Type.ToString());
            Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()), tensor.Shape);
            if (!expected.TryGetProperty("scale", out JsonElement scale)) continue;
            Assert.Equal(scale.EnumerateArray().Select(s => s.GetSingle()), tensor.Quantization!.Scale);
            Assert.Equal(expected.GetProperty("zero_point").EnumerateArray().Select(z => z.GetInt64()), tensor.Quantization.ZeroPoint);
        }
    }
}
