using TinyAI.DeviceGate;

namespace TinyAI.Bench.Nano;

/// <summary>
/// A form of a model as an application for the interpreter: a class Work with static methods Setup(), which may take
/// its time, and Run(), one inference. Blob is one binary resource, which Work.Setup gets.
/// </summary>
internal sealed record NanoApplication(IReadOnlyList<(string Text, string Path)> Sources, byte[] Blob, IReadOnlyList<NanoProject> Projects);

/// <summary>A form that can be timed on the interpreter.</summary>
internal interface INanoForm : Forms.IModelForm
{
    /// <summary>The application, or null where the form cannot run the model.</summary>
    NanoApplication? Application(BenchModel model);
}
