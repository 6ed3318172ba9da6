using TinyAI.ModelPacker.Emit.CSharp.Layers;
using TinyAI.ModelPacker.Emit.CSharp.Library;
using TinyAI.ModelPacker.Emit.CSharp.Sums;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Emit.CSharp;

/// <summary>
/// Turns a packed model into a nanoFramework class library whose weights are immediate operands of its code: they are
/// executed in place from flash and take no heap. Layers that have no such form, that the user leaves out or that are too
/// large for the flash call the device's kernels, with their weights on the heap. The same model gives the same text.
/// </summary>
public static class CSharpEmitter
{
    /// <summary>Generates the library; metadata gives labels and the normalisation of raw counts.</summary>
    /// <exception cref="UnsupportedModelException">The library would be too large, or a layer cannot be part of one.</exception>
    public static GeneratedLibrary Emit(PackResult packed, Metadata? metadata = null, CodeOptions? options = null)
    {
        options ??= new CodeOptions();
        (LoweredModel model, int[] sources) = SvdfSteps.Apply(packed.Model, options.CodeLayers is { } wanted ? wanted.Contains : _ => true);
        HashSet<int> code = [.. Enumerable.Range(0, model.Layers.Count).Where(i => IsWeighted(model.Layers[i]))];
        CodeDraft draft = Write(model, code, options);
        while (draft.Refused.Count > 0)
        {
            // What generated code cannot do, a kernel can.
            code.ExceptWith(draft.Refused);
            draft = Write(model, code, options);
        }

        CodeDraft all = draft;
        if (options.CodeLayers is { } some && !code.All(i => some.Contains(sources[i])))
        {
            code.RemoveWhere(i => !some.Contains(sources[i]));
            draft = Write(model, code, options);
        }

        CodeDraft Dense(CodeDraft usual) => options.Optimise != Optimise.Speed ? usual
            : new DraftSearch(d => Library(d, metadata, options), rate => Write(model, code, options with { TimePerFlash = options.TimePerFlash * rate }), options)
                .Denser(usual, packed.Model.Layers.Sum(LoopCost.Of));

        draft = Dense(draft);
        GeneratedLibrary library = Library(draft, metadata, options);
        while (library.FlashBytes > options.MaxCodeBytes && options.CodeLayers is null && code.Count > 0)
        {
            code.Remove(Least(draft, code));
            draft = Dense(Write(model, code, options));
            library = Library(draft, metadata, options);
        }

        if (library.FlashBytes <= options.MaxCodeBytes) return library with { Choices = Choices(draft, all, sources) };
        throw new UnsupportedModelException([
            $"The library would take {library.FlashBytes:N0} bytes of flash, more than the {options.MaxCodeBytes:N0} allowed by --max-code-bytes: run the pack instead, or raise the limit.",
        ]);
    }

    private static bool IsWeighted(Layer layer) =>
        layer.Kind is PackFormat.KindConv2D or PackFormat.KindDepthwiseConv2D or PackFormat.KindFullyConnected or PackFormat.KindLstm;

    private static CodeDraft Write(LoweredModel lowered, HashSet<int> code, CodeOptions options)
    {
        CodeModel model = CodeModel.Of(lowered, options, code.Contains);
        CodeWorth worth = CodeWorth.Of(lowered, options);
        var refused = new HashSet<int>();
        var reasons = new List<string>();
        var forms = new List<LayerCode[]>();
        for (int i = 0; i < model.Layers.Length; i++)
        {
            try
            {
                string header = Header(model.Layers[i], i);
                forms.Add([.. Forms(model.Layers[i], i, options, worth).Select(f => f with { Remarks = [header, .. f.Remarks] })]);
            }
            catch (UnsupportedModelException) when (model.Layers[i].IsCode)
            {
                refused.Add(model.Layers[i].Sources[0]);
            }
            catch (UnsupportedModelException e)
            {
                reasons.AddRange(e.Reasons);
            }
        }

        return reasons.Count == 0 ? new CodeDraft(model, [.. forms.Select(f => f[0])], refused) { Forms = forms } : throw new UnsupportedModelException(reasons);
    }

    /// <summary>
    /// The layers of a draft, each with its form in a draft that has all code that there can be; sources are the numbers that its
    /// layers have in the pack.
    /// </summary>
    private static LayerChoice[] Choices(CodeDraft draft, CodeDraft all, int[] sources)
    {
        FormCost Cost(LayerCode layer) => new(layer.FlashBytes, layer.HeapBytes, layer.Adds);
        IEnumerable<LayerChoice> choices = draft.Model.Layers.Zip(draft.Layers).Select(l =>
        {
            (CodeLayer layer, LayerCode written) = l;
            int same = Array.FindIndex(all.Model.Layers, a => a.Sources[0] == layer.Sources[0]);
            LayerCode? code = written.Adds is not null ? written : same >= 0 && all.Layers[same].Adds is not null ? all.Layers[same] : null;
            FormCost kernel = written.Adds is null ? Cost(written) : new FormCost(
                layer.Layer.Weights.Length + 4 * layer.Layer.Parameters.Length + 60,
                Accounts.HeapModel.Array(layer.Layer.Weights.Length, 1) + Accounts.HeapModel.Array(layer.Layer.Parameters.Length, 4), null);
            string name = layer.Layer.Origin.CustomCode ?? layer.Layer.Origin.Operator.ToString();
            return new LayerChoice([.. layer.Sources.Select(i => sources[i]).Distinct().Order()], $"{layer.Layer.Origin.Origin} {name}", written.Adds is not null, code is null ? null : Cost(code), kernel);
        });
        return [.. choices.GroupBy(c => c.Sources[0]).Select(g => g.Aggregate(Joined))];
    }

    /// <summary>Two steps of one layer of the pack as one choice.</summary>
    private static LayerChoice Joined(LayerChoice a, LayerChoice b)
    {
        FormCost Sum(FormCost one, FormCost other) => new(one.FlashBytes + other.FlashBytes, one.HeapBytes + other.HeapBytes, one.Adds is null && other.Adds is null ? null : (one.Adds ?? 0) + (other.Adds ?? 0));
        FormCost? code = a.Code is null || b.Code is null ? a.Code ?? b.Code : Sum(a.Code, b.Code);
        return a with { IsCode = a.IsCode || b.IsCode, Code = code, Kernel = Sum(a.Kernel, b.Kernel) };
    }

    private static GeneratedLibrary Library(CodeDraft draft, Metadata? metadata, CodeOptions options) =>
        LibraryWriter.Write(draft.Model, draft.Layers, metadata ?? new Metadata(), options);

    /// <summary>The forms of a layer, the best at the options' rate of flash and time first.</summary>
    /// <exception cref="UnsupportedModelException">It has none.</exception>
    private static IEnumerable<LayerCode> Forms(CodeLayer layer, int index, CodeOptions options, CodeWorth worth)
    {
        if (layer.IsCode) return layer.Layer.Kind == PackFormat.KindLstm ? [LstmEmitter.Write(layer, index, options)] : WeightedForms(layer, index, options, worth);
        LayerCode? code = SoftmaxEmitter.Write(layer.Layer, index, worth) ?? MeanEmitter.Write(layer.Layer, index, layer.Input, worth)
            ?? ConstantProductEmitter.Write(layer, index, worth) ?? BatchMatMulEmitter.Write(layer, index, worth) ?? ConstantAddEmitter.Write(layer, index, worth);
        return code is not null ? [code] : [WeightCallEmitter.Takes(layer.Layer) ? WeightCallEmitter.Write(layer.Layer, index) : KernelCallEmitter.Write(layer, index)];
    }

    private static IEnumerable<LayerCode> WeightedForms(CodeLayer layer, int index, CodeOptions options, CodeWorth worth)
    {
        LayerCode loops = DepthwiseEmitter.Takes(layer, WindowGeometry.Of(layer.Layer)!)
            ? DepthwiseEmitter.Write(layer, index, options)
            : ConvEmitter.Write(layer, index, options, worth);
        List<LayerCode?> forms = [loops, StraightEmitter.Write(layer, index, options, worth, loops)];
        if (options.WeightsAsArguments)
        {
            forms.AddRange([
                DotLanesEmitter.Write(layer, index, options, worth, loops), ChannelCallEmitter.Write(layer, index, options, loops),
                DotEmitter.Write(layer, index, options, worth, loops), BlockEmitter.Write(layer, index, options, worth, loops),
            ]);
        }

        return forms.OfType<LayerCode>().OrderBy(f => worth.Price(f.Adds!.Value, f.FlashBytes));
    }

    /// <summary>The layer whose code saves least work for its flash; weights that are used at many positions save most.</summary>
    private static int Least(CodeDraft draft, HashSet<int> code) =>
        draft.Model.Layers.Zip(draft.Layers).Where(l => code.Contains(l.First.Sources[0]))
            .OrderBy(l => l.First.Layer.Macs / (double)Math.Max(1, l.Second.FlashBytes - l.First.Layer.Weights.Length)).First().First.Sources[0];

    private static string Header(CodeLayer code, int index)
    {
        Layer layer = code.Layer;
        string shapes = layer.Origin.Outputs.Count > 0 ? $": {layer.Origin.Inputs.FirstOrDefault(t => t is not null)} -> {layer.Origin.Output}" : "";
        string pooled = code.Pool is null ? "" : $", with the max pooling {code.Pool[Kernels.MaxPool2D.KernelHeight]}x{code.Pool[Kernels.MaxPool2D.KernelWidth]} after it";
        return $"Layer {index}, {layer.Origin}{shapes}{pooled}; {layer.Macs:N0} multiply-accumulates.";
    }
}
