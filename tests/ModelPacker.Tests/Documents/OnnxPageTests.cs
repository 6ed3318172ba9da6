using TinyAI.ModelPacker.Survey;
using TinyAI.ModelPacker.Tests.Onnx;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Documents;

/// <summary>
/// docs/onnx-models.md is written by the survey. Its figures depend on the last bits of mathematical libraries, so that an
/// ordinary run only checks that every model has its row and runs as the page says.
/// </summary>
public class OnnxPageTests
{
    [Fact]
    public void The_page_of_ONNX_models_has_a_row_for_every_shared_model()
    {
        if (OnnxModels.Folder is not { } folder)
        {
            Assert.Skip("There are no shared ONNX models beside the repository; set TINYAI_SHARED to the folder that holds onnx/.");
            return;
        }

        string path = Path.Combine(RepositoryFolder.Path, "docs", "onnx-models.md");
        if (Environment.GetEnvironmentVariable("TINYAI_UPDATE_DOCS") == "1")
            File.WriteAllText(path, SurveyPage.Of([.. SurveyedModel.In(folder).Select(SurveyResult.Of)]));
        string page = File.ReadAllText(path);
        foreach (SurveyedModel model in SurveyedModel.In(folder)) Assert.Contains($"| {model.Name} | yes |", page);
    }
}
