using System.CommandLine;
using System.Text.Json;
using TinyAI.Bench;
using TinyAI.Bench.Forms;
using TinyAI.Bench.Nano;
using TinyAI.CostModel;
using TinyAI.NanoInterpreter;

var json = new Option<bool>("--json") { Description = "Print the figures as JSON." };
var write = new Option<bool>("--write") { Description = "Write docs/performance.md, or with --nano docs/interpreter.md." };
var layers = new Option<bool>("--layers") { Description = "Print the cost of every layer and of the dearest methods." };
var nano = new Option<bool>("--nano") { Description = "Time plain and other forms on the interpreter that NANO_SDK names and print how far the predictions are off." };
var only = new Option<string[]>("--model") { Description = "Measure only this model, whatever its size; may be repeated.", DefaultValueFactory = _ => [] };
var ablation = new Option<bool>("--ablation") { Description = "Also print what each trick of generated code gives (cost and flash without it), and what ideas that were not built would." };
var probe = new Option<bool>("--probe") { Description = "Measure the operations of the interpreter that NANO_SDK names and print them as a table for --board." };
var forms = new Option<string[]>("--form") { Description = "Measure only this form (plain, runtime, lanes, code); may be repeated.", DefaultValueFactory = _ => [] };
var board = new Option<string>("--board") { Description = "Weigh with the costs of this board, or of a file.", DefaultValueFactory = _ => "host" };
var root = new RootCommand("Weighs what an inference costs the interpreter, for every model and every form it can be run in.") { json, write, layers, nano, only, forms, board, ablation, probe };
root.SetAction(parse =>
{
    try
    {
        if (parse.GetValue(probe)) return Probe();
        return Run(parse.GetValue(json), parse.GetValue(write), parse.GetValue(layers), parse.GetValue(nano), parse.GetValue(only)!, parse.GetValue(forms)!, CostTable.Find(parse.GetValue(board)!), parse.GetValue(ablation));
    }
    catch (Exception e) when (e is CostTableException or WrongOutputException or NanoSdkException)
    {
        Console.Error.WriteLine("error: " + e.Message);
        return e is WrongOutputException ? 1 : 2;
    }
});
return root.Parse(args).Invoke();

static int Run(bool json, bool write, bool layers, bool nano, string[] only, string[] forms, CostTable table, bool ablation)
{
    if (write && (only.Length + forms.Length > 0 || table.Board != CostTable.Host.Board))
    {
        Console.Error.WriteLine("error: the pages in docs hold all models weighed with the host's table: leave --model, --form and --board away.");
        return 2;
    }

    if (Folders.Zoo is null)
    {
        Console.Error.WriteLine("error: there is no model zoo beside the repository: set TINYAI_SHARED to the folder that holds zoo/.");
        return 2;
    }

    // Timing takes a minute a model: the page has those that targets are set for.
    if (write && nano) only = [.. Targets.Models, .. BenchRun.Larger];
    using NanoSdk? sdk = nano ? NanoSdk.Get() : null;
    if (nano && sdk is null)
    {
        Console.Error.WriteLine("error: --nano needs NANO_SDK: a folder with lib/, mdp/ and nanoclr of nanoFramework v1.");
        return 2;
    }

    // The interpreter's own costs, in the same run (those of another day and machine may be others), unless --board gives them.
    CostTable? probed = sdk is null ? null : table.Board != CostTable.Host.Board ? table : CostTable.Read(HostProbe.Measure(sdk), "the interpreter's own table");
    var timings = new List<NanoComparison>();
    var rows = new List<BenchRow>();
    var measured = new List<BenchModel>();
    foreach ((string name, BenchModel? model, string? skipped) in BenchRun.Models(Folders.Zoo, Folders.Repository, only, larger: !json))
    {
        if (model is null)
        {
            Console.Error.WriteLine($"skipped {name}: {skipped}");
            continue;
        }

        if (model.Refusal is not null) Console.Error.WriteLine($"{name} is measured in plain form only: {model.Refusal}");
        rows.Add(BenchRun.Measure(model, table, forms));
        measured.Add(model);
        if (layers) PrintLayers(rows[^1]);
        if (sdk is not null) timings.AddRange(NanoComparison.Of(sdk, model, rows[^1], BenchRun.Measure(model, probed!, forms)));
    }

    if (json) Console.WriteLine(JsonSerializer.Serialize(rows, new JsonSerializerOptions { WriteIndented = true }));
    else Console.WriteLine(PerformanceDocument.Costs(rows, table) + "\n\n" + PerformanceDocument.Sizes(rows));
    bool performance = write && !nano;
    string tricks = performance || ablation ? Ablation.Table(measured, table) : "", ideas = performance || ablation ? Ideas.Table(measured, rows, table) : "";
    if (ablation && !json) Console.WriteLine("\n" + tricks + "\n\n" + ideas);
    if (nano) Console.WriteLine("\n" + NanoComparison.Table(timings));
    if (write && nano) File.WriteAllText(Path.Combine(Folders.Repository!, "docs", "interpreter.md"), NanoComparison.Page(timings, DotProduct.Measure(sdk!)));
    if (performance) File.WriteAllText(Path.Combine(Folders.Repository!, "docs", "performance.md"), PerformanceDocument.Text(rows, table, tricks, ideas));
    return 0;
}

static int Probe()
{
    using NanoSdk? sdk = NanoSdk.Get();
    if (sdk is not null) Console.WriteLine(HostProbe.Measure(sdk));
    else Console.Error.WriteLine("error: --probe needs NANO_SDK: a folder with lib/, mdp/ and nanoclr of nanoFramework v1.");
    return sdk is null ? 2 : 0;
}

static void PrintLayers(BenchRow row)
{
    foreach ((string form, FormReport report) in row.Forms)
    {
        Console.Error.WriteLine($"{row.Model} as {form}: {report.Cost.Adds:N0} additions, {report.Cost.Milliseconds:0.00} ms, {report.Cost.Operations:N0} operations");
        foreach (((string name, CostReport cost), int i) in report.Layers.Select((l, i) => (l, i)))
            Console.Error.WriteLine($"  {i,3} {name,-24} {cost.Adds,14:N0} {cost.Adds / report.Cost.Adds,7:P1}");
        foreach (MethodCost method in report.Cost.Methods.Take(6))
            Console.Error.WriteLine($"      {method.Method,-60} {method.Calls,10:N0} calls {method.Adds,14:N0}");
    }
}
