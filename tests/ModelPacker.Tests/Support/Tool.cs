using System.Diagnostics;

namespace TinyAI.ModelPacker.Tests.Support;

/// <summary>Runs the packer as a user does: a process with arguments, an exit code and two streams.</summary>
public static class Tool
{
    /// <summary>What a run gave.</summary>
    public sealed record Result(int ExitCode, string Output, string Error);

    /// <summary>Runs modelpacker with these arguments; fails the test when it takes more than two minutes.</summary>
    public static Result Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "modelpacker.dll"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(120_000), $"modelpacker {string.Join(' ', arguments)} hangs");
        return new Result(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
