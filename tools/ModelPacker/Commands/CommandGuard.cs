using TinyAI.ModelPacker.Import;
using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Commands;

/// <summary>Runs a command so that bad input ends in clear sentences and exit code 2, never in a stack trace.</summary>
internal static class CommandGuard
{
    /// <summary>Everything went well.</summary>
    public const int Ok = 0;

    /// <summary>The command worked and found a difference.</summary>
    public const int Difference = 1;

    /// <summary>The input cannot be used.</summary>
    public const int BadInput = 2;

    /// <summary>Runs the action and turns the exceptions of bad input into sentences on standard error.</summary>
    public static int Run(Func<int> action)
    {
        try
        {
            return action();
        }
        catch (UnsupportedModelException e)
        {
            string more = e.Reasons.Count == 1 ? "" : $" ({e.Reasons.Count - 1} more reasons: `inspect` lists them all.)";
            Console.Error.WriteLine("error: " + e.Reasons[0] + more);
        }
        catch (Exception e) when (e is ModelFormatException or PackException)
        {
            Console.Error.WriteLine("error: " + e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Console.Error.WriteLine("error: " + e.Message.ReplaceLineEndings(" "));
        }

        return BadInput;
    }
}
