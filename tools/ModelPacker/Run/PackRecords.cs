using TinyAI.TinyRuntime;

namespace TinyAI.ModelPacker.Run;

/// <summary>The layer records of a pack, one after the other.</summary>
internal static class PackRecords
{
    /// <summary>Where each record begins, in bytes from the beginning of the pack.</summary>
    public static IEnumerable<int> Of(Model model)
    {
        int at = model.Word(PackFormat.LayersAt);
        for (int i = model.Word(PackFormat.LayerCountAt); i > 0; i--)
        {
            yield return at;
            at += PackCheck.RecordBytes(model.Word(at + 4 * PackFormat.LayerParameterWords));
        }
    }
}
