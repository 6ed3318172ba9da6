using TinyAI.ModelPacker.Accounts;
using TinyAI.ModelPacker.Emit;
using TinyAI.ModelPacker.Import;
using TinyAI.ModelPacker.Plan;
using TinyAI.ModelPacker.Tests.Support;

namespace TinyAI.ModelPacker.Tests.Accounts;

/// <summary>Predicted times of packs, however their layers run.</summary>
public class TimeAccountTests
{
    [Theory]
    [InlineData(Preference.Ram)]
    [InlineData(Preference.Balanced)]
    [InlineData(Preference.Speed)]
    public void Every_layer_has_its_part_of_the_time(Preference preference)
    {
        string file = Path.Combine(RepositoryFolder.Path, "models", "gesture", "gesture.tflite");
        PackResult packed = Packer.Pack(TfliteImporter.Import(File.ReadAllBytes(file), "gesture"), new Metadata(), preference);
        TimeAccount time = TimeAccount.Of(packed, null);
        Assert.Equal(packed.Model.Layers.Count, time.LayerMilliseconds.Length);
        Assert.All(time.LayerMilliseconds, ms => Assert.True(ms > 0));
        Assert.InRange(time.LayerMilliseconds.Sum(), 0.9 * time.Milliseconds, time.Milliseconds * 1.0001);
    }

    [Fact]
    public void Least_memory_of_the_gesture_model_runs_row_by_row_from_a_fed_input()
    {
        string file = Path.Combine(RepositoryFolder.Path, "models", "gesture", "gesture.tflite");
        PackResult packed = Packer.Pack(TfliteImporter.Import(File.ReadAllBytes(file), "gesture"), new Metadata(), Preference.Ram);
        Assert.Contains(packed.Model.Groups, g => g.Fed is not null);
    }
}
