using CsCheck;
using Octant.Generation;

namespace Octant.Core.Tests.Generation;

/// <summary>Samplers: known answers, and what holds for all scores.</summary>
public sealed class SamplerTests
{
    /// <summary>Scores that all differ.</summary>
    static readonly Gen<float[]> Scores = Gen.Int[-400, 400].HashSet[3, 40].Select(set => set.Select(score => score / 40f).ToArray());

    [Fact]
    public void TopK_keeps_the_k_best() => Gen.Select(Scores, Gen.Int[1, 50]).Sample((scores, k) =>
        Kept(new TopK(k), scores).ToHashSet().SetEquals(Best(scores, k)));

    [Fact]
    public void TopK_keeps_what_equals_the_last_of_them() => Assert.Equal([0, 2, 3], Kept(new TopK(2), [1, 0, 1, 2]));

    [Fact]
    public void TopP_keeps_the_fewest_that_hold_the_share() => Gen.Select(Scores, Gen.Double[0.01, 0.99]).Sample((scores, p) =>
    {
        var kept = Kept(new TopP(p), scores);
        var probabilities = Probabilities(scores);
        return kept.ToHashSet().SetEquals(Best(scores, kept.Length)) && kept.Sum(id => probabilities[id]) >= p - 1e-6
            && kept.OrderBy(id => scores[id]).Skip(1).Sum(id => probabilities[id]) < p + 1e-6;
    });

    [Fact]
    public void MinP_keeps_what_is_not_much_less_likely_than_the_likeliest() => Gen.Select(Scores, Gen.Double[0.01, 1]).Sample((scores, p) =>
    {
        var probabilities = Probabilities(scores);
        var kept = Kept(new MinP(p), scores).ToHashSet();
        return Enumerable.Range(0, scores.Length).All(id =>
            Math.Abs(probabilities[id] - p * probabilities.Max()) < 1e-7 || kept.Contains(id) == probabilities[id] > p * probabilities.Max());
    });

    [Fact]
    public void No_filter_ever_forbids_the_likeliest_but_typical_sampling() => Gen.Select(Scores, Gen.Double[0.001, 0.999]).Sample((scores, p) =>
        ((ILogitsProcessor[])[new TopK(1), new TopP(p), new MinP(p), new EpsilonCutoff(p), new EtaCutoff(p)])
            .All(filter => Kept(filter, scores).Contains(Best(scores, 1)[0])));

    [Fact]
    public void Typical_sampling_keeps_what_is_as_surprising_as_expected()
    {
        // p = .5, .2, .2, .1: the entropy is 1.22 nats, the surprises .69, 1.61, 1.61, 2.30.
        float[] scores = [MathF.Log(0.5f), MathF.Log(0.2f), MathF.Log(0.2f), MathF.Log(0.1f)];
        Assert.Equal([1, 2], Kept(new Typical(0.3), scores));
        Assert.Equal([0, 1, 2], Kept(new Typical(0.8), scores));
    }

    [Fact]
    public void The_repetition_penalty_divides_what_is_positive_and_multiplies_what_is_negative()
    {
        float[] scores = [2, -2, 3, 0];
        new RepetitionPenalty(2).Process(new([0, 1, 1, 3], prompt: 2), scores);
        Assert.Equal([1, -4, 3, 0], scores);
    }

    [Fact]
    public void OpenAI_s_penalties_count_generated_tokens_only()
    {
        float[] scores = [5, 5, 5, 5];
        new OccurrencePenalty(frequency: 0.5, presence: 1).Process(new([0, 0, 1, 2, 1, 1], prompt: 2), scores);
        Assert.Equal([5, 5 - 3 * 0.5f - 1, 5 - 0.5f - 1, 5], scores);
    }

    [Fact]
    public void OpenAI_s_penalties_come_right_after_repetition()
    {
        // Token 0: 4 / 2 - 1.5 = 0.5. The other way round it would be (4 - 1.5) / 2 = 1.25, above token 1.
        var sampler = new Sampler(new() { RepetitionPenalty = 2, PresencePenalty = 1.5 });
        float[] scores = [4, 1];
        Assert.Equal(1, sampler.Choose(new([0], prompt: 0), scores));
        Assert.Equal([0.5f, 1], scores);
    }

    [Fact]
    public void No_run_of_n_tokens_comes_twice()
    {
        Assert.Equal([0, 1, 3], Kept(new NoRepeatNgram(2), [0, 0, 0, 0], 1, 2, 3, 1));          // 1 2 was there
        Assert.Equal([0], Kept(new NoRepeatNgram(1), [0, 0, 0, 0], 1, 2, 3, 1));
        Assert.Equal([0, 1, 2, 3], Kept(new NoRepeatNgram(9), [0, 0, 0, 0], 1, 2, 3, 1));
    }

    [Fact]
    public void Greedy_choice_does_not_depend_on_the_seed_and_takes_the_first_of_equals()
    {
        for (var seed = 0; seed < 10; seed++)
            Assert.Equal(1, new Sampler(new() { Temperature = 0, Seed = seed }).Choose(default, [0, 2, 2, 1]));
    }

    [Fact]
    public void Draws_are_as_frequent_as_the_distribution_says()
    {
        var sampler = new Sampler(new() { Temperature = 0.5, Seed = 1 });
        var counts = new int[4];
        // At temperature 1/2 the probabilities are squared: 1, 4, 9, 0 of 14.
        for (var i = 0; i < 14_000; i++)
            counts[sampler.Choose(default, [MathF.Log(1), MathF.Log(2), MathF.Log(3), float.NegativeInfinity])]++;
        Assert.Equal(0, counts[3]);
        Assert.All(new[] { (1, 0), (4, 1), (9, 2) }, expected => Assert.InRange(counts[expected.Item2], expected.Item1 * 1000 - 200, expected.Item1 * 1000 + 200));
    }

    [Fact]
    public void Scores_that_are_no_numbers_and_tokens_all_forbidden_are_errors_that_tell_them_apart()
    {
        foreach (var temperature in (double[])[0, 1])
        {
            Assert.Contains("forbidden", Assert.Throws<OctantException>(() => Choose(temperature, [float.NegativeInfinity, float.NegativeInfinity])).Message);
            Assert.Contains("not numbers", Assert.Throws<OctantException>(() => Choose(temperature, [float.NaN, float.NaN])).Message);
            Assert.Contains("not numbers", Assert.Throws<OctantException>(() => Choose(temperature, [1, float.NaN])).Message);
            Assert.Contains("not numbers", Assert.Throws<OctantException>(() => Choose(temperature, [float.PositiveInfinity, 0])).Message);
        }

        static int Choose(double temperature, float[] scores) => new Sampler(new() { Temperature = temperature }).Choose(default, scores);
    }

    [Fact]
    public void Every_value_out_of_its_range_is_refused_by_name()
    {
        foreach (var (name, options) in ((string, GenerationOptions)[])[
            ("max_tokens", new() { MaxTokens = 0 }), ("temperature", new() { Temperature = double.NaN }), ("top_k", new() { TopK = -1 }),
            ("top_p", new() { TopP = 0 }), ("min_p", new() { MinP = 1.1 }), ("typical_p", new() { TypicalP = 0 }), ("epsilon_cutoff", new() { EpsilonCutoff = 1 }),
            ("eta_cutoff", new() { EtaCutoff = -0.1 }), ("repetition_penalty", new() { RepetitionPenalty = 0 }), ("no_repeat_ngram_size", new() { NoRepeatNgramSize = -1 }),
            ("frequency_penalty", new() { FrequencyPenalty = 2.1 }), ("presence_penalty", new() { PresencePenalty = -2.1 }), ("top_logprobs", new() { TopLogProbabilities = -1 })])
            Assert.StartsWith(name, Assert.Throws<OctantException>(options.Check).Message);
    }

    static int[] Kept(ILogitsProcessor filter, float[] scores, params int[] history)
    {
        float[] changed = [.. scores];
        filter.Process(new(history, 0), changed);
        return [.. Enumerable.Range(0, scores.Length).Where(id => !float.IsNegativeInfinity(changed[id]))];
    }

    static int[] Best(float[] scores, int count) => [.. Enumerable.Range(0, scores.Length).OrderByDescending(id => scores[id]).Take(count)];

    static double[] Probabilities(float[] scores)
    {
        var sum = scores.Sum(score => Math.Exp(score));
        return [.. scores.Select(score => Math.Exp(score) / sum)];
    }
}
