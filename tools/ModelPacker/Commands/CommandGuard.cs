using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Run;
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
            int others = e.Reasons.Count - 1;
            return Refuse(e.Reasons[0] + (others == 0 ? "" : $" ({others} more {(others == 1 ? "reason" : "reasons")}: `inspect` lists them all.)"));
        }
        catch (Exception e) when (e is ModelFormatException or PackException or IOException or UnauthorizedAccessException)
        {
            return Refuse(e.Message);
        }
        catch (OutOfMemoryException)
        {
            return Refuse("The input asks for more memory than this computer gives: it is damaged, or no model for a microcontroller.");
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException or InvalidOperationException or ArithmeticException)
        {
            return Refuse($"The input brought the packer to a state that its checks should have prevented ({Sentences.OneLine(e.Message).TrimEnd('.')}): please report it with the model.");
        }
    }

    /// <summary>Says why the input cannot be used, and returns the exit code for that.</summary>
    public static int Refuse(string reason)
    {
        Console.Error.WriteLine("error: " + Sentences.OneLine(reason));
        return BadInput;
    }
}
