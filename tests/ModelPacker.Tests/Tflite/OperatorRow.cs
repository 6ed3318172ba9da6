using System.Globalization;
using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Tflite;

/// <summary>Describes operators in the notation of the zoo's ops/NAME.md, which other software wrote from the same files.</summary>
public static class OperatorRow
{
    /// <summary>The cells "op, version, options, in, out" of one operator of the first subgraph.</summary>
    public static string[] Describe(TfliteModel model, TfliteOperator op)
    {
        TfliteOperatorCode code = model.CodeOf(op);
        string name = code.BuiltinCode == BuiltinOperator.CUSTOM ? "CUSTOM:" + code.CustomCode : code.BuiltinCode.ToString();
        return
        [
            name, code.Version.ToString(CultureInfo.InvariantCulture), Options(op.BuiltinOptions),
            string.Join(' ', op.Inputs.Select(i => Tensor(model, i))), string.Join(' ', op.Outputs.Select(i => Tensor(model, i))),
        ];
    }

    private static string Tensor(TfliteModel model, int index)
    {
        if (index < 0) return "-";
        TfliteTensor tensor = model.Subgraphs[0].Tensors[index];
        int scales = tensor.Quantization?.Scale.Length ?? 0;
        return $"{tensor.Type.ToString().ToLowerInvariant()}[{string.Join(',', tensor.Shape)}]"
            + (model.IsConstant(tensor) ? "*" : "") + (scales > 1 ? $"/pc{scales}" : "");
    }

    private static string Options(TfliteOptions? options) => options switch
    {
        Conv2DOptions o => $"pad={o.Padding} stride={o.StrideH}x{o.StrideW} dil={o.DilationH}x{o.DilationW} act={o.Activation}",
        DepthwiseConv2DOptions o =>
            $"pad={o.Padding} stride={o.StrideH}x{o.StrideW} dil={o.DilationH}x{o.DilationW} mult={o.DepthMultiplier} act={o.Activation}",
        Pool2DOptions o =>
            $"filter={o.FilterHeight}x{o.FilterWidth} stride={o.StrideH}x{o.StrideW} pad={o.Padding} act={o.Activation}",
        FullyConnectedOptions o => $"act={o.Activation} keep_dims={Bit(o.KeepNumDims)} wfmt={(int)o.WeightsFormat}",
        BatchMatMulOptions o => $"adj_x={Bit(o.AdjX)} adj_y={Bit(o.AdjY)}",
        SoftmaxOptions o => string.Create(CultureInfo.InvariantCulture, $"beta={o.Beta}"),
        AddOptions o => $"act={o.Activation} pot16={Bit(o.PotScaleInt16)}",
        MulOptions o => $"act={o.Activation}",
        ReducerOptions o => $"keep_dims={Bit(o.KeepDims)}",
        ConcatenationOptions o => $"axis={o.Axis} act={o.Activation}",
        PackOptions o => $"axis={o.Axis} n={o.ValuesCount}",
        StridedSliceOptions o =>
            $"begin_mask={o.BeginMask} end_mask={o.EndMask} ellipsis={o.EllipsisMask} new_axis={o.NewAxisMask} shrink={o.ShrinkAxisMask}",
        SvdfOptions o => $"rank={o.Rank} act={o.Activation}",
        UnidirectionalSequenceLstmOptions o => string.Create(
            CultureInfo.InvariantCulture,
            $"act={o.Activation} cell_clip={o.CellClip} proj_clip={o.ProjClip} time_major={Bit(o.TimeMajor)}"),
        _ => "",
    };

    private static int Bit(bool value) => value ? 1 : 0;
}
