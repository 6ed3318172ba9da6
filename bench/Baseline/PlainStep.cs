namespace TinyAI.Bench.Baseline;

/// <summary>One call of a method of the plain library: everything but the arithmetic has been prepared on the desktop.</summary>
/// <param name="Type">Name of the class in TinyAI.Bench.Plain.</param>
/// <param name="Method">Name of its method.</param>
/// <param name="Arguments">Arguments; arrays are shared with the steps before and after.</param>
internal sealed record PlainStep(string Type, string Method, object?[] Arguments);
