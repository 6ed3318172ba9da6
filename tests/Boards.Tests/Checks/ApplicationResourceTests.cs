using nanoFramework.Runtime.Native;
using TinyAI.Boards.Tests.Support;
using TinyAI.ModelPacker;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards.Tests.Checks;

/// <summary>The model that the applications are built with is the one of the repository, with its goldens.</summary>
public class ApplicationResourceTests
{
    private static string Apps => Path.Combine(RepositoryFolder.Path, "boards", "Apps");

    [Fact]
    public void The_applications_model_is_packed_from_the_repository()
    {
        PackResult packed = Goldens.AddTo(GestureModel.Packed, GestureModel.About, GestureModel.Goldens);
        string path = Path.Combine(Apps, "gesture.tai");
        if (Environment.GetEnvironmentVariable("TINYAI_UPDATE_DOCS") == "1") File.WriteAllBytes(path, packed.Pack);
        Assert.True(File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(packed.Pack), "boards/Apps/gesture.tai is not the model of models/gesture-attention; renew it with TINYAI_UPDATE_DOCS=1.");
        Assert.True(new SelfTestReport(new TextLink()).Run(Model.Load(new ByteArraySource(File.ReadAllBytes(path)))));
    }

    [Fact]
    public void The_resources_number_is_the_hash_of_its_name()
    {
        Assert.Contains($"model = {ResourceUtility.IdOf("model")},", File.ReadAllText(Path.Combine(Apps, "ModelSource.cs")));
        Assert.Contains("<data name=\"model\" ", File.ReadAllText(Path.Combine(Apps, "Resources.resx")));
        Assert.Contains("<value>gesture.tai;System.Byte[]", File.ReadAllText(Path.Combine(Apps, "Resources.resx")));
    }
}
