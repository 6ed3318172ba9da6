using TinyAI.ModelPacker.Import.Tflite;

namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>Random sizes for operator tests.</summary>
public static class RandomShapes
{
    /// <summary>A shape with this many dimensions of 1 to most.</summary>
    public static int[] Shape(this Random random, int rank, int most = 5) => [.. Enumerable.Range(0, rank).Select(_ => random.Next(1, most + 1))];

    /// <summary>An element type that the device holds.</summary>
    public static TfliteType ElementType(this Random random) =>
        random.Next(3) switch { 0 => TfliteType.INT16, 1 => TfliteType.INT32, _ => TfliteType.INT8 };

    /// <summary>An axis, sometimes counted from the end.</summary>
    public static (int Axis, int Written) Axis(this Random random, int rank)
    {
        int axis = random.Next(rank);
        return (axis, random.Next(2) == 0 ? axis : axis - rank);
    }
}
