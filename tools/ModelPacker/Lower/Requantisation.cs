using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;

namespace TinyAI.ModelPacker.Lower;

/// <summary>A real multiplier as the device applies it: value * Multiplier / 2^31 * 2^Shift, with two roundings, or one below <see cref="FixedPoint.Once"/>.</summary>
public readonly record struct Requantisation(int Multiplier, int Shift)
{
    /// <summary>
    /// The nearest fixed-point form of a real multiplier; TFLite quantization_util.cc QuantizeMultiplier, which rounds
    /// half away from zero and gives 0 for anything below 2^-32.
    /// </summary>
    public static Requantisation From(double real)
    {
        if (real == 0) return new Requantisation(0, 0);
        (double fraction, int shift) = Split(real);
        long q = (long)Math.Round(fraction * (1L << 31), MidpointRounding.AwayFromZero);
        if (q == 1L << 31)
        {
            q /= 2;
            shift++;
        }

        if (shift < -31)
        {
            shift = 0;
            q = 0;
        }

        if (shift > 30)
        {
            shift = 30;
            q = (1L << 31) - 1;
        }

        return new Requantisation((int)q, shift);
    }

    /// <summary>What is added to a multiplier for rounding down, so that whole numbers do not fall below themselves by its rounding and that of float scales.</summary>
    private const double Above = 1 + 1.0 / (1 << 21);

    /// <summary>The form for the outputs of a tensor: TensorFlow Lite's, or one that rounds once or down where the tensor asks for it.</summary>
    public static Requantisation For(double real, Tensor output)
    {
        Requantisation twice = From(real);
        if (RoundsDown(real, output))
        {
            Requantisation above = From(real * Above);
            return above with { Shift = FixedPoint.Down + above.Shift };
        }

        return output.RoundedOnce && twice.Shift < 0 ? twice with { Shift = FixedPoint.Once + twice.Shift } : twice;
    }

    /// <summary>Whether a multiplier for the outputs of a tensor rounds down; one that is not below 1/2 has no shift to do it with.</summary>
    public static bool RoundsDown(double real, Tensor output) => output.RoundedDown && From(real * Above).Shift < 0;

    /// <summary>Whether there is a single rounding, or none.</summary>
    public bool IsOnce => Shift < FixedPoint.Once;

    /// <summary>Whether results are cut off.</summary>
    public bool IsDown => Shift < FixedPoint.Down;

    /// <summary>The power of two that the shift stands for.</summary>
    public int Exponent => Shift < 0 ? -(-Shift & 63) : Shift;

    /// <summary>The same with a fraction that is added to every value, where it rounds down.</summary>
    public Requantisation WithFraction(double fraction) => IsDown ? this with { Shift = Shift - ((int)(fraction * (1 << FixedPoint.FractionBits)) << 8) } : this;

    /// <summary>value * Multiplier / 2^31 * 2^Shift, computed by the device's own code.</summary>
    public int Apply(int value) => FixedPoint.Requantise(value, Multiplier, Shift);

    /// <summary>real = fraction * 2^exponent with fraction in [0.5, 1), as C's frexp.</summary>
    public static (double Fraction, int Exponent) Split(double real)
    {
        int exponent = Math.ILogB(real) + 1;
        return (Math.ScaleB(real, -exponent), exponent);
    }
}
