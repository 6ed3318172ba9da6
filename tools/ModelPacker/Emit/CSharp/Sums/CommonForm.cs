namespace TinyAI.ModelPacker.Emit.CSharp.Sums;

/// <summary>
/// The requantisation of all channels of a layer where these have one scale, as most fully connected layers have: 32-bit sums begin at
/// the channel's bias, lifted so that the smallest sum of all channels is 0, and the same statements store them.
/// </summary>
internal sealed class CommonForm
{
    /// <summary>Sums, and what they begin at, stay below this: no partial sum leaves 32 bits then.</summary>
    private const long MostSum = 1 << 30;

    private readonly RequantiseForm _form;
    private readonly ConvShape _shape;
    private readonly long _low;

    private CommonForm(RequantiseForm form, ConvShape shape, long low) => (_form, _shape, _low) = (form, shape, low);

    /// <summary>The form, or null where scales differ or sums are too large.</summary>
    public static CommonForm? Of(ConvShape shape, ChannelData[] channels)
    {
        if (channels.Length < 2 || channels.Any(c => c.Scale != channels[0].Scale)) return null;
        long low = channels.Min(c => c.AccumulatorRange(shape.Input).Low), high = channels.Max(c => c.AccumulatorRange(shape.Input).High);
        if (high - low > MostSum || channels.Any(c => Math.Abs(c.Bias - low) > MostSum)) return null;
        RequantiseForm? form = RequantiseForm.Derive(channels[0].Scale, low, high - low, shape.G.OutZero, shape.OutMin, shape.OutMax, shape.Options.SearchRequantisation);
        return form is null ? null : new CommonForm(form with { TwoTests = !shape.Options.OneTestForBounds }, shape, low);
    }

    /// <summary>What the sum of a channel begins at.</summary>
    public int Start(ChannelData channel) => (int)(channel.Bias - _low);

    /// <summary>Declares the locals that <see cref="Store"/> uses.</summary>
    public void Declare(CodeText code) => RequantiseForm.Declare(code, [_form], _shape.OutMin, _shape.OutMax, raised: false);

    /// <summary>Writes the statements that store a sum.</summary>
    public void Store(CodeText code, string sum, int sumIl, string target, int targetIl) => _form.Write(code, sum, sumIl, target, targetIl, raised: false);
}
