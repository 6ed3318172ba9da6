using static TinyAI.ModelPacker.Tests.Reference.LiteralFixedPoint;

namespace TinyAI.ModelPacker.Tests.Reference;

/// <summary>
/// The 8-bit LSTM of TFLite Micro (lstm_eval.h, lstm_eval_common.cc) as that code goes: whole vectors per gate, zero
/// points subtracted value by value, the table computed in floating point. Gates in the order input, forget, cell, output.
/// </summary>
internal sealed class LstmReference
{
    public required int Inputs { get; init; }
    public required int Units { get; init; }
    public required int Batches { get; init; }
    public required bool TimeMajor { get; init; }
    public required sbyte[][] Weights { get; init; }
    public required sbyte[][] Recurrent { get; init; }
    public required int[][] Bias { get; init; }
    public required float[] WeightScales { get; init; }
    public required float[] RecurrentScales { get; init; }
    public required (float Scale, int Zero) Input { get; init; }
    public required (float Scale, int Zero) Output { get; init; }
    public required float CellScale { get; init; }
    public required float CellClip { get; init; }

    private sbyte[] _h = [];
    private short[] _c = [];

    public void Reset()
    {
        _h = new sbyte[Batches * Units];
        Array.Fill(_h, (sbyte)Output.Zero);
        _c = new short[Batches * Units];
    }

    public sbyte[] Run(sbyte[] input)
    {
        int rows = input.Length / Inputs, steps = rows / Batches;
        var output = new sbyte[rows * Units];
        for (int b = 0; b < Batches; b++)
        {
            for (int t = 0; t < steps; t++)
            {
                int row = TimeMajor ? t * Batches + b : b * steps + t;
                Step(input.AsSpan(row * Inputs, Inputs), _h.AsSpan(b * Units, Units), _c.AsSpan(b * Units, Units));
                _h.AsSpan(b * Units, Units).CopyTo(output.AsSpan(row * Units));
            }
        }

        return output;
    }

    private void Step(ReadOnlySpan<sbyte> x, Span<sbyte> h, Span<short> c)
    {
        short[] forget = Gate(1, x, h), input = Gate(0, x, h), cell = Gate(2, x, h), output = Gate(3, x, h);
        const float q15 = 0.000030517578125f;
        var forgetScale = QuantizeMultiplier((double)q15 * (double)CellScale / (double)CellScale);
        var inputScale = QuantizeMultiplier((double)q15 * (double)q15 / (double)CellScale);
        var outputScale = QuantizeMultiplier((double)q15 * (double)q15 / (double)Output.Scale);
        int power = (int)MathF.Round(MathF.Log(CellScale) * (1 / MathF.Log(2)), MidpointRounding.AwayFromZero);
        short clip = (short)Math.Min(Math.Max((double)CellClip / CellScale, -32768.0), 32767.0);
        for (int i = 0; i < Units; i++)
        {
            short kept = Clamp16(Mbqm(forget[i] * c[i], forgetScale));
            short added = Clamp16(Mbqm(input[i] * cell[i], inputScale));
            c[i] = Clamp16(kept + added);
            if (CellClip > 0) c[i] = Math.Max(Math.Min(clip, c[i]), (short)-clip);
            int shift = 15 + power - 3;
            int tanh = shift < 0 ? Tanh(c[i], 3, -shift) : Tanh(c[i], 0, shift);
            h[i] = Clamp8(Mbqm(tanh * output[i], outputScale) + Output.Zero);
        }
    }

    private short[] Gate(int gate, ReadOnlySpan<sbyte> x, ReadOnlySpan<sbyte> h)
    {
        const float q12 = 0.000244140625f;
        var inputScale = QuantizeMultiplier((double)(float)(Input.Scale * WeightScales[gate]) / (double)q12);
        var recurrentScale = QuantizeMultiplier((double)(float)(Output.Scale * RecurrentScales[gate]) / (double)q12);
        var values = new short[Units];
        for (int i = 0; i < Units; i++)
        {
            int acc = Bias[gate][i];
            for (int k = 0; k < Inputs; k++) acc += Weights[gate][i * Inputs + k] * (x[k] - Input.Zero);
            int acc2 = 0;
            for (int k = 0; k < Units; k++) acc2 += Recurrent[gate][i * Units + k] * (h[k] - Output.Zero);
            short sum = Clamp16(Clamp16(Mbqm(acc, inputScale)) + Clamp16(Mbqm(acc2, recurrentScale)));
            values[i] = gate == 2 ? Tanh(sum, 0, 0) : Logistic(sum, 0, 0);
        }

        return values;
    }

    /// <summary>Entry of sigmoid_table_uint16 from its formula, in double.</summary>
    public static uint Table(int i)
    {
        double y = 1 / (1 + Math.Exp(-i / 24.0)), bend = y * (1 - y) * (1 - 2 * y) / (16 * 24 * 24);
        return i == 255 ? 65535 : (uint)Math.Floor(65536 * (y - bend) + 0.5);
    }

    /// <summary>integer_ops/logistic.h, 16 bits.</summary>
    public static short Logistic(short x, int multiplier, int leftShift)
    {
        if (multiplier == 0) (multiplier, leftShift) = (3 << leftShift, 0);
        int round = leftShift > 0 ? 1 << (leftShift - 1) : 0;
        int data = (x * multiplier + round) >> leftShift;
        uint size = (uint)Math.Abs(data), high = size >> 9, result;
        if (high >= 255) result = 0x7FFF << 10;
        else result = (Table((int)high) << 9) + (size & 0x1ff) * (Table((int)high + 1) - Table((int)high));
        result = data >= 0 ? result + (1 << 9) : (1 << 25) - result + (1 << 9) - 1;
        return (short)(result >> 10);
    }

    /// <summary>integer_ops/tanh.h, 16 bits.</summary>
    public static short Tanh(short x, int multiplier, int leftShift)
    {
        if (multiplier == 0) (multiplier, leftShift) = (3 << leftShift, 0);
        int round = leftShift > 0 ? 1 << (leftShift - 1) : 0;
        int data = (x * multiplier + round) >> leftShift;
        uint size = (uint)Math.Abs(data), high = size >> 8;
        int result;
        if (high >= 255) result = 0xFFFF << 8;
        else result = (int)((Table((int)high) << 8) + (size & 0xFF) * (Table((int)high + 1) - Table((int)high)));
        result = data >= 0 ? result - (1 << 23) + (1 << 7) : -result + (1 << 23) + (1 << 7) - 1;
        return (short)(result >> 8);
    }
}
