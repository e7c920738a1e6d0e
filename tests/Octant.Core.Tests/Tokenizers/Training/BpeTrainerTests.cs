using CsCheck;
using Octant.Tokenizers;
using Octant.Tokenizers.Training;

namespace Octant.Core.Tests.Tokenizers.Training;

public sealed class BpeTrainerTests
{
    static Dictionary<string, long> Words(params (string Word, long Count)[] words) => words.ToDictionary(word => word.Word, word => word.Count);

    static string[] Merges(BpeVocabulary learnt) => [.. learnt.Merges.Select(pair => $"{pair.Left} {pair.Right}")];

    /// <summary>The slow clear version: counts every pair anew for each merge.</summary>
    static BpeVocabulary Recounting(BpeTrainerOptions options, Dictionary<string, long> words)
    {
        var tokens = words.Keys.SelectMany(word => word).Distinct().Order().Select(c => c.ToString()).ToList();
        var lengths = tokens.Select(_ => 1).ToList();
        var texts = words.Select(word => (Ids: word.Key.Select(c => tokens.IndexOf(c.ToString())).ToList(), Count: word.Value)).ToList();
        var merges = new List<(string, string)>();
        while (tokens.Count < options.VocabularySize)
        {
            var counts = new Dictionary<(int Left, int Right), long>();
            foreach (var (ids, count) in texts)
                foreach (var pair in ids.Zip(ids.Skip(1)))
                {
                    var length = lengths[pair.First] + lengths[pair.Second];
                    if (length == 2 || length < (options.MaximumTokenLength ?? int.MaxValue))
                        counts[pair] = counts.GetValueOrDefault(pair) + count;
                }
            if (counts.Count == 0) break;
            var best = counts.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key.Left).ThenBy(entry => entry.Key.Right).First();
            if (best.Value < options.MinimumFrequency) break;
            var (left, right) = best.Key;
            merges.Add((tokens[left], tokens[right]));
            var merged = tokens.IndexOf(tokens[left] + tokens[right]);
            if (merged < 0)
            {
                merged = tokens.Count;
                tokens.Add(tokens[left] + tokens[right]);
                lengths.Add(lengths[left] + lengths[right]);
            }
            foreach (var (ids, _) in texts)
                for (var at = 0; at + 1 < ids.Count; at++)
                    if (ids[at] == left && ids[at + 1] == right)
                    {
                        ids[at] = merged;
                        ids.RemoveAt(at + 1);
                    }
        }
        return new BpeVocabulary(tokens, merges);
    }

    [Fact]
    public void Learns_what_a_trainer_that_counts_anew_each_time_learns() =>
        Gen.Select(Gen.Select(Gen.Char['a', 'c'].Array[1, 12].Select(characters => new string(characters)), Gen.Long[1, 20]).Array[1, 12],
            Gen.Int[3, 40], Gen.Long[0, 9], Gen.OneOf(Gen.Int[1, 6].Select(length => (int?)length), Gen.Const((int?)null)))
            .Sample((words, size, minimum, length) =>
            {
                var distinct = words.DistinctBy(word => word.Item1).ToDictionary(word => word.Item1, word => word.Item2);
                var options = new BpeTrainerOptions(size, minimum, MaximumTokenLength: length);
                var (found, expected) = (new BpeTrainer(options).Train(distinct), Recounting(options, distinct));
                Assert.Equal(expected.Merges, found.Merges);
                Assert.Equal(expected.Tokens, found.Tokens);
            }, iter: 3000);

    [Fact]
    public void Of_equal_counts_the_pair_of_the_smallest_ids_comes_first() =>
        Assert.Equal(["a b", "c d", "ab cd"], Merges(new BpeTrainer(new BpeTrainerOptions(7)).Train(Words(("cdab", 1), ("abcd", 1))))[..3]);

    [Fact]
    public void A_pair_that_overlaps_itself_counts_at_each_position() =>
        // aaa has two pairs of a, which outweigh the three of bc.
        Assert.Equal(["a a", "b c"], Merges(new BpeTrainer(new BpeTrainerOptions(5)).Train(Words(("aaa", 2), ("bc", 3)))));

    [Fact]
    public void Rare_characters_leave_their_words_so_that_neighbours_become_pairs() =>
        Assert.Equal(["a b"], Merges(new BpeTrainer(new BpeTrainerOptions(3, LimitAlphabet: 2)).Train(Words(("axb", 5), ("ab", 1), ("b", 1)))));

    [Fact]
    public void A_word_is_continued_with_its_prefix_and_ended_with_its_suffix()
    {
        var words = Words(("abab", 3));
        var continued = new BpeTrainer(new BpeTrainerOptions(9, ContinuingPrefix: "##")).Train(words);
        Assert.Equal(["a", "b", "##a", "##b", "ab", "##ab", "abab"], continued.Tokens);
        Assert.Equal(["a ##b", "##a ##b", "ab ##ab"], Merges(continued));
        Assert.Equal(["a", "b", "b</w>", "ab", "ab</w>", "abab</w>"],
            new BpeTrainer(new BpeTrainerOptions(9, EndSuffix: "</w>")).Train(words).Tokens);
    }

    [Fact]
    public void Words_are_ordered_by_count_then_by_themselves() =>
        Assert.Equal(["[UNK]", "c", "a", "b"],
            WordLevelTrainer.Train(Words(("b", 2), ("a", 2), ("c", 9), ("d", 1)), 10, minimumFrequency: 2, ["[UNK]"]));

    [Theory]
    [InlineData(0, 0, null, null, "vocabulary of 0")]
    [InlineData(-5, 0, null, null, "vocabulary of -5")]
    [InlineData(9, -1, null, null, "minimum frequency of -1")]
    [InlineData(9, 0, -2, null, "alphabet of -2")]
    [InlineData(9, 0, null, 0, "token length of 0")]
    public void Sizes_that_make_no_sense_are_refused(int size, int minimum, int? alphabet, int? length, string what) =>
        Assert.Contains(what, Assert.Throws<TokenizerException>(() => new BpeTrainer(
            new BpeTrainerOptions(size, minimum, LimitAlphabet: alphabet, MaximumTokenLength: length))).Message);
}
