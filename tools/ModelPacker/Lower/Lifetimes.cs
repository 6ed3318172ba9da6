namespace TinyAI.ModelPacker.Lower;

/// <summary>
/// Sets from which layer to which each buffer is needed. Inputs are needed from before the first layer, outputs until
/// after the last, states always. All that a group of layers touches is needed from its first layer to its last, except that
/// an input which is fed by rows is not needed before.
/// </summary>
public static class Lifetimes
{
    /// <summary>Computes the lifetimes anew.</summary>
    public static void Set(LoweredModel model)
    {
        foreach (Buffer buffer in model.Buffers)
        {
            buffer.FirstUse = int.MaxValue;
            buffer.LastUse = -2;
        }

        for (int i = 0; i < model.Layers.Count; i++)
        {
            RowGroup? group = model.GroupOf(i);
            foreach (Buffer buffer in model.Layers[i].Buffers)
            {
                buffer.UsedAt(group?.Start ?? i);
                buffer.UsedAt(group?.End ?? i);
            }
        }

        foreach (Border input in model.Inputs.Where(i => i.Place.Buffer.StreamBytes is null)) input.Place.Buffer.UsedAt(-1);
        foreach (Border output in model.Outputs) output.Place.Buffer.UsedAt(model.Layers.Count);
        foreach (State state in model.States)
        {
            state.Place.Buffer.UsedAt(-1);
            state.Place.Buffer.UsedAt(model.Layers.Count);
        }
    }
}
