using System.Text.Json;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Commands;

/// <summary>Names that other programs rely on: one may be added here, none renamed or taken away.</summary>
public sealed class JsonNamesTests : IDisposable
{
    private static readonly string[] s_account =
    [
        "model", "flashBytes", "peakHeapBytes", "activationBytes", "windowBytes", "objectBytes", "activationLowerBound", "peakLayer", "weightBytes",
        "parameters", "macs", "layers", "boards",
    ];

    private static readonly string[] s_inspection =
    [
        "model", "runs", "reasons", "flashBytes", "peakHeapBytes", "weightBytes", "macs", "parameters", "inputs", "outputs", "operators", "layers", "boards",
    ];

    private static readonly string[] s_layer = ["index", "kernel", "operator", "output", "macs", "parameters", "flashBytes", "liveBytes"];
    private static readonly string[] s_operator = ["index", "operator", "inputs", "outputs", "scale", "zeroPoint", "macs"];
    private static readonly string[] s_board = ["board", "fits", "reasons"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_account_of_pack_keeps_its_names()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.FullyConnected());
        JsonElement account = Json("pack", _folder.File("m.tflite"), "-o", _folder.File("m.tai"), "--json");
        Has(s_account, account);
        Has(s_layer, account.GetProperty("layers")[0]);
        Has(s_board, account.GetProperty("boards")[0]);
    }

    [Fact]
    public void The_account_of_inspect_keeps_its_names()
    {
        File.WriteAllBytes(_folder.File("m.tflite"), SmallModels.Convolution(200, 1, 4));
        JsonElement account = Json("inspect", _folder.File("m.tflite"), "--json");
        Has(s_inspection, account);
        Has(s_layer, account.GetProperty("layers")[0]);
        Has(s_operator, account.GetProperty("operators")[0]);
        JsonElement board = account.GetProperty("boards").EnumerateArray().Single(b => b.GetProperty("board").GetString() == "esp32");
        Has(s_board, board);
        Assert.False(board.GetProperty("fits").GetBoolean());
        Assert.True(board.GetProperty("reasons").GetArrayLength() > 1, "a tensor that is too large, and the peak: both are reasons");
    }

    private static JsonElement Json(params string[] arguments) => JsonDocument.Parse(Tool.Run(arguments).Output).RootElement;

    private static void Has(string[] names, JsonElement element) => Assert.Empty(names.Except(element.EnumerateObject().Select(p => p.Name)));
}
