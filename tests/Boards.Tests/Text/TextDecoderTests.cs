using TinyAI.Boards.Tests.Support;
using TinyAI.ModelPacker.Run;
using TinyAI.ModelPacker.Tests.Support;
using TinyAI.TinyRuntime;

namespace TinyAI.Boards.Tests.Text;

/// <summary>The device's decoder on the checked-in pack.</summary>
public class TextDecoderTests
{
    private const int Length = 64;

    private static readonly byte[] s_pack = File.ReadAllBytes(Path.Combine(RepositoryFolder.Path, "models", "text", "text.tai"));

    [Fact]
    public void Scores_are_those_that_the_session_gives_for_token_and_position()
    {
        var decoder = new TextDecoder(Model.Load(new ByteArraySource(s_pack)), Length);
        var runner = new ModelRunner(s_pack);
        float scale = BitConverter.Int32BitsToSingle(decoder.ScaleBits);
        int zero = runner.Model.Output(0).ZeroPoint;
        for (int round = 0; round < 2; round++)
        {
            decoder.Reset();
            runner.Reset();
            for (int t = 0; t < 20; t++)
            {
                int token = (7 * t + round) % decoder.Tokens;
                byte[] expected = runner.Run([BitConverter.GetBytes(token), BitConverter.GetBytes(t)])[0];
                sbyte[] scores = decoder.Take(token);
                for (int i = 0; i < scores.Length; i++) Assert.Equal(BitConverter.ToSingle(expected, 4 * i), (float)((double)scale * (scores[i] - zero)));
                Assert.Equal(t + 1, decoder.Position);
            }
        }
    }

    [Fact]
    public void A_full_cache_and_an_unknown_token_are_refused()
    {
        var decoder = new TextDecoder(Model.Load(new ByteArraySource(s_pack)), Length);
        Assert.Throws<PackException>(() => decoder.Take(decoder.Tokens));
        Assert.Throws<PackException>(() => decoder.Take(-1));
        for (int t = 0; t < Length; t++) decoder.Take(1);
        Assert.Contains("begin a new one", Assert.Throws<PackException>(() => decoder.Take(1)).Message);
    }

    [Fact]
    public void A_model_that_takes_no_tokens_is_refused() =>
        Assert.Contains("no decoder", Assert.Throws<PackException>(() => new TextDecoder(GestureModel.Load(), Length)).Message);
}
