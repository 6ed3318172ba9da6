using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Emit.CSharp.Library;

/// <summary>Writes the class that applications use: it owns the activation memory and runs the layers in order.</summary>
internal sealed class ModelClassWriter(string name, CodeModel model, List<LayerCode> layers, Metadata metadata)
{
    private static readonly string[] s_kinds = ["Input", "Output"];

    private CountsWriter? _counts;

    /// <summary>Instance fields: blocks, parameter arrays and tables.</summary>
    public int FieldCount => model.Plan.BlockBytes.Length + layers.Sum(l => l.Fields.Count);

    /// <summary>Methods and accessors.</summary>
    public int Methods => 10;

    /// <summary>Name of the class.</summary>
    public string ClassName => $"{name}Model";

    /// <summary>Names of the fields that hold activations.</summary>
    public IEnumerable<string> Blocks => model.Plan.BlockBytes.Select((_, b) => $"_block{b}");

    /// <summary>Estimated IL.</summary>
    public int IlBytes => 8 + 14 * model.Plan.BlockBytes.Length + layers.Sum(l => l.Calls.Sum(c => c.IlBytes) + l.Fields.Sum(FieldIl)) + 20 * (model.Model.Inputs.Count + model.Model.Outputs.Count)
        + (model.Model.States.Count > 0 ? 5 : 0) + model.Model.States.Sum(s => IsFilled(s) ? 32 : 12 * s.Place.Bytes)
        + (model.Model.Inputs.Count == 1 && model.Model.Outputs.Count == 1 ? 24 : 0) + (IsClassifier ? 46 : 0) + (HasCounts ? ClassifyIl() : 0);

    /// <summary>Making a field: by a method, from data, or value by value where these are few.</summary>
    private static int FieldIl(CodeField field) => (field.Maker is not null ? 11 : field.DataBytes == 0 ? 14 : 22) + (field.Stores.Count > 0 ? 2 + field.StoreBytes : 0);

    private string Where => layers.Any(l => l.Fields.Any(f => f.Maker is not null))
        ? "Weights are constants in the code where that pays; the others lie on the heap." : "Its weights are constants in the code and take no heap.";

    private bool HasCounts => metadata.Input is { Channels.Length: > 0 } && IsBytes(model.Model.Inputs) && model.Model.Inputs[0].Tensor.Quantisation is not null;

    private bool IsClassifier => model.Model.Outputs.Count == 1 && IsBytes(model.Model.Outputs);

    private static bool IsBytes(List<Border> borders) => borders.Count == 1 && borders[0].Tensor.ElementBytes == 1;

    /// <summary>The enumeration of labels, in the order of the output.</summary>
    public static string Labels(string name, string[] labels)
    {
        var code = new CodeText();
        ProjectFiles.Head(code);
        code.Open("namespace TinyAI.Models");
        code.Line($"/// <summary>Classes of {name}, in the order of its output.</summary>");
        code.Open($"public enum {name}Label");
        string[] members = Names.Members(labels);
        for (int i = 0; i < members.Length; i++)
        {
            code.Line($"/// <summary>{System.Security.SecurityElement.Escape(labels[i])}.</summary>");
            code.Line($"{members[i]} = {i},");
        }

        return code.Close().Close().ToString();
    }

    /// <summary>The class; homes tells in which class each generated method ended up.</summary>
    public string Write(Dictionary<CodeMethod, string> homes)
    {
        var code = new CodeText();
        ProjectFiles.Head(code);
        code.Open("namespace TinyAI.Models");
        code.Line("/// <summary>");
        code.Line($"/// The model {System.Security.SecurityElement.Escape(metadata.Name ?? model.Model.Name)}, {model.Layers.Sum(l => l.Layer.Macs):N0} multiply-accumulates, "
            + $"{model.Layers.Sum(l => l.Layer.WeightCount):N0} parameters. {Where}");
        code.Line("/// The activation memory is made once, and Run makes nothing. Not for two threads at a time.");
        code.Line("/// </summary>");
        code.Open($"public class {name}Model");
        Constants(code);
        for (int b = 0; b < model.Plan.BlockBytes.Length; b++) code.Line($"private readonly sbyte[] _block{b};");
        foreach (CodeField field in layers.SelectMany(l => l.Fields)) code.Line($"private readonly {field.Type} {field.Name};");
        Constructor(code, homes);
        Reset(code);
        Copying(code);
        Run(code, homes);
        if (IsClassifier) Classifying(code);
        return code.Close().Close().ToString();
    }

    private void Constants(CodeText code)
    {
        foreach (string kind in s_kinds)
        {
            List<Border> borders = kind == "Input" ? model.Model.Inputs : model.Model.Outputs;
            for (int i = 0; i < borders.Count; i++)
            {
                Tensor tensor = borders[i].Tensor;
                string quantised = tensor.Quantisation is { } q ? $", real = {q.Scale.ToString("R", System.Globalization.CultureInfo.InvariantCulture)} * (q - {q.ZeroPoint})" : "";
                code.Line($"/// <summary>Bytes of {kind.ToLowerInvariant()} {i}: {System.Security.SecurityElement.Escape(tensor.ToString())}{quantised}.</summary>");
                code.Line($"public const int {kind}{(i == 0 ? "" : i)}Bytes = {borders[i].Place.Bytes};");
                code.Line();
            }
        }
    }

    private void Constructor(CodeText code, Dictionary<CodeMethod, string> homes)
    {
        code.Line();
        code.Line("/// <summary>Makes the activation memory and the parameters of kernels.</summary>");
        code.Open($"public {name}Model()");
        for (int b = 0; b < model.Plan.BlockBytes.Length; b++) code.Line($"_block{b} = new sbyte[{model.Plan.BlockBytes[b]}];");
        CodeField[] fields = [.. layers.SelectMany(l => l.Fields)];
        foreach (string type in fields.Where(f => f.Stores.Count > 0).Select(f => f.Type).Distinct()) code.Line($"{type} {Local(type)};");
        foreach (CodeField field in fields)
        {
            string value = field.Maker is { } maker ? $"{homes[maker]}.{maker.Name}()" : field.Initialiser;
            if (field.Stores.Count == 0) code.Line($"{field.Name} = {value};");
            else code.Line($"{field.Name} = {Local(field.Type)} = {value};");
            foreach (var some in field.Stores.Chunk(8)) code.Line(string.Join(' ', some.Select(s => $"{Local(field.Type)}[{s.Index}] = {s.Value};")));
        }

        if (model.Model.States.Count > 0) code.Line("Reset();");
        code.Close();
    }

    /// <summary>The local that holds an array while its values are stored.</summary>
    private static string Local(string type) => type == "int[]" ? "numbers" : type == "sbyte[]" ? "constants" : "table";

    private void Reset(CodeText code)
    {
        if (model.Model.States.Count == 0) return;
        code.Line();
        code.Line("/// <summary>Gives all states their initial values, as if the model were new.</summary>");
        code.Open("public void Reset()");
        foreach (State state in model.Model.States)
        {
            (string block, int at) = ($"_block{state.Place.Buffer.Block}", state.Place.Buffer.Offset + state.Place.Offset);
            code.Line($"// {state.Name}");
            if (!IsFilled(state))
            {
                byte[] initial = state.Initial!;
                for (int i = 0; i < initial.Length; i++) code.Line($"{block}[{at + i}] = {(sbyte)initial[i]};", 12);
                continue;
            }

            int step = state.Initial is null && state.ElementBytes == 2 ? 2 : 1;
            int value = state.Initial is { Length: > 0 } same ? (sbyte)same[0] : state.ZeroPoint;
            code.Open($"for (int i = {at}; i < {at + state.Place.Bytes}; i += {step})");
            code.Line($"{block}[i] = {(sbyte)value};");
            if (step == 2) code.Line($"{block}[i + 1] = {(sbyte)(value >> 8)};");
            code.Close();
        }

        code.Close();
    }

    /// <summary>Whether all bytes (or pairs of them) of a state begin alike.</summary>
    private static bool IsFilled(State state) => state.Initial is not { } initial || initial.Distinct().Count() <= 1;

    private void Copying(CodeText code)
    {
        for (int i = 0; i < model.Model.Inputs.Count; i++)
        {
            Border input = model.Model.Inputs[i];
            code.Line();
            code.Line($"/// <summary>Writes input {i} ({System.Security.SecurityElement.Escape(input.Tensor.Name)}). Inputs share memory with later activations: write all of them before every run.</summary>");
            code.Open($"public void Write{i}(sbyte[] values, int at)");
            code.Line($"System.Array.Copy(values, at, {Names.Of(input.Place)}, {input.Place.Bytes});");
            code.Close();
        }

        for (int i = 0; i < model.Model.Outputs.Count; i++)
        {
            Border output = model.Model.Outputs[i];
            code.Line();
            code.Line($"/// <summary>Reads output {i} ({System.Security.SecurityElement.Escape(output.Tensor.Name)}).</summary>");
            code.Open($"public void Read{i}(sbyte[] values, int at)");
            code.Line($"System.Array.Copy({Names.Of(output.Place)}, values, at, {output.Place.Bytes});");
            code.Close();
        }
    }

    private void Run(CodeText code, Dictionary<CodeMethod, string> homes)
    {
        if (model.Model.Inputs.Count == 1 && model.Model.Outputs.Count == 1)
        {
            code.Line();
            code.Line("/// <summary>One inference: the quantised input in, the quantised output out. Makes no garbage.</summary>");
            code.Open("public void Run(sbyte[] input, sbyte[] output)");
            code.Line("Write0(input, 0);").Line("Run();").Line("Read0(output, 0);");
            code.Close();
        }

        code.Line();
        code.Line("/// <summary>Runs all layers on what the inputs hold.</summary>");
        code.Open("public void Run()");
        foreach (LayerCode layer in layers)
        {
            code.Line($"// {layer.Remarks[0]}");
            foreach (CodeCall call in layer.Calls) code.Line(call.Method is null ? call.Text : $"{homes[call.Method]}.{call.Method.Name}{call.Text};");
        }

        code.Close();
    }

    private void Classifying(CodeText code)
    {
        Border output = model.Model.Outputs[0];
        bool unsigned = output.Tensor.Type == Import.Tflite.TfliteType.UINT8;
        string type = metadata.Labels.Length > 0 ? $"{name}Label" : "int";
        (string block, int at) = ($"_block{output.Place.Buffer.Block}", output.Place.Buffer.Offset + output.Place.Offset);
        string value(string index) => unsigned ? $"(byte){block}[{index}]" : $"{block}[{index}]";
        code.Line();
        code.Line("/// <summary>The class with the largest output of the last run, the first where several are equal.</summary>");
        code.Open($"public {type} Best()");
        code.Line($"int best = {at};");
        code.Open($"for (int i = {at + 1}; i < {at + output.Place.Bytes}; i++)");
        code.Line($"if ({value("i")} > {value("best")})").Line("    best = i;");
        code.Close();
        string result = at == 0 ? "best" : $"(best - {at})";
        code.Line(metadata.Labels.Length > 0 ? $"return ({type}){result};" : $"return {result};");
        code.Close();
        code.Line();
        code.Line("/// <summary>The quantised output of a class in the last run.</summary>");
        code.Open("public int Score(int index)");
        code.Line($"return {value($"{at} + index")};");
        code.Close();
        if (HasCounts) Classify(code, type);
    }

    private int ClassifyIl()
    {
        var code = new CodeText();
        Classify(code, "int");
        return code.IlBytes;
    }

    private CountsWriter Counts()
    {
        Border input = model.Model.Inputs[0];
        SensorChannel[] channels = metadata.Input!.Channels;
        if (input.Place.Bytes % channels.Length != 0) throw new Import.ModelFormatException($"The input of {input.Place.Bytes} values does not divide into rows of {channels.Length} channels.");
        return _counts ??= new CountsWriter(channels, input.Tensor.Scale, input.Tensor.ZeroPoint, Names.StartOf(input.Place), input.Place.Bytes);
    }

    private void Classify(CodeText code, string type)
    {
        Border input = model.Model.Inputs[0];
        SensorChannel[] channels = metadata.Input!.Channels;
        code.Line();
        code.Line($"/// <summary>Classifies a window of {input.Place.Bytes / channels.Length} rows of raw sensor counts, oldest first: {System.Security.SecurityElement.Escape(string.Join(", ", channels.Select(c => c.Name)))}.</summary>");
        code.Open($"public {type} Classify(short[] window)");
        code.Line($"sbyte[] x = _block{input.Place.Buffer.Block};", 5);
        Counts().Write(code);
        code.Line("Run();").Line("return Best();", 10);
        code.Close();
    }
}
