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

    /// <summary>The form for the outputs of a tensor: TensorFlow Lite's, or one that rounds once where the tensor asks for it.</summary>
    public static Requantisation For(double real, Tensor output)
    {
        Requantisation twice = From(real);
        return output.RoundedOnce && twice.Shift < 0 ? twice with { Shift = FixedPoint.Once + twice.Shift } : twice;
    }

    /// <summary>Whether there is a single rounding.</summary>
    public bool IsOnce => Shift < FixedPoint.Once;

    /// <summary>The power of two that the shift stands for.</summary>
    public int Exponent => IsOnce ? Shift - FixedPoint.Once : Shift;

    /// <summary>value * Multiplier / 2^31 * 2^Shift, computed by the device's own code.</summary>
    public int Apply(int value) => FixedPoint.Requantise(value, Multiplier, Shift);

    /// <summary>real = fraction * 2^exponent with fraction in [0.5, 1), as C's frexp.</summary>
    public static (double Fraction, int Exponent) Split(double real)
    {
        int exponent = Math.ILogB(real) + 1;
        return (Math.ScaleB(real, -exponent), exponent);
    }
}
