using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Operators;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Tests.Documents;

/// <summary>docs/kernels.md: every layer kind with its parameters, taken from the constants that packer and kernels share.</summary>
public class KernelPageTests
{
    /// <summary>Kernels whose parameters begin with, or are, those of another class.</summary>
    private static readonly Dictionary<string, Type> s_first = new()
    {
        ["Add"] = typeof(Broadcast), ["Mul"] = typeof(Broadcast), ["Div"] = typeof(Broadcast), ["MinMax"] = typeof(Broadcast), ["PRelu"] = typeof(Broadcast),
        ["SquaredDifference"] = typeof(Broadcast), ["Conv2DInt16"] = typeof(Conv2D), ["DepthwiseConv2D"] = typeof(Conv2D), ["AveragePool2D"] = typeof(MaxPool2D),
        ["Conv2DLanes"] = typeof(Conv2D), ["DepthwiseConv2DLanes"] = typeof(Conv2D), ["FullyConnectedLanes"] = typeof(FullyConnected),
        ["DepthwiseTapsLanes"] = typeof(Conv2D), ["BatchMatMulLanes"] = typeof(Conv2D),
        ["MeanRows"] = typeof(Mean),
    };

    /// <summary>Constants of kernels that are not the index of a parameter.</summary>
    private static readonly string[] s_noParameters =
    [
        "Conv2D.BlockHeader", "Lstm.BlockHeader", "Gru.BlockHeader", "Liquid.BlockHeader", "Liquid.MostRepeats", "BatchMatMul.BatchDimensions", "Broadcast.MaxOuter", "Lookup.TableBytes", "Mean.ModeSum",
        "Mean.ModeMax", "Mean.ModeMin", "MeanRows.ModeAverage", "SoftmaxInt16.TableCount", "StridedCopy.LongRun", "StridedCopy.MiddleAxes",
    ];

    private static readonly XmlDocumentation s_kernels = new(typeof(Conv2D).Assembly);
    private static readonly XmlDocumentation s_runtime = new(typeof(PackFormat).Assembly);

    [Fact]
    public void The_page_of_kernels_lists_every_kind_with_its_parameters()
    {
        var page = new StringBuilder();
        page.Append(
            """
            # Layer kinds and their parameters

            <!-- written by a test from the kernel classes in src/Kernels, see CONTRIBUTING.md -->

            What the layer records of a [pack](pack-format.md) say, kind by kind: the kernel, the layout of its constants, and its parameter words. A
            parameter that is an array takes the words up to the next parameter. Outputs are clamped to OutMin..OutMax where these are there. `requantise(v)`
            is the rounding multiplication by a multiplier and a shift that [arithmetic.md](arithmetic.md) defines.


            """.ReplaceLineEndings("\n"));
        foreach (FieldInfo kind in Constants(typeof(PackFormat)).Where(f => f.Name.StartsWith("Kind", StringComparison.Ordinal)))
        {
            string name = kind.Name[4..];
            page.Append($"## {kind.GetRawConstantValue()}: {name}\n\n");
            if (typeof(Conv2D).Assembly.GetType("TinyAI.Kernels." + name) is not { } kernel)
            {
                page.Append($"{s_runtime.Of(kind)} {(name == "RowGroup" ? "See [pack-format.md](pack-format.md)." : "No parameters.")}\n\n");
                continue;
            }

            foreach (string paragraph in s_kernels.Of(kernel)) page.Append(paragraph).Append("\n\n");
            page.Append("| word | parameter | meaning |\n|--|--|--|\n");
            List<FieldInfo> parameters = Parameters(kernel);
            int own = parameters.Count == 0 ? int.MaxValue : Index(parameters[0]);
            if (s_first.TryGetValue(name, out Type? first)) parameters.InsertRange(0, [.. Parameters(first).Where(f => Index(f) < own)]);
            Assert.Equal(Enumerable.Range(0, 1), parameters.Take(1).Select(Index));
            Assert.Equal(parameters.Count, parameters.Select(Index).Distinct().Count());
            foreach (FieldInfo parameter in parameters) page.Append($"| {Index(parameter)} | {parameter.Name} | {Meaning(parameter)} |\n");
            page.Append('\n');
        }

        WrittenDocument.Check("kernels.md", page.ToString().TrimEnd('\n') + "\n");
    }

    [Fact]
    public void The_page_of_operators_lists_every_supported_operator()
    {
        var page = new StringBuilder();
        page.Append(
            """
            # Supported operators

            <!-- written by a test from OperatorTable, see CONTRIBUTING.md -->

            TensorFlow Lite operators on int8 tensors, the other types where they stand. Not every option of every operator runs: `inspect MODEL` says of a
            model what does not, and why. Between a DEQUANTIZE and a QUANTIZE any chain of functions of one value may be float: it becomes a table.


            """.ReplaceLineEndings("\n"));
        foreach (string name in OperatorTable.Supported.Select(o => o.ToString()).Order(StringComparer.Ordinal))
            page.Append($"- {name}{(OperatorTable.SupportedInt16.Any(o => o.ToString() == name) ? " (also int16)" : "")}\n");
        IEnumerable<string> blocks = OperatorTable.SupportedBlocks.Where(t => t != typeof(FunctionOptions)).Select(t => t.Name[..^"Options".Length]).Order(StringComparer.Ordinal);
        page.Append(
            $"""

            ## Building blocks

            What TensorFlow Lite's operator set lacks; importers and passes make these from float models, `tools/ModelPacker/Graphs/BlockOptions.cs` says
            what each computes: {string.Join(", ", blocks)}; functions of one value as tables: {string.Join(", ", Enum.GetNames<ScalarFunction>())}.

            """.ReplaceLineEndings("\n"));
        WrittenDocument.Check("operators.md", page.ToString());
    }

    private static int Index(FieldInfo parameter) => (int)parameter.GetRawConstantValue()!;

    /// <summary>The first constant of a class explains that its value is an index; the page says so once for all.</summary>
    private static string Meaning(FieldInfo parameter)
    {
        string meaning = Regex.Replace(s_kernels.Of(parameter), "^Index of this parameter( in the parameter array)?(, as for all constants below)?[.:] *", "");
        Assert.True(meaning.Length > 0, $"{parameter.DeclaringType!.Name}.{parameter.Name} has no meaning beside its index");
        return char.ToUpperInvariant(meaning[0]) + meaning[1..];
    }

    private static List<FieldInfo> Parameters(Type kernel) =>
        [.. Constants(kernel).Where(f => f.Name != "ParameterCount" && !s_noParameters.Contains($"{kernel.Name}.{f.Name}")).OrderBy(Index)];

    private static IEnumerable<FieldInfo> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral && f.FieldType == typeof(int)).OrderBy(Index);
}
