using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>MAX_POOL_2D and AVERAGE_POOL_2D over int8, or where wide over int16, [batch, height, width, channels].</summary>
internal sealed class PoolOperator(bool average, bool wide = false) : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        IEnumerable<string> Type(Tensor tensor) => wide ? Int16Layers.Int16(tensor) : Requirements.Int8(tensor);
        wrong = [.. Type(input), .. Type(output), .. Requirements.Rank(input, 4), .. Requirements.Rank(output, 4)];
        if (wrong.Length > 0) return wrong;
        if (node.Options is not Pool2DOptions options) return ["it carries no window size, the file is damaged or from an unknown converter."];
        wrong =
        [
            .. Convolutions.CheckActivation(options.Activation),
            .. ConvolutionGeometry.Check(
                input.Shape[1], input.Shape[2], options.FilterHeight, options.FilterWidth, options.StrideH, options.StrideW, 1, 1),
        ];
        if (wrong.Length > 0) return wrong;
        if (wide && options.FilterHeight * (long)options.FilterWidth > 65535) return ["its window has more than 65535 values, whose sum does not fit 32 bits."];

        // The same bound as TFLM pooling_common.cc: pooling moves stored values and does not rescale.
        if (Math.Abs(input.Scale - output.Scale) > 1.0e-6 || input.ZeroPoint != output.ZeroPoint)
            return [$"tensors {input.Name} and {output.Name} have different scales or zero points, but pooling does not rescale."];
        ConvolutionGeometry g = Geometry(node, options);
        return Requirements.Shape(output, input.Shape[0], g.OutHeight, g.OutWidth, input.Shape[3]);
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), output = node.Output;
        var options = (Pool2DOptions)node.Options!;
        ConvolutionGeometry g = Geometry(node, options);
        // The parameters of all three kernels are the same; the wide one has one more.
        var p = new int[wide ? Pool2DInt16.ParameterCount : MaxPool2D.ParameterCount];
        p[MaxPool2D.InHeight] = input.Shape[1];
        p[MaxPool2D.InWidth] = input.Shape[2];
        p[MaxPool2D.Channels] = input.Shape[3];
        p[MaxPool2D.OutHeight] = g.OutHeight;
        p[MaxPool2D.OutWidth] = g.OutWidth;
        p[MaxPool2D.KernelHeight] = g.KernelHeight;
        p[MaxPool2D.KernelWidth] = g.KernelWidth;
        p[MaxPool2D.StrideHeight] = g.StrideHeight;
        p[MaxPool2D.StrideWidth] = g.StrideWidth;
        p[MaxPool2D.PadTop] = g.PadTop;
        p[MaxPool2D.PadLeft] = g.PadLeft;
        (p[MaxPool2D.OutMin], p[MaxPool2D.OutMax]) = ActivationRange.Of(node, options.Activation);
        if (wide) p[Pool2DInt16.Average] = average ? 1 : 0;
        lowering.Add(new Layer
        {
            Kind = wide ? PackFormat.KindPool2DInt16 : average ? PackFormat.KindAveragePool2D : PackFormat.KindMaxPool2D,
            Name = (average ? "AveragePool2D" : "MaxPool2D") + (wide ? "Int16" : ""),
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Rows = output.Shape[0] * g.OutHeight,
            Parameters = p,

            // Without padding in front, an output never lies behind anything that a later window begins with.
            InPlace = !wide && g.PadTop == 0 && g.PadLeft == 0,
        });
    }

    private static ConvolutionGeometry Geometry(Node node, Pool2DOptions options)
    {
        int[] input = node.Input().Shape;
        return ConvolutionGeometry.Of(
            node, input[1], input[2], options.FilterHeight, options.FilterWidth, options.Padding, options.StrideH, options.StrideW);
    }
}
