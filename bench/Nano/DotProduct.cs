using TinyAI.NanoInterpreter;

namespace TinyAI.Bench.Nano;

/// <summary>
/// What a multiply-accumulate of a plain int8 dot product costs the interpreter here: the measure of how fast a machine is, that
/// times of another one can be compared by.
/// </summary>
internal static class DotProduct
{
    private const int Length = 1000;

    private const string Source = """
        public static class Work
        {
            private static sbyte[] s_x, s_w;
            private static int s_sum;

            public static void Setup(byte[] blob)
            {
                s_x = new sbyte[LENGTH];
                s_w = new sbyte[LENGTH];
                for (int i = 0; i < LENGTH; i++)
                {
                    s_x[i] = (sbyte)(i * 7);
                    s_w[i] = (sbyte)(i * 13);
                }
            }

            public static void Run()
            {
                sbyte[] x = s_x, w = s_w;
                int sum = 0;
                for (int i = 0; i < LENGTH; i++)
                    sum += x[i] * w[i];
                s_sum = sum;
            }
        }
        """;

    /// <summary>Nanoseconds of one multiply-accumulate.</summary>
    public static double Measure(NanoSdk sdk)
    {
        var application = new NanoApplication([(Source.Replace("LENGTH", $"{Length}", StringComparison.Ordinal), "Work.cs")], new byte[1], []);
        return NanoTiming.Measure(sdk, application, 70 * Length) / Length;
    }
}
