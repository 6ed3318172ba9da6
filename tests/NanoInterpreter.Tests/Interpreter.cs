namespace TinyAI.NanoInterpreter.Tests;

/// <summary>The interpreter for tests that need it.</summary>
internal static class Interpreter
{
    /// <summary>The interpreter; a test that asks for it is skipped where there is none.</summary>
    public static NanoSdk GetOrSkip()
    {
        NanoSdk? sdk = NanoSdk.Get();
        if (sdk is null) Assert.Skip("NANO_SDK is not set: it names a folder with lib/, mdp/ and nanoclr of nanoFramework v1.");
        return sdk!;
    }
}
