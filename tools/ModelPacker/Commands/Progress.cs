using System.Diagnostics;

namespace TinyAI.ModelPacker.Commands;

/// <summary>Says how far a loop is, on standard error, once it has taken more than a second.</summary>
internal static class Progress
{
    /// <summary>Runs the action for each item.</summary>
    public static void Over<T>(IReadOnlyList<T> items, string what, Action<T> action)
    {
        var watch = Stopwatch.StartNew();
        long next = 1000;
        for (int i = 0; i < items.Count; i++)
        {
            action(items[i]);
            if (watch.ElapsedMilliseconds < next) continue;
            Console.Error.WriteLine($"{what}: {i + 1} of {items.Count}");
            next = watch.ElapsedMilliseconds + 1000;
        }
    }
}
