using TinyAI.ModelPacker.Power;

namespace TinyAI.ModelPacker.Tests.Power;

/// <summary>A capture made on the fly, of any length.</summary>
internal sealed class MemoryCapture(long samples, Func<long, Sample> sample, double? period = null, int pins = 2) : ICapture
{
    private long _next;

    public string Format => "made";

    public IReadOnlyList<string> Pins { get; } = [.. Enumerable.Range(0, pins).Select(i => $"D{i}")];

    public bool HasVoltage => true;

    public double? Period => period;

    public double Progress => (double)_next / samples;

    public IReadOnlyList<string> Notes => [];

    public int Read(Span<Sample> target)
    {
        int count = (int)Math.Min(target.Length, samples - _next);
        for (int i = 0; i < count; i++) target[i] = sample(_next++);
        return count;
    }

    public void Dispose()
    {
    }

    /// <summary>Samples one after another, as many as there are.</summary>
    public static MemoryCapture Of(IReadOnlyList<Sample> list) => new(list.Count, i => list[(int)i]);
}
