using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>RESIZE_BILINEAR of int8 in integers.</summary>
internal sealed class ResizeBilinearOperator : Operator
{
    public override IEnumerable<string> Check(Node node)
    {
        string[] wrong = [.. ResizeChecks.Check(node)];
        if (wrong.Length > 0) return wrong;
        if (node.Options is ResizeBilinearOptions { AlignCorners: true, HalfPixelCenters: true }) return ["it has both align_corners and half_pixel_centers, which exclude each other."];
        return node.Input().Type == TfliteType.INT8 ? [] : [$"tensor {node.Input().Name} is {node.Input()}, only int8 is supported."];
    }

    public override void Lower(Node node, Lowering lowering)
    {
        Tensor input = node.Input(), output = node.Output;
        var options = node.Options as ResizeBilinearOptions ?? new ResizeBilinearOptions();
        var p = new int[ResizeBilinear.ParameterCount];
        p[ResizeBilinear.InHeight] = input.Shape[1];
        p[ResizeBilinear.InWidth] = input.Shape[2];
        p[ResizeBilinear.Channels] = input.Shape[3];
        p[ResizeBilinear.OutHeight] = output.Shape[1];
        p[ResizeBilinear.OutWidth] = output.Shape[2];
        p[ResizeBilinear.StepY] = Step(input.Shape[1], output.Shape[1], options.AlignCorners);
        p[ResizeBilinear.StepX] = Step(input.Shape[2], output.Shape[2], options.AlignCorners);
        p[ResizeBilinear.FirstY] = options.HalfPixelCenters ? p[ResizeBilinear.StepY] / 2 - 512 : 0;
        p[ResizeBilinear.FirstX] = options.HalfPixelCenters ? p[ResizeBilinear.StepX] / 2 - 512 : 0;
        lowering.Add(new Layer
        {
            Kind = PackFormat.KindResizeBilinear, Name = "ResizeBilinear", Origin = node, Input = lowering.PlaceOf(input, node),
            Output = lowering.Create(output), Rows = output.Shape[0] * output.Shape[1], Parameters = p,
        });
    }

    /// <summary>Input pixels per output pixel with ten fraction bits, rounded (TFLite reference/resize_bilinear.h).</summary>
    private static int Step(int inSize, int outSize, bool alignCorners) =>
        alignCorners && outSize > 1 ? (1024 * (inSize - 1) + (outSize - 1) / 2) / (outSize - 1) : (1024 * inSize + outSize / 2) / outSize;
}
