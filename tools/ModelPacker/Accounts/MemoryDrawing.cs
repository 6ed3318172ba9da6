using System.Text;
using TinyAI.ModelPacker.Lower;
using TinyAI.ModelPacker.Plan;
using Buffer = TinyAI.ModelPacker.Lower.Buffer;

namespace TinyAI.ModelPacker.Accounts;

/// <summary>
/// The plan of the activations over time as text: a line per layer, or per group of layers that run row by row together,
/// the memory from left to right, a letter for every tensor; then the peak and what makes it.
/// </summary>
public static class MemoryDrawing
{
    private const int Columns = 64;
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>The drawing, line by line.</summary>
    public static IEnumerable<string> Lines(LoweredModel model, MemoryPlan plan)
    {
        Buffer[] buffers = [.. model.Buffers.OrderBy(b => b.FirstUse).ThenBy(b => b.LastUse)];
        var letters = buffers.Select((b, i) => (b, i)).ToDictionary(p => p.b, p => Letters[p.i % Letters.Length]);
        int[] live = MemoryPlan.LiveBytes(model);
        yield return $"{"",-34}{"live B",9}  0{new string(' ', Columns - 1 - $"{plan.TotalBytes:N0}".Length)}{plan.TotalBytes:N0} B";
        for (int i = 0; i < model.Layers.Count; i++)
        {
            RowGroup? group = model.GroupOf(i);
            string name = group is null ? $"{i} {model.Layers[i].Name}" : $"{group.Start}..{group.End} row by row";
            yield return $"{name,-34}{live[i + 1],9:N0}  {Line(buffers.Where(b => b.FirstUse <= i && b.LastUse >= i), letters, plan)}";
            if (group is null) continue;
            yield return $"{"",-34}{"",9}  {group.Steps.Count:N0} steps: {string.Join(", ", Enumerable.Range(i, group.Count).Select(l => model.Layers[l].Name))}";
            i = group.End;
        }

        int peak = Math.Clamp(plan.PeakLayer, -1, model.Layers.Count);
        Buffer[] makers = [.. buffers.Where(b => b.FirstUse <= peak && b.LastUse >= peak).OrderByDescending(b => b.Held)];
        string where = peak < 0 ? "before the first layer" : peak == model.Layers.Count ? "after the last layer" : model.GroupOf(peak) is { } g ? $"in layers {g.Start}..{g.End}" : $"at layer {peak}";
        yield return "";
        yield return $"peak         {plan.LowerBound:N0} B live {where}; the plan takes {plan.TotalBytes:N0} B in {plan.BlockBytes.Length} block{(plan.BlockBytes.Length == 1 ? "" : "s")}";
        foreach (Buffer b in makers)
        {
            string part = b.StreamBytes is null ? "" : $" of {b.Bytes:N0}, a stream";
            yield return $"  {letters[b]}  {b.Held,9:N0} B{part}  {Short(b.Name)}, {When(b, model.Layers.Count)}";
        }
    }

    /// <summary>Converters join the names of all that they have fused.</summary>
    private static string Short(string name)
    {
        string first = name.Split(';')[0];
        return first.Length <= 60 ? first : "…" + first[^59..];
    }

    private static string When(Buffer b, int layers) =>
        b.IsState ? "state" : $"from {(b.FirstUse < 0 ? "the start" : $"layer {b.FirstUse}")} to {(b.LastUse >= layers ? "the end" : $"layer {b.LastUse}")}";

    /// <summary>Every column shows the largest of the tensors that have bytes in it.</summary>
    private static string Line(IEnumerable<Buffer> live, Dictionary<Buffer, char> letters, MemoryPlan plan)
    {
        var line = new StringBuilder(new string('.', Columns));
        long total = Math.Max(plan.TotalBytes, 1);
        foreach (Buffer b in live.Where(b => b.Held > 0).OrderByDescending(b => b.Held))
        {
            long from = plan.BlockBytes.Take(b.Block).Sum() + b.Offset, to = from + b.Held;
            int first = (int)(from * Columns / total), last = (int)((to - 1) * Columns / total);
            for (int c = first; c <= last; c++)
            {
                if (line[c] == '.') line[c] = letters[b];
            }
        }

        return line.ToString();
    }
}
