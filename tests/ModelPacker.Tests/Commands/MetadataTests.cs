using System.Text;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Commands;

/// <summary>Labels and normalisation are believed only where they belong to the model.</summary>
public class MetadataTests
{
    private const string Channel = """{ "name": "x", "countsPerUnit": 100, "divisor": 2 }""";

    [Theory]
    [InlineData("""{ "labels": ["a", "b", "c"] }""", "3 labels")]
    [InlineData("""{ "labels": ["a", "b", "c", "d", "e"] }""", "5 labels")]
    [InlineData($$"""{ "input": { "channels": [{{Channel}}, {{Channel}}, {{Channel}}] } }""", "3 channels")]
    [InlineData($$"""{ "input": { "window": 3, "channels": [{{Channel}}, {{Channel}}] } }""", "window of 3 rows")]
    [InlineData($$"""{ "input": { "window": -4, "channels": [{{Channel}}, {{Channel}}] } }""", "window of -4 rows")]
    [InlineData($$"""{ "input": { "window": 2147483647, "channels": [{{Channel}}, {{Channel}}] } }""", "window of 2147483647 rows")]
    [InlineData("""{ "input": { "window": 3 } }""", "window of 3 rows")]
    [InlineData("""{ "input": { "channels": [{ "countsPerUnit": 1e300 }] } }""", "same value")]
    [InlineData("""{ "input": { "channels": [{ "countsPerUnit": 1e-30 }] } }""", "too steep")]
    public void Metadata_of_another_model_is_refused(string json, string mentions) =>
        Assert.Contains(mentions, Assert.Throws<ModelFormatException>(() => Packer.Pack(SmallModels.FullyConnected(8, 4), "m", Parse(json))).Message);

    [Theory]
    [InlineData("""{ "labels": null }""", "label")]
    [InlineData("""{ "labels": [null] }""", "label")]
    [InlineData("""{ "labels": [1] }""", "labels[0]")]
    [InlineData("""{ "name": " " }""", "name")]
    [InlineData("""{ "input": { "channels": null } }""", "channel")]
    [InlineData("""{ "input": { "channels": [{ "divisor": 0 }] } }""", "divisor")]
    [InlineData("""{ "input": { "channels": [{ "countsPerUnit": "many" }] } }""", "input.channels[0].countsPerUnit")]
    [InlineData("null", "null")]
    [InlineData("[]", "JSON")]
    [InlineData("", "JSON")]
    public void Metadata_that_makes_no_sense_is_refused(string json, string mentions) =>
        Assert.Contains(mentions, Assert.Throws<ModelFormatException>(() => Parse(json)).Message);

    [Fact]
    public void A_normalisation_needs_an_int8_input()
    {
        var builder = new TfliteModelBuilder();
        int input = builder.AddTensor("wide", TfliteType.INT16, [1, 8], 0.001f, 0);
        int output = builder.AddTensor("narrow", TfliteType.INT8, [1, 8], 0.1f, 0);
        builder.AddOperator(BuiltinOperator.QUANTIZE, [input], [output], null);
        byte[] model = TfliteWriter.Write(builder.SetInputs(input).SetOutputs(output).Build());
        Packer.Pack(model, "m");
        string json = $$"""{ "input": { "window": 8, "channels": [{{Channel}}] } }""";
        Assert.Contains("int16[1,8]", Assert.Throws<ModelFormatException>(() => Packer.Pack(model, "m", Parse(json))).Message);
    }

    [Fact]
    public void Fitting_metadata_reaches_the_device()
    {
        string json = $$"""{ "name": "Zauberstab", "labels": ["a", "b", "c", "ü"], "input": { "window": 4, "channels": [{{Channel}}, {{Channel}}] } }""";
        Model model = Model.Load(new ByteArraySource(Packer.Pack(SmallModels.FullyConnected(8, 4), "m", Parse(json)).Pack));
        Assert.Equal("Zauberstab", model.Name);
        Assert.Equal("ü", model.Label(3));
        Assert.Equal(2, new Normalisation(model).Channels);
    }

    [Fact]
    public void Fields_that_mean_nothing_are_named()
    {
        Metadata metadata = Parse("""{ "labelz": [], "input": { "rows": 3, "channels": [{ "scale": 1 }] } }""");
        Assert.Equal(["labelz", "input.rows", "input.channels.scale"], metadata.UnknownFields());
    }

    private static Metadata Parse(string json) => Metadata.Parse(Encoding.UTF8.GetBytes(json), "m.json");
}
