using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Plan;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>What must hold for every memory plan.</summary>
public static class PlanInvariants
{
    /// <summary>Groups run every row once on rows that are there; every buffer lies inside its block, no two that live at once overlap, and every place lies inside its buffer.</summary>
    public static void Check(LoweredModel model, MemoryPlan plan)
    {
        Buffer[] buffers = [.. model.Buffers];
        foreach (Buffer b in buffers)
        {
            Assert.InRange(b.Block, 0, plan.BlockBytes.Length - 1);
            Assert.InRange(b.Offset, 0, plan.BlockBytes[b.Block] - b.Held);
            Assert.True(b.FirstUse <= b.LastUse, $"{b} is never used");
        }

        for (int i = 0; i < buffers.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                (Buffer a, Buffer b) = (buffers[i], buffers[j]);
                bool atOnce = a.FirstUse <= b.LastUse && b.FirstUse <= a.LastUse;
                bool overlap = a.Block == b.Block && a.Offset < b.Offset + b.Held && b.Offset < a.Offset + a.Held;
                Assert.False(atOnce && overlap, $"{a} at {a.Block}:{a.Offset} overlaps {b} at {b.Block}:{b.Offset}");
            }
        }

        for (int i = 0; i < model.Layers.Count; i++)
        {
            Layer layer = model.Layers[i];
            foreach (Place place in new[] { layer.Input, layer.Input2, layer.Output, layer.Scratch }.Where(p => p is not null).Select(p => p!.Value))
            {
                Assert.InRange(place.Offset, 0, place.Buffer.Bytes - place.Bytes);
                Assert.InRange(i, place.Buffer.FirstUse, place.Buffer.LastUse);
            }
        }

        foreach (RowGroup group in model.Groups)
        {
            Assert.All(group.Streams, s => Assert.True(s.FirstUse == group.Start && s.LastUse == group.End && !s.IsState));
            StepReplay.Check(model, group);
        }

        Assert.All(model.States, s => Assert.True(s.Place.Buffer.FirstUse == -1 && s.Place.Buffer.LastUse == model.Layers.Count));
        Assert.True(plan.TotalBytes >= plan.LowerBound);
    }
}
