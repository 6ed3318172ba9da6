using TinyAI.DeviceGate;

namespace TinyAI.Bench.Nano;

/// <summary>A pack run by the runtime from an array in memory, as the cost model assumes.</summary>
internal static class RuntimeApplication
{
    private const string Work = """
        public static class Work
        {
            private static TinyAI.TinyRuntime.Session s_session;

            public static void Setup(byte[] blob)
            {
                s_session = TinyAI.TinyRuntime.Model.Load(new TinyAI.TinyRuntime.ByteArraySource(blob)).CreateSession();
            }

            public static void Run()
            {
                s_session.Run();
            }
        }
        """;

    /// <summary>The application of a pack.</summary>
    public static NanoApplication Write(byte[] pack) =>
        new([(Work, "Work.cs")], pack, [NanoProject.Read("src/TinyRuntime/TinyAI.TinyRuntime.nfproj")]);
}
