// Tests leave programs and packs where the interpreter looks for them: one at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace TinyAI.NanoInterpreter.Tests;

/// <summary>The interpreter for tests that need it: one for all, so that the device assemblies are built once.</summary>
internal static class Interpreter
{
    private static readonly Lazy<NanoSdk?> s_shared = new(Start);

    /// <summary>The interpreter; a test that asks for it is skipped where there is none.</summary>
    public static NanoSdk GetOrSkip()
    {
        if (s_shared.Value is null) Assert.Skip("NANO_SDK is not set: it names a folder with lib/, mdp/ and nanoclr of nanoFramework v1.");
        return s_shared.Value!;
    }

    private static NanoSdk? Start()
    {
        NanoSdk? sdk = NanoSdk.Get();
        if (sdk is not null) AppDomain.CurrentDomain.ProcessExit += (_, _) => sdk.Dispose();
        return sdk;
    }
}
