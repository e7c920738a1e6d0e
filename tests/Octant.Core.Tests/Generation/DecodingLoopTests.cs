using CsCheck;
using Octant.Generation;

namespace Octant.Core.Tests.Generation;

/// <summary>The loop by itself, over a model whose scores depend on every id that it has seen.</summary>
public sealed class DecodingLoopTests
{
    static readonly Gen<int[]> Prompts = Gen.Int[0, 49].Array[1, 12];

    [Fact]
    public void Greedy_decoding_takes_the_likeliest_token_after_all_so_far() =>
        Prompts.Sample(prompt =>
        {
            var model = new FakeModel();
            var ids = Ids(model, prompt, new() { MaxTokens = 9 });
            Assert.Equal(9, ids.Length);
            for (var i = 0; i < ids.Length; i++)
            {
                var scores = model.Scores([.. prompt, .. ids[..i]]);
                Assert.Equal(Array.IndexOf(scores, scores.Max()), ids[i]);
            }
        }, iter: 50);

    [Fact]
    public void A_prompt_goes_through_in_chunks_and_every_later_step_is_one_token()
    {
        var model = new FakeModel();
        int[] prompt = [.. Enumerable.Range(0, DecodingLoop.ChunkLength * 2 + 5).Select(i => i * i % 50)];
        var ids = Ids(model, prompt, new() { MaxTokens = 3 });
        Assert.Equal([DecodingLoop.ChunkLength, DecodingLoop.ChunkLength, 5, 1, 1], model.Steps.Select(step => step.Single().Length));
        Assert.Equal(prompt.Concat(ids.SkipLast(1)), model.Steps.SelectMany(step => step.Single()));
        var scores = model.Scores(prompt);
        Assert.Equal(Array.IndexOf(scores, scores.Max()), ids[0]);
    }

    [Fact]
    public void Texts_side_by_side_equal_each_alone() =>
        Gen.Select(Prompts, Gen.Int[1, 8], Gen.Long, Gen.Bool).Array[1, 5].Sample(texts =>
        {
            GenerationOptions Options(int i) => new()
            {
                MaxTokens = texts[i].Item2,
                Seed = texts[i].Item3,
                Temperature = texts[i].Item4 ? 1 : 0,
                EndIds = [7, 8],
                RepetitionPenalty = 1.3,
            };
            var model = new FakeModel();
            var together = Enumerable.Range(0, texts.Length).Select(_ => new List<GeneratedToken>()).ToArray();
            var batch = texts.Select((text, i) => new Continuation(((ILanguageModel)model).Open(), text.Item1, Options(i))).ToArray();
            foreach (var token in DecodingLoop.Run(model, batch)) together[token.Text].Add(token);
            foreach (var (i, text) in texts.Index())
            {
                Assert.Equal(Ids(model, text.Item1, Options(i)), together[i].Select(token => token.Id));
                Assert.Equal(batch[i].Finish, together[i][^1].Finish);
                Assert.All(together[i].SkipLast(1), token => Assert.Null(token.Finish));
            }
        }, iter: 100);

    [Fact]
    public void A_long_prompt_keeps_no_short_one_waiting()
    {
        var model = new FakeModel();
        Continuation[] texts =
        [
            new(((ILanguageModel)model).Open(), new int[2 * DecodingLoop.ChunkLength + 1], new() { MaxTokens = 2 }), new(((ILanguageModel)model).Open(), new[] { 1 }, new() { MaxTokens = 4 }),
        ];
        Assert.Equal([1, 1, 0, 1, 0, 1], DecodingLoop.Run(model, texts).Select(token => token.Text));
    }

    [Fact]
    public void A_full_context_ends_with_length()
    {
        var model = new FakeModel(context: 20);
        var tokens = Run(model, [1, 2, 3], new() { MaxTokens = 100 });
        Assert.Equal(18, tokens.Count);                     // 17 that are seen, and one that nothing follows
        Assert.Equal(FinishReason.Length, tokens[^1].Finish);
        Assert.Single(Run(new FakeModel(context: 3), [1, 2, 3], new()));
        Assert.Throws<OctantException>(() => Run(new FakeModel(context: 2), [1, 2, 3], new()));
    }

    [Fact]
    public void An_end_token_comes_out_and_is_the_last()
    {
        var free = Ids(new FakeModel(), [1, 2], new() { MaxTokens = 10 });
        var tokens = Run(new FakeModel(), [1, 2], new() { MaxTokens = 10, EndIds = [49, free[4]] });
        Assert.Equal(free[..(Array.IndexOf(free, free[4]) + 1)], tokens.Select(token => token.Id));
        Assert.Equal(FinishReason.Stop, tokens[^1].Finish);
    }

    [Fact]
    public void Cancellation_stops_before_the_next_step_and_leaves_what_was_seen()
    {
        var model = new FakeModel();
        using var cancellation = new CancellationTokenSource();
        var text = new Continuation(((ILanguageModel)model).Open(), new[] { 1, 2 }, new());
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in DecodingLoop.Run(model, [text], cancellation.Token))
                if (model.Steps.Count == 3) cancellation.Cancel();
        });
        Assert.Equal(3, model.Steps.Count);
        Assert.Equal(text.Sequence.Length, text.Ids.Count - 1);
    }

    [Fact]
    public void A_seed_gives_the_same_text_and_log_probabilities_are_those_before_temperature()
    {
        var options = new GenerationOptions { MaxTokens = 6, Temperature = 2, Seed = 3, TopLogProbabilities = 3 };
        var (first, second) = (Run(new FakeModel(), [1], options), Run(new FakeModel(), [1], options));
        Assert.Equal(first.Select(token => token.Id), second.Select(token => token.Id));
        var ids = new List<int> { 1 };
        foreach (var token in first)
        {
            var scores = new FakeModel().Scores(ids);
            var logSum = Math.Log(scores.Sum(score => Math.Exp(score)));
            Assert.Equal(scores[token.Id] - logSum, token.LogProbability!.Value, 1e-4);
            Assert.Equal(scores.OrderDescending().Take(3).Select(score => score - logSum), token.Likeliest!.Select(scored => (double)scored.LogProbability), (a, b) => Math.Abs(a - b) < 1e-4);
            ids.Add(token.Id);
        }
    }

    [Fact]
    public void An_empty_prompt_is_an_error() =>
        Assert.Throws<OctantException>(() => new Continuation(((ILanguageModel)new FakeModel()).Open(), [], new()));

    static int[] Ids(ILanguageModel model, int[] prompt, GenerationOptions options) => [.. Run(model, prompt, options).Select(token => token.Id)];

    static List<GeneratedToken> Run(ILanguageModel model, int[] prompt, GenerationOptions options) =>
        [.. DecodingLoop.Run(model, [new Continuation(model.Open(), prompt, options)])];
}
