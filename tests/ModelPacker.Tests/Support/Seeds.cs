using FsCheck;
using FsCheck.Fluent;

namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>
/// Properties of random cases, each made from a seed. Every run draws the same seeds, so that a change is what makes a test fail, not a
/// throw of the dice; TINYAI_FUZZ=N draws N times as many, and other ones each time.
/// </summary>
internal static class Seeds
{
    private static readonly Arbitrary<int> s_any = Gen.Choose(0, int.MaxValue - 1).ToArbitrary();

    /// <summary>Checks the property for as many seeds; it throws where it does not hold, and says the seed.</summary>
    public static void ForAll(int cases, Action<int> property)
    {
        Config config = Config.QuickThrowOnFailure;
        config = int.TryParse(Environment.GetEnvironmentVariable("TINYAI_FUZZ"), out int times)
            ? config.WithMaxTest(cases * times)
            : config.WithMaxTest(cases).WithReplay(new Replay(new Rnd(20_260_101, 2_718_281_829), null));
        Prop.ForAll(s_any, property).Check(config);
    }
}
