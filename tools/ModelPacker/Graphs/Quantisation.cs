namespace TinyAI.ModelPacker.Graphs;

/// <summary>
/// How integers stand for real numbers: real = scale * (q - zeroPoint). One pair for the whole tensor, or one per
/// slice along <paramref name="Axis"/>.
/// </summary>
public sealed record Quantisation(float[] Scales, long[] ZeroPoints, int Axis)
{
    /// <summary>The scale of the whole tensor, or of its first slice.</summary>
    public float Scale => Scales[0];

    /// <summary>The zero point of the whole tensor, or of its first slice.</summary>
    public int ZeroPoint => ZeroPoints.Length == 0 ? 0 : (int)ZeroPoints[0];

    /// <summary>Whether slices have scales of their own.</summary>
    public bool IsPerChannel => Scales.Length > 1;

    /// <summary>Whether both describe the same mapping of a whole tensor.</summary>
    public bool SameAs(Quantisation? other) =>
        other is not null && !IsPerChannel && !other.IsPerChannel && Scale.Equals(other.Scale) && ZeroPoint == other.ZeroPoint;
}
