using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Turns a packed model into a nanoFramework class library whose weights are immediate operands of its code: they are
/// executed in place from flash and take no heap. The same model gives the same text.
/// </summary>
public static class CSharpEmitter
{
    /// <summary>Generates the library; metadata gives labels and the normalisation of raw counts.</summary>
    /// <exception cref="UnsupportedModelException">A layer has no generated form, or the code would be too large.</exception>
    public static GeneratedLibrary Emit(PackResult packed, Metadata? metadata = null, CodeOptions? options = null)
    {
        options ??= new CodeOptions();
        CodeModel model = CodeModel.Of(packed.Model, options);
        CodeWorth worth = CodeWorth.Of(packed.Model, options);
        var reasons = new List<string>();
        var layers = new List<LayerCode>();
        for (int i = 0; i < model.Layers.Length; i++)
        {
            try
            {
                LayerCode layer = Write(model.Layers[i], i, options, worth);
                layers.Add(layer with { Remarks = [Header(model.Layers[i], i), .. layer.Remarks] });
            }
            catch (UnsupportedModelException e)
            {
                reasons.AddRange(e.Reasons);
            }
        }

        if (reasons.Count > 0) throw new UnsupportedModelException(reasons);
        GeneratedLibrary library = LibraryWriter.Write(model, layers, metadata ?? new Metadata(), options);
        if (library.FlashBytes > options.MaxCodeBytes)
        {
            throw new UnsupportedModelException([
                $"The code would take {library.FlashBytes:N0} bytes of flash, more than the {options.MaxCodeBytes:N0} allowed by --max-code-bytes: run the pack instead, or raise the limit.",
            ]);
        }

        return library;
    }

    private static LayerCode Write(CodeLayer layer, int index, CodeOptions options, CodeWorth worth)
    {
        if (SoftmaxEmitter.Takes(layer.Layer, worth)) return SoftmaxEmitter.Write(layer.Layer, index);
        if (MeanEmitter.Write(layer.Layer, index, layer.Input, worth) is { } mean) return mean;
        if (layer.Layer.Kind is not (PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D or PackFormat.KindFullyConnected))
            return KernelCallEmitter.Write(layer.Layer, index);
        LayerCode loops = DepthwiseEmitter.Takes(layer, WindowGeometry.Of(layer.Layer)!)
            ? DepthwiseEmitter.Write(layer, index, options)
            : ConvEmitter.Write(layer, index, options);
        return StraightEmitter.Write(layer, index, options, worth, loops) ?? loops;
    }

    private static string Header(CodeLayer code, int index)
    {
        Layer layer = code.Layer;
        string shapes = layer.Origin.Outputs.Count > 0 ? $": {layer.Origin.Inputs.FirstOrDefault(t => t is not null)} -> {layer.Origin.Output}" : "";
        string pooled = code.Pool is null ? "" : $", with the max pooling {code.Pool[Kernels.MaxPool2D.KernelHeight]}x{code.Pool[Kernels.MaxPool2D.KernelWidth]} after it";
        return $"Layer {index}, {layer.Origin}{shapes}{pooled}; {layer.Macs:N0} multiply-accumulates.";
    }
}
