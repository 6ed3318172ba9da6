using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>MAX_POOL_2D and AVERAGE_POOL_2D over int16 [batch, height, width, channels].</summary>
internal sealed class PoolInt16Operator(bool average) : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. Requirements.Arity(node, 1)];
        if (wrong.Length > 0) return wrong;
        Tensor input = node.Input(), output = node.Output;
        wrong = [.. Int16Layers.Int16(input), .. Int16Layers.Int16(output), .. Requirements.Rank(input, 4), .. Requirements.Rank(output, 4)];
        if (wrong.Length > 0) return wrong;
        if (node.Options is not Pool2DOptions options) return ["it carries no window size, the file is damaged or from an unknown converter."];
        wrong =
        [
            .. Convolutions.CheckActivation(options.Activation),
            .. ConvolutionGeometry.Check(
                input.Shape[1], input.Shape[2], options.FilterHeight, options.FilterWidth, options.StrideH, options.StrideW, 1, 1),
        ];
        if (wrong.Length > 0) return wrong;
        if (options.FilterHeight * (long)options.FilterWidth > 65535) return ["its window has more than 65535 values, whose sum does not fit 32 bits."];
        if (Math.Abs(input.Scale - output.Scale) > 1.0e-6)
            return [$"tensors {input.Name} and {output.Name} have different scales, but pooling does not rescale."];
        ConvolutionGeometry g = Geometry(node, options);
        return Requirements.Shape(output, input.Shape[0], g.OutHeight, g.OutWidth, input.Shape[3]);
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), output = node.Output;
        var options = (Pool2DOptions)node.Options!;
        ConvolutionGeometry g = Geometry(node, options);
        var p = new int[Pool2DInt16.ParameterCount];
        p[Pool2DInt16.InHeight] = input.Shape[1];
        p[Pool2DInt16.InWidth] = input.Shape[2];
        p[Pool2DInt16.Channels] = input.Shape[3];
        p[Pool2DInt16.OutHeight] = g.OutHeight;
        p[Pool2DInt16.OutWidth] = g.OutWidth;
        p[Pool2DInt16.KernelHeight] = g.KernelHeight;
        p[Pool2DInt16.KernelWidth] = g.KernelWidth;
        p[Pool2DInt16.StrideHeight] = g.StrideHeight;
        p[Pool2DInt16.StrideWidth] = g.StrideWidth;
        p[Pool2DInt16.PadTop] = g.PadTop;
        p[Pool2DInt16.PadLeft] = g.PadLeft;
        (p[Pool2DInt16.OutMin], p[Pool2DInt16.OutMax]) = ActivationRange.Of(node, options.Activation);
        p[Pool2DInt16.Average] = average ? 1 : 0;
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindPool2DInt16,
            Name = average ? "AveragePool2DInt16" : "MaxPool2DInt16",
            Origin = node,
            Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output),
            Rows = output.Shape[0] * g.OutHeight,
            Parameters = p,
        });
    }

    private static ConvolutionGeometry Geometry(Node node, Pool2DOptions options)
    {
        int[] input = node.Input().Shape;
        return ConvolutionGeometry.Of(
            node, input[1], input[2], options.FilterHeight, options.FilterWidth, options.Padding, options.StrideH, options.StrideW);
    }
}
