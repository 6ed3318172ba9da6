namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Lets the output of a layer take the memory of an input that nothing needs afterwards, where the kernel says that
/// it may. Limit: only when the output is no larger than the input and the input fills its buffer from the start, so
/// that no other view of the buffer is disturbed. Where layers run row by row, a row of the output must lie exactly where
/// the row of the input lay.
/// </summary>
public static class InPlaceSharing
{
    /// <summary>Merges buffers; lifetimes without groups must be set, and are right afterwards.</summary>
    /// <param name="model">The model.</param>
    /// <param name="keepSize">Not where the output is smaller: it would keep the memory of the larger input for as long as it lives.</param>
    /// <param name="inStep">Everywhere as if layers ran row by row.</param>
    public static void Apply(LoweredModel model, bool keepSize = false, bool inStep = false)
    {
        for (int i = 0; i < model.Layers.Count; i++)
        {
            Layer layer = model.Layers[i];
            RowMap? map = inStep || model.GroupOf(i) is not null ? RowMap.Of(layer) : null;
            bool Fits(Place? input, RowSpan? span) => (!keepSize || input?.Bytes == layer.Output?.Bytes)
                && (map is null ? !inStep : span is not null && span == map.Output && input?.Bytes == layer.Output?.Bytes);
            if (layer.InPlace && Fits(layer.Input, map?.Input) && CanShare(layer, layer.Input, layer.Input2, i))
                Share(model, layer.Output!.Value.Buffer, layer.Input!.Value);
            else if (layer.InPlace2 && Fits(layer.Input2, map?.Input2) && CanShare(layer, layer.Input2, layer.Input, i))
                Share(model, layer.Output!.Value.Buffer, layer.Input2!.Value);
        }
    }

    private static bool CanShare(Layer layer, Place? input, Place? other, int index)
    {
        if (input is not { } from || layer.Output is not { } to) return false;
        // The other operand may be a view of the same buffer; only where it is read in step is overwriting harmless.
        if (other is { } second && second.Buffer == from.Buffer && !(second == from && layer.InPlace && layer.InPlace2)) return false;
        if (layer.Scratch is { } scratch && scratch.Buffer == from.Buffer) return false;
        return !from.Buffer.IsState && !to.Buffer.IsState && from.Buffer != to.Buffer
            && from.Buffer.LastUse == index && to.Buffer.FirstUse == index
            && from.Offset == 0 && from.Bytes == from.Buffer.Bytes
            && to.Offset == 0 && to.Bytes == to.Buffer.Bytes && to.Bytes <= from.Bytes;
    }

    /// <summary>Replaces a buffer by another everywhere.</summary>
    private static void Share(LoweredModel model, Buffer gone, Place target)
    {
        Buffer kept = target.Buffer;
        Place Moved(Place place) => place.Buffer == gone ? place with { Buffer = kept } : place;
        for (int i = 0; i < model.Layers.Count; i++)
        {
            Layer old = model.Layers[i];
            if (!old.Buffers.Contains(gone)) continue;
            model.Layers[i] = old with
            {
                Input = old.Input is { } a ? Moved(a) : null,
                Input2 = old.Input2 is { } b ? Moved(b) : null,
                Output = old.Output is { } c ? Moved(c) : null,
                Scratch = old.Scratch is { } d ? Moved(d) : null,
            };
        }

        for (int i = 0; i < model.Outputs.Count; i++) model.Outputs[i] = model.Outputs[i] with { Place = Moved(model.Outputs[i].Place) };
        kept.LastUse = Math.Max(kept.LastUse, gone.LastUse);
    }
}
