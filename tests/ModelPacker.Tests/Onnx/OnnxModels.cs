using TinyAI.ModelPacker.Survey;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Onnx;

/// <summary>The shared ONNX models with reference outputs of another runtime.</summary>
public static class OnnxModels
{
    /// <summary>The folder, or null where there is none.</summary>
    public static string? Folder => SharedFolder.Path is { } path && Directory.Exists(Path.Combine(path, "onnx", "models")) ? Path.Combine(path, "onnx") : null;

    /// <summary>Names of all models; a single empty name where there is no folder, so that the tests say that they were skipped.</summary>
    public static TheoryData<string> Names => Folder is null ? [""] : [.. SurveyedModel.In(Folder).Select(m => m.Name)];

    /// <summary>A model by name; the test is skipped where there is no folder.</summary>
    public static SurveyedModel Open(string name)
    {
        if (Folder is null) Assert.Skip("There are no shared ONNX models beside the repository; set TINYAI_SHARED to the folder that holds onnx/.");
        return new SurveyedModel(Folder!, name);
    }
}
