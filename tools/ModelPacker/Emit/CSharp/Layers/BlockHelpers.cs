using TinyAI.ModelPacker.Emit.CSharp.Sums;

namespace TinyAI.ModelPacker.Emit.CSharp.Layers;

/// <summary>Methods that the layers of a <see cref="BlockEmitter"/> share, for three lanes of 21, 21 and 22 bits.</summary>
internal static class BlockHelpers
{
    /// <summary>Bits of a lane below the one that its maximum needs.</summary>
    public const int MaximumBits = 20;

    private static readonly Lane[] s_lanes = LanePacking.EvenLanes(3);

    /// <summary>Name of the method that takes maxima; guarded tells whether the top bits of all lanes are free.</summary>
    public static string LargerName(bool guarded) => guarded ? "Larger" : "LargerWide";

    /// <summary>The method that takes the maximum of all lanes.</summary>
    public static CodeMethod Larger(bool guarded)
    {
        var code = new CodeText(2);
        if (guarded)
        {
            string guards = CodeText.Long(s_lanes.Sum(l => 1L << (l.Shift + MaximumBits)));
            code.Line("// The maximum lane by lane: with the lanes' top bits set in a, a borrow stays inside its lane and clears that bit where m is larger.");
            code.Open($"private static long {LargerName(guarded)}(long m, long a)", 1);
            code.Line($"long q = (a | {guards}) - m, k = q & {guards};", 27);
            code.Line($"return m + (q & (k - (k >>> {MaximumBits})));", 11);
        }
        else
        {
            string low = CodeText.Long((1L << s_lanes[0].Bits) - 1), middle = CodeText.Long(((1L << s_lanes[1].Bits) - 1) << s_lanes[1].Shift);
            int shift = s_lanes[2].Shift;
            code.Line("// The maximum lane by lane.");
            code.Open($"private static long {LargerName(guarded)}(long m, long a)", 1);
            code.Line($"long high = (m >>> {shift}) > (a >>> {shift}) ? m >>> {shift} : a >>> {shift};", 20);
            code.Line($"return (high << {shift}) | ((m & {middle}) > (a & {middle}) ? m & {middle} : a & {middle}) | ((m & {low}) > (a & {low}) ? m & {low} : a & {low});", 100);
        }

        code.Close();
        return new CodeMethod(LargerName(guarded), code.ToString(), code.IlBytes);
    }
}
