using TinyAI.ModelPacker;

namespace TinyAI.TinyRuntime.Tests;

/// <summary>The catalogue of an application's models.</summary>
public class ModelsTests
{
    [Fact]
    public void Models_are_found_by_name_and_only_by_their_own()
    {
        Models.Clear();
        string[] names = [.. Enumerable.Range(0, 11).Select(i => $"model {i} é")];
        var added = names.Select(n => Models.Add(new ByteArraySource(BuiltModels.ConvolutionsAndDense(n).Pack))).ToArray();
        Assert.Equal(11, Models.Count);
        for (int i = 0; i < names.Length; i++)
        {
            Assert.Equal(names[i], added[i].Name);
            Assert.Same(added[i], Models.Find(names[i]));
        }

        Assert.Null(Models.Find("MODEL 1 é"));
        Assert.Null(Models.Find(""));
        Assert.Contains("model 3 é", Assert.Throws<PackException>(() => Models.Add(new ByteArraySource(BuiltModels.ConvolutionsAndDense(names[3]).Pack))).Message);
        Assert.Equal(11, Models.Count);
        Models.Clear();
        Assert.Equal(0, Models.Count);
        Assert.Null(Models.Find(names[0]));
    }

    [Fact]
    public void A_damaged_pack_does_not_enter_the_catalogue()
    {
        byte[] pack = BuiltModels.ConvolutionsAndDense("damaged").Pack;
        pack[^20] ^= 1;
        Assert.Throws<PackException>(() => Models.Add(new ByteArraySource(pack)));
        Assert.Null(Models.Find("damaged"));
    }
}
