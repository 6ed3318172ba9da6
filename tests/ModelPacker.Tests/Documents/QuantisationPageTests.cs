using System.Text;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Quantise;
using TinyAI.ModelPacker.Quantise.Calibrate;

namespace TinyAI.ModelPacker.Tests.Documents;

/// <summary>docs/quantisation.md: the prose stands here, the tables come from the rules and the calibrators.</summary>
public class QuantisationPageTests
{
    private const string Before =
        """
        # Quantisation

        <!-- written by a test from the rules in tools/ModelPacker/Quantise, see CONTRIBUTING.md -->

        `quantize MODEL --data DIR -o FILE` makes an int8 model of a float one. `FILE` becomes a pack, or an int8 `.tflite` that other runtimes run too where
        its name ends so. `DIR` holds what the model will see: tensors `NNN.in.bin` (`NNN.in0.bin`, `NNN.in1.bin` …) in the model's own types, or recordings as
        `.csv` or `.npy`, which are cut into windows and scaled as the metadata say. Labels come from `--labels FILE`, a column `label`, the folder a recording
        lies in, or its name; with labels, accuracy is measured and decides. A model of which parts are quantised already keeps those scales.

        ## What happens

        1. **Preparation** (`Quantise/Prepare`, and the clean-up after import): what the quantiser must not meet as separate operators is joined. Constants per channel go
           into weights and biases, a matrix product with constants becomes a fully connected layer, RELU goes into the layer before it, LOG_SOFTMAX is put together from
           operators of the device, integers that an exporter imitated become real numbers again, and rounding down becomes rounding to nearest with half a step in the bias (in a pack, layers with weights cut off
           instead, and their biases keep their fractions: the imitated integers come out as they are).
        2. **Calibration** (`Quantise/Calibrate`): the float model runs on the data, twice: for the range of every tensor, then for a histogram of 2,048 parts. Memory does not
           grow with the data.
        3. **Shoot-out**: each calibrator makes a form of the model, the device runtime runs it on the desktop, and every tensor's integers are compared with the float
           values. The signal-to-noise ratio is 10 log10(sum of x² / sum of (x - y)²) over all elements of all cases; at the output, x is what the model as it came gives.
        4. **Improvements** (`Quantise/Improve`), each tried on the best form so far and kept only where the output gains a tenth of a decibel: equalisation, bias correction,
           and a search over the ranges of single tensors for the sake of the output.

        The printed table has a row per tensor and a column per form; the last line says which was chosen and by how much. With few cases, the search may fit them
        better than what comes later: give as many as there are. From 10 cases on, every fifth is kept from calibration and search, and all figures are measured on those alone
        (`--hold-out N`: every Nth; 0: all cases serve for both, as they do where the model keeps a state from case to case); the printed heading says which it was.

        ## Numbers

        - Activations: int8, one scale and zero point a tensor; 0 is represented exactly (Jacob et al. 2018, arXiv:1712.05877, section 2).
        - Weights: int8, symmetric, a scale per output channel, largest magnitude / 127. Weights that are multiples of a step already keep that step.
        - Bias: int32 at input scale * weight scale. Where it would not fit, the weight scale grows.
        - Tensors that held whole numbers only, at most 256 different ones, keep them as they are.
        - A range ends where every reader is constant beyond it (RELU below 0, a clip, the ends of a sigmoid).
        - Functions of one value without an int8 operator of their own, and chains of several, stay in float between DEQUANTIZE and QUANTIZE; the packer evaluates them
          for all 256 inputs and the device looks them up, so that they round once.
        - The arithmetic is that of the TensorFlow Lite 8-bit specification (ai.google.dev/edge/litert/models/quantization_spec), so that the same `.tflite` gives the same bytes
          on TensorFlow Lite Micro's reference kernels; blocks that TensorFlow Lite lacks exist in packs only. An ONNX model that gives all its scales itself (QDQ, QLinear) is
          packed with arithmetic that rounds once a layer, to the nearest integer, as ONNX defines it; TensorFlow Lite rounds twice, which moves one integer in some hundreds.

        ## Calibrators


        """;

    private const string Sources =
        """

        Equalisation: a factor per channel moves from the activations between two layers into the second layer's weights (Nagel et al. 2019, arXiv:1906.04721, section 4.1;
        Xiao et al. 2022, arXiv:2211.10438). Bias correction: what rounded weights add to the mean of a layer is taken off its bias (arXiv:1906.04721, section 4.2). Both change
        constants only and cost the device nothing.

        ## Bad input

        Tensors of the wrong size, an empty folder, values that are not finite, rows with the wrong number of columns, data that are 0 throughout, and a model that is
        quantised already are refused with one sentence and exit code 2; nothing is written. An operator without a rule is named.

        ## What each operator needs

        "own": its own scale, by calibration or, for a constant, by its range. "as input": nothing is rescaled. "as output": brought to the output's scale, in the layer
        before where that has no other reader. "as it is": not quantised here. All further functions of one value become tables.

        | operator | output | inputs |
        |--|--|--|

        """;

    [Fact]
    public void The_page_of_quantisation_lists_every_rule()
    {
        var page = new StringBuilder(Before.ReplaceLineEndings("\n"));
        page.Append("| name | range |\n|--|--|\n");
        foreach (Calibrator calibrator in Calibrator.All) page.Append($"| {calibrator.Name} | {calibrator.Idea} |\n");
        page.Append(Sources.ReplaceLineEndings("\n"));
        foreach ((BuiltinOperator op, QuantisationRule rule) in RuleTable.All.OrderBy(r => r.Key.ToString(), StringComparer.Ordinal)) Row(page, op.ToString(), rule);
        foreach ((Type options, QuantisationRule rule) in BlockRules.All.OrderBy(r => r.Key.Name, StringComparer.Ordinal)) Row(page, options.Name.Replace("Options", ""), rule);
        WrittenDocument.Check("quantisation.md", page.ToString());
    }

    private static void Row(StringBuilder page, string name, QuantisationRule rule)
    {
        (Need output, IReadOnlyList<Need> inputs) = rule.Needs;
        page.Append($"| {name} | {Text(output)} | {string.Join(", ", inputs.Select(Text))} |\n");
    }

    private static string Text(Need need) => need.Kind switch
    {
        NeedKind.Own => "own",
        NeedKind.AsInput => need.Index == 0 ? "as input" : $"as input {need.Index}",
        NeedKind.AsOutput => "as output",
        NeedKind.Exactly => FormattableString.Invariant($"scale 1/{1 / need.Fixed!.Scale}, zero point {need.Fixed.ZeroPoint}"),
        NeedKind.Weights => $"weights along dimension {need.Index}",
        NeedKind.Bias => "bias",
        _ => "as it is",
    };
}
