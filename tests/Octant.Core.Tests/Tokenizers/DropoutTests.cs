using System.Text.Json.Nodes;
using Octant.Tokenizers;

namespace Octant.Core.Tests.Tokenizers;

public sealed class DropoutTests
{
    const string Text = "hello hello hello hello";

    [Fact]
    public void A_file_s_dropout_is_known_and_encoding_leaves_nothing_out()
    {
        var json = SmallTokenizers.ByteLevel();
        json["model"]!["dropout"] = 0.3;
        var tokenizer = Tokenizer.FromJson(json.ToJsonString());
        Assert.Equal(0.3, tokenizer.Dropout);
        Assert.Equal(SmallTokenizers.Open().EncodeIds(Text), tokenizer.EncodeIds(Text));
        Assert.Null(SmallTokenizers.Open().Dropout);
    }

    [Fact]
    public void With_dropout_a_text_is_cut_in_several_ways_and_says_the_same()
    {
        var (plain, dropping) = (SmallTokenizers.Open(), SmallTokenizers.Open().WithDropout(0.5, seed: 7));
        var ways = Enumerable.Range(0, 40).Select(_ => dropping.EncodeIds(Text)).ToArray();
        Assert.All(ways, ids => Assert.Equal(Text, plain.Decode(ids)));
        Assert.True(ways.Select(ids => string.Join(' ', ids)).Distinct().Count() > 10);
        Assert.True(ways.Average(ids => ids.Length) > plain.EncodeIds(Text).Length);
        var again = SmallTokenizers.Open().WithDropout(0.5, seed: 7);
        Assert.All(ways, ids => Assert.Equal(ids, again.EncodeIds(Text)));
    }

    /// <summary>The first numbers of .NET's generators with seeds 1, 2, 3... lie close together: words were cut alike, one after the other.</summary>
    [Fact]
    public void Neighbouring_words_are_cut_without_regard_to_each_other()
    {
        var json = SmallTokenizers.ByteLevel();
        var dropping = Tokenizer.FromJson(json.ToJsonString()).WithDropout(0.5, seed: 3);
        var merged = Enumerable.Range(0, 4000).Select(_ => dropping.EncodeIds("ll").Length == 1).ToArray();
        var changes = merged.Zip(merged.Skip(1), (one, next) => one != next).Count(changed => changed);
        Assert.InRange(merged.Count(whole => whole), 1850, 2150);
        Assert.InRange(changes, 1850, 2150);
        for (var apart = 2; apart <= 8; apart++)
            Assert.InRange(merged.Zip(merged.Skip(apart), (one, next) => one != next).Count(changed => changed), 1850, 2150);
    }

    [Fact]
    public void A_dropout_of_0_leaves_nothing_out_and_one_of_1_everything()
    {
        var plain = SmallTokenizers.Open();
        Assert.Equal(plain.EncodeIds(Text), plain.WithDropout(0).EncodeIds(Text));
        Assert.Equal(Text.Length, plain.WithDropout(1).EncodeIds(Text).Length);
    }

    [Fact]
    public void What_cannot_leave_merges_out_is_refused()
    {
        Assert.Contains("between 0 and 1", Assert.Throws<TokenizerException>(() => SmallTokenizers.Open().WithDropout(1.5)).Message);
        var words = new JsonObject { ["model"] = new JsonObject { ["type"] = "WordLevel", ["vocab"] = new JsonObject { ["a"] = 0 }, ["unk_token"] = "a" } };
        Assert.Contains("byte-pair", Assert.Throws<TokenizerException>(() => Tokenizer.FromJson(words.ToJsonString()).WithDropout(0.1)).Message);
    }
}
