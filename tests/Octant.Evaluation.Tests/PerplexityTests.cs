using Octant.Generation;
using Octant.Models;
using Octant.Testing;
using Octant.Tokenizers;
using static TorchSharp.torch;

namespace Octant.Evaluation.Tests;

public sealed class PerplexityTests
{
    // Every byte is a token.
    static readonly Tokenizer Bytes = Tokenizer.FromJson($$"""
        {"added_tokens": [], "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false},
         "decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false},
         "model": {"type": "BPE", "merges": [], "vocab": { {{string.Join(", ", "abcdefgh Ġ".Replace(" ", "").Select((letter, id) => $"\"{letter}\": {id}"))}} } } }
        """);

    [Fact]
    public void A_model_that_knows_nothing_hesitates_between_all_tokens()
    {
        var result = Perplexity.Of(new Guesses((_, _) => 0), Bytes, "abc abc", window: 4, stride: 4);
        Assert.Equal(6, result.Tokens);
        Assert.Equal(9, result.PerToken, 1e-4);
        Assert.Equal(Math.Log2(9), result.BitsPerByte, 1e-4);
        Assert.Equal(Math.Pow(9, 3), result.PerWord, 1e-2);
    }

    [Theory, InlineData(4, 4), InlineData(4, 1), InlineData(3, 2), InlineData(6, 6), InlineData(6, 5)]
    public void Every_token_but_the_first_is_scored_once_whatever_the_windows(int window, int stride)
    {
        // Sure of the letter that follows in the alphabet: the text is the alphabet, so that nothing is left to wonder.
        var result = Perplexity.Of(new Guesses((last, id) => id == last + 1 ? 50 : 0), Bytes, "abcdefgh", window, stride);
        Assert.Equal(7, result.Tokens);
        Assert.Equal(1, result.PerToken, 1e-6);
    }

    [Theory, InlineData("a", 4, 4, "two"), InlineData("abc", 0, 1, "window"), InlineData("abc", 99, 1, "64"), InlineData("abc", 4, 5, "stride")]
    public void What_cannot_be_measured_is_said(string text, int window, int stride, string named) =>
        Assert.Contains(named, Assert.Throws<OctantException>(() => Perplexity.Of(new Guesses((_, _) => 0), Bytes, text, window, stride)).Message);

    [Fact]
    public void SmolLM2_foretells_WikiText_as_the_reference_does()
    {
        var model = Path.Combine(Repository.Root, "../shared/models/smollm2-135m-instruct/SmolLM2-135M-Instruct.Q4_1.gguf");
        var text = Path.Combine(Repository.Root, "../shared/data/text/wikitext2-valid.txt");
        Assert.SkipUnless(File.Exists(model) && File.Exists(text), "../shared/models and ../shared/data are not there");
        using var language = TorchLanguageModel.Open(model, float32);
        using var file = new Formats.GgufFile(model);
        // Decoded by hand: the mark at the text's beginning counts as a character.
        var content = System.Text.Encoding.UTF8.GetString(File.ReadAllBytes(text))[..16384];
        var result = Perplexity.Of(language, Tokenizer.FromGguf(GgufVocabulary.Read(file)), content, window: 512, stride: 512);
        Assert.Equal(4228, result.Tokens);
        Assert.InRange(result.PerToken / 19.86533645298664, 0.9998, 1.0002);
    }

    /// <summary>Scores each token by the last one seen.</summary>
    sealed class Guesses(Func<int, int, float> score) : ILanguageModel
    {
        public ModelShape Shape { get; } = new(9, 64, 1, 1);

        public ISequence Open() => new Seen();

        public void Step(ReadOnlySpan<Slice> batch, Span<float> logits)
        {
            var at = 0;
            foreach (var slice in batch)
            {
                foreach (var id in slice.Ids.Span[^slice.Positions..])
                    for (var next = 0; next < Shape.Vocabulary; next++) logits[at++] = score(id, next);
                ((Seen)slice.Sequence).Length += slice.Ids.Length;
            }
        }

        public void Dispose() { }

        sealed class Seen : ISequence
        {
            public int Length { get; set; }

            public bool CanTruncateTo(int length) => true;

            public void Truncate(int length) => Length = length;

            public ISequence Fork(int length) => new Seen { Length = length };

            public void Dispose() { }
        }
    }
}
