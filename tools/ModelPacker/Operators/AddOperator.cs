using TinyAI.Kernels;
using TinyAI.ModelPacker.Graphs;
using TinyAI.ModelPacker.Import.Tflite;
using TinyAI.ModelPacker.Lower;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Operators;

/// <summary>
/// ADD and SUB. The multipliers are s1 / t, s2 / t and t / (2^20 * s_out) with t = 2 * max(s1, s2): for ADD all in double
/// (TFLM add_common.cc), for SUB every product and quotient rounded to float (TFLM sub_common.cc). Where the output is to be rounded
/// once, <see cref="AddConstants"/> finds others.
/// </summary>
internal sealed class AddOperator(bool subtract) : ElementwiseOperator(PackFormat.KindAdd, subtract ? "Sub" : "Add", Add.ParameterCount, Add.Run)
{
    private const int LeftShift = 20;

    protected override IEnumerable<string> CheckScales(Node node)
    {
        foreach (string reason in Convolutions.CheckActivation(Activation(node))) yield return reason;
        (double first, double second, double output) = Multipliers(node);
        if (!IsBelowOne(first) || !IsBelowOne(second) || !IsBelowOne(output))
            yield return $"the scales {node.Input().Scale}, {node.Input(1).Scale} and {node.Output.Scale} of inputs and output are too far apart for its integer arithmetic.";
    }

    protected override void Fill(int[] p, Node node)
    {
        (double firstReal, double secondReal, double outputReal) = Multipliers(node);
        Requantisation first = Requantisation.From(firstReal), second = Requantisation.From(secondReal), output = Requantisation.From(outputReal);
        p[Add.ZeroPoint1] = node.Input().ZeroPoint;
        p[Add.Multiplier1] = first.Multiplier;
        p[Add.Right1] = -first.Shift;
        p[Add.ZeroPoint2] = node.Input(1).ZeroPoint;
        p[Add.Multiplier2] = second.Multiplier;
        p[Add.Right2] = -second.Shift;
        p[Add.Sign] = subtract ? -1 : 1;
        p[Add.OutMultiplier] = output.Multiplier;
        p[Add.OutRight] = -output.Shift;
        p[Add.OutZeroPoint] = node.Output.ZeroPoint;
        (p[Add.OutMin], p[Add.OutMax]) = ActivationRange.Of(node, Activation(node));
        if (node.Output.RoundedOnce) AddConstants.Improve(p, node.Input().Quantisation!, node.Input(1).Quantisation!, node.Output.Quantisation!);
    }

    /// <summary>Whether a multiplier is in (0, 1), also after rounding to 31 bits, as the reference requires.</summary>
    public static bool IsBelowOne(double real) => real > 0 && real < 1 && Requantisation.From(real).Shift <= 0;

    private (double First, double Second, double Output) Multipliers(Node node)
    {
        float s1 = node.Input().Scale, s2 = node.Input(1).Scale, outScale = node.Output.Scale;
        if (subtract)
        {
            float twice = (float)(2 * Math.Max(s1, s2));
            float divisor = (float)((1 << LeftShift) * outScale);
            return ((float)(s1 / twice), (float)(s2 / twice), (float)(twice / divisor));
        }

        double twiceMax = 2 * (double)Math.Max(s1, s2);
        return (s1 / twiceMax, s2 / twiceMax, twiceMax / ((1 << LeftShift) * (double)outScale));
    }

    private static TfliteActivation Activation(Node node) => node.Options switch
    {
        AddOptions add => add.Activation,
        SubOptions sub => sub.Activation,
        _ => TfliteActivation.NONE,
    };
}
