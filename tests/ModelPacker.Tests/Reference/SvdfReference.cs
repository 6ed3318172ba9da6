using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Reference;

/// <summary>SVDF as TFLite Micro's svdf_common.cc goes: the whole state moves, then features, time, sums over the rank.</summary>
internal sealed class SvdfReference
{
    public required int Inputs { get; init; }
    public required int Filters { get; init; }
    public required int Rank { get; init; }
    public required int Memory { get; init; }
    public required int Batches { get; init; }
    public required bool Wide { get; init; }
    public required sbyte[] Features { get; init; }
    public required int[] Times { get; init; }
    public required int[]? Bias { get; init; }
    public required (float Scale, int Zero) Input { get; init; }
    public required (float Scale, int Zero) State { get; init; }
    public required (float Scale, int Zero) Output { get; init; }
    public required float FeatureScale { get; init; }
    public required float TimeScale { get; init; }

    private int[] _state = [];

    public void Reset()
    {
        _state = new int[Batches * Filters * Memory];
        Array.Fill(_state, State.Zero);
    }

    public sbyte[] Run(sbyte[] input)
    {
        double scale1 = (double)(float)((float)(Input.Scale * FeatureScale) / State.Scale);
        double scale2 = (double)(float)((float)(State.Scale * TimeScale) / Output.Scale);
        var toState = QuantizeMultiplier(scale1);
        var toOutput = QuantizeMultiplier(scale2);
        for (int i = 0; i + 1 < _state.Length; i++) _state[i] = _state[i + 1];

        for (int b = 0; b < Batches; b++)
        {
            for (int r = 0; r < Filters; r++)
            {
                int dot = 0;
                for (int c = 0; c < Inputs; c++) dot += Features[r * Inputs + c] * (input[b * Inputs + c] - Input.Zero);
                dot = Mbqm(dot, toState);
                dot = Wide ? Clamp16(dot) : Clamp8(dot);
                int stored = State.Zero + dot;
                _state[(b * Filters + r) * Memory + Memory - 1] = Wide ? (short)stored : (sbyte)stored;
            }
        }

        int units = Filters / Rank;
        var output = new sbyte[Batches * units];
        for (int b = 0; b < Batches; b++)
        {
            for (int u = 0; u < units; u++)
            {
                int sum = Bias?[u] ?? 0;
                for (int r = u * Rank; r < (u + 1) * Rank; r++)
                {
                    for (int j = 0; j < Memory; j++)
                        sum = unchecked(sum + Times[r * Memory + j] * (_state[(b * Filters + r) * Memory + j] - State.Zero));
                }

                output[b * units + u] = Clamp8(Mbqm(sum, toOutput) + Output.Zero);
            }
        }

        return output;
    }
}
