using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Lower;

namespace TinyAI.ModelPacker.Boards;

/// <summary>Whether a packed model fits a board, and if not, why not and what could be done.</summary>
public static class BoardFit
{
    /// <summary>Every reason why the pack does not fit; none when it does.</summary>
    public static List<string> Check(PackResult packed, BoardProfile board)
    {
        var reasons = new List<string>();
        LoweredModel model = packed.Model;
        foreach (Lower.Buffer buffer in model.Buffers.Where(b => b.Held > board.LargestBlockBytes))
        {
            int at = Math.Clamp(buffer.FirstUse, 0, Math.Max(model.Layers.Count - 1, 0));
            reasons.Add(
                $"{LayerName(model, at)} needs tensor {buffer.Name} of {buffer.Held:N0} bytes in one piece; the largest safe array on {board.Name} is "
                + $"{board.LargestSafeArrayBytes:N0} bytes. Shrink the model's input or channels there, or choose a board with PSRAM.");
        }

        if (reasons.Count == 0 && packed.Plan.BlockBytes.DefaultIfEmpty(0).Max() is var block && block > board.LargestBlockBytes)
        {
            reasons.Add(
                $"The activations lie in one array of {block:N0} bytes; the largest safe array on {board.Name} is {board.LargestSafeArrayBytes:N0} bytes. "
                + $"Pack with --board {board.Name}, which divides them among several arrays.");
        }

        if (packed.Heap.Total > board.FreeHeapBytes)
        {
            int peak = Math.Clamp(packed.Plan.PeakLayer, 0, Math.Max(model.Layers.Count - 1, 0));
            reasons.Add(
                $"{LayerName(model, peak)} makes the peak of {packed.Heap.Total:N0} bytes of managed heap ({packed.Plan.LowerBound:N0} of them tensors that live "
                + $"there); {board.Name} has {board.FreeHeapBytes:N0} free. Shrink the model's input or channels there, or choose a board with PSRAM.");
        }

        reasons.AddRange(Flash(packed.Pack.Length, board));
        return reasons;
    }

    /// <summary>The same for a pack whose model is not at hand, so that layers cannot be named.</summary>
    /// <param name="packBytes">Bytes of the pack.</param>
    /// <param name="heapBytes">Managed heap at the peak.</param>
    /// <param name="blockBytes">Bytes of each activation block.</param>
    /// <param name="board">The board.</param>
    public static List<string> Check(int packBytes, int heapBytes, int[] blockBytes, BoardProfile board)
    {
        var reasons = new List<string>();
        if (blockBytes.DefaultIfEmpty(0).Max() is var block && block > board.LargestBlockBytes)
        {
            reasons.Add(
                $"The activations lie in one array of {block:N0} bytes; the largest safe array on {board.Name} is {board.LargestSafeArrayBytes:N0} bytes. "
                + $"Pack the model with --board {board.Name}, which divides them among several arrays where it can.");
        }

        if (heapBytes > board.FreeHeapBytes)
            reasons.Add($"The pack takes {heapBytes:N0} bytes of managed heap at its peak; {board.Name} has {board.FreeHeapBytes:N0} free. Use a smaller model, or a board with PSRAM.");
        reasons.AddRange(Flash(packBytes, board));
        return reasons;
    }

    private static IEnumerable<string> Flash(int packBytes, BoardProfile board)
    {
        int flash = board.DeploymentBytes - board.ReservedDeploymentBytes;
        if (packBytes > flash && packBytes > board.FileSystemBytes)
        {
            yield return
                $"The pack takes {packBytes:N0} bytes of flash; {board.Name} has {flash:N0} free for resources and {board.FileSystemBytes:N0} for files. "
                + "Use a narrower model, or a board with more flash.";
        }
    }

    private static string LayerName(LoweredModel model, int index) =>
        model.Layers.Count == 0 ? "The model" : $"Layer {index} {model.Layers[index].Name} ({model.Layers[index].Origin})";
}
