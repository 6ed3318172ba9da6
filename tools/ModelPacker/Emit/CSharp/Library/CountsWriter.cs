using TinyAI.ModelPacker.Emit.CSharp.Sums;

namespace TinyAI.ModelPacker.Emit.CSharp.Library;

/// <summary>
/// Writes the loop that turns a window of raw 16-bit counts into the model's input. The pack's integers for a channel,
/// (counts * multiplier + offset) >> shift, need 64 bits; the smallest constants that give the same for each of the 65,536 counts
/// mostly need 32, and no multiplication where the factor is a power of two. Neighbouring channels with the same constants share
/// an inner loop, in which window and input have one index.
/// </summary>
internal sealed class CountsWriter
{
    private const int Counts = 1 << 16;

    private readonly int _at, _values;
    private readonly List<(Formula Formula, int Channels)> _runs = [];

    /// <summary>For channels that fill the input, whose first byte is at; scale and zero point are the input's.</summary>
    public CountsWriter(SensorChannel[] channels, float scale, int zeroPoint, int at, int values)
    {
        (_at, _values) = (at, values);
        foreach (Formula formula in channels.Select(c => Formula.Of(c.ToIntegers(scale, zeroPoint))))
        {
            if (_runs.Count > 0 && _runs[^1].Formula == formula) _runs[^1] = (formula, _runs[^1].Channels + 1);
            else _runs.Add((formula, 1));
        }
    }

    /// <summary>Writes the statements; window holds the counts, x the input.</summary>
    public void Write(CodeText code)
    {
        code.Line(_runs.Any(r => r.Formula.IsWide) ? "long q;" : "int q;");
        if (_runs.Count == 1)
        {
            code.Open($"for (int i = 0; i < {_values}; i++)", 14);
            Value(code, _runs[0].Formula);
            code.Close();
            return;
        }

        code.Line("int i = 0;", 2);
        code.Open($"while (i < {_values})", 8);
        foreach ((Formula formula, int channels) in _runs)
        {
            if (channels > 1) code.Open($"for (int end = i + {channels}; i < end; i++)", 13);
            Value(code, formula);
            if (channels > 1) code.Close();
            else code.Line("i++;", 4);
        }

        code.Close();
    }

    private void Value(CodeText code, Formula formula)
    {
        code.Line($"q = {formula.Text};", 4 + formula.IlBytes);
        code.Line($"x[{CodeText.At("i", _at)}] = (sbyte)(q < -128 ? -128 : q > 127 ? 127 : q);", 23 + (_at == 0 ? 0 : 1 + CodeText.IntBytes(_at)));
    }

    /// <summary>(counts * Multiplier + Addend) >> Shift.</summary>
    internal sealed record Formula(long Multiplier, long Addend, int Shift)
    {
        /// <summary>What the generated statement computes, before the bounds of int8; within 32 bits where that is said.</summary>
        public long Apply(short counts) => IsWide ? (counts * Multiplier + Addend) >> Shift : checked((int)(counts * Multiplier + Addend)) >> Shift;

        /// <summary>Whether some count needs more than 32 bits.</summary>
        public bool IsWide => Math.Abs(Multiplier) > ushort.MaxValue || (Math.Abs(Multiplier) << 15) + Math.Abs(Addend) > int.MaxValue;

        public string Text
        {
            get
            {
                string Number(long value) => IsWide ? CodeText.Long(value) : $"{value}";
                string product = Multiplier == 1 && !IsWide ? "window[i]" : $"window[i] * {Number(Multiplier)}";
                string sum = Addend == 0 ? product : $"{product} + {Number(Addend)}";
                return Shift == 0 ? sum : $"({sum}) >> {Shift}";
            }
        }

        public int IlBytes => (Multiplier == 1 && !IsWide ? 0 : 1 + Bytes(Multiplier)) + (Addend == 0 ? 0 : 1 + Bytes(Addend)) + (Shift == 0 ? 0 : 1 + CodeText.IntBytes(Shift));

        /// <summary>The smallest constants that give what these give, within the bounds of int8.</summary>
        public static Formula Of((int Multiplier, int Shift, long Offset) integers)
        {
            (int multiplier, int shift, long offset) = integers;
            var given = new Formula(multiplier, offset, shift);
            if (multiplier < 0) return given;
            const int Least = short.MinValue;
            int Result(long index) => (int)Math.Clamp(((index + Least) * multiplier + offset) >> shift, sbyte.MinValue - 1, sbyte.MaxValue + 1);
            var steps = RequantiseSearch.Steps.Of(Result, Counts - 1, sbyte.MinValue, sbyte.MaxValue);
            return RequantiseSearch.Find(steps, Math.ScaleB(multiplier, -shift)) is { } found
                ? new Formula(found.Multiplier, found.Addend - found.Multiplier * Least, found.Shift) : given;
        }

        private int Bytes(long value) => IsWide ? CodeText.LongBytes(value) : CodeText.IntBytes((int)value);
    }
}
