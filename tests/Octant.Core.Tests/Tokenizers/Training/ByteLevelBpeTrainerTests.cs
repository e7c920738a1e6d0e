using System.Text.Json;
using CsCheck;
using Octant.Core.Tests.Formats;
using Octant.Formats;
using Octant.Tokenizers;
using Octant.Tokenizers.PreTokenizers;
using Octant.Tokenizers.Training;

namespace Octant.Core.Tests.Tokenizers.Training;

public sealed class ByteLevelBpeTrainerTests
{
    static readonly string[] someText = ["the cat sat on the mat\n", "the dog sat on the cat\n"];

    static TrainedTokenizer Train(params string[] texts) => new ByteLevelBpeTrainer(new ByteLevelBpeOptions(300)).Train(texts);

    static List<string> Tokens(Tokenizer tokenizer) => [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.TokenOf(id)!)];

    [Fact]
    public void Learns_frequent_words_first_and_says_any_text()
    {
        var trained = Train(someText);
        Assert.Equal("<|endoftext|>", trained.Tokenizer.TokenOf(0));
        Assert.Equal("!", trained.Tokenizer.TokenOf(1));
        Assert.Single(trained.Tokenizer.EncodeIds(" the"));
        Gen.String.Sample(text =>
            trained.Tokenizer.Decode(trained.Tokenizer.EncodeIds(text, parseSpecial: false))
                == System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [InlineData(WordSplitting.Gpt2)]
    [InlineData(WordSplitting.Llama3)]
    public void A_long_text_in_pieces_has_the_words_of_the_whole(WordSplitting splitting)
    {
        string[] parts = ["a", "bc", "'s", " ", "  ", "\n", "\n\n", "\r\n", ".", ",x", "12", "1234", "é", "\u00A0", "\u2028", "😀", "\t"];
        var random = new Random(5);
        var text = string.Concat(Enumerable.Range(0, 300_000).Select(_ => parts[random.Next(parts.Length)]));
        var trained = new ByteLevelBpeTrainer(new ByteLevelBpeOptions(600, Splitting: splitting)).Train([text]);
        using var json = JsonDocument.Parse(trained.Json);
        var words = WordCounter.Count([text], PreTokenizer.Parse(json.RootElement.GetProperty("pre_tokenizer")));
        var alphabet = string.Concat(Tokens(trained.Tokenizer).Skip(1).Take(256));
        var whole = new BpeTrainer(new BpeTrainerOptions(600, 2, ["<|endoftext|>"], alphabet)).Train(words);
        Assert.Equal(whole.Tokens, Tokens(trained.Tokenizer));
    }

    [Fact]
    public void Words_do_not_reach_over_special_tokens_nor_into_them()
    {
        var options = new ByteLevelBpeOptions(270, SpecialTokens: ["<|a|>"]);
        Assert.Equal(["xy", "zy"], Tokens(new ByteLevelBpeTrainer(options).Train(["xy<|a|>zy", "xy<|a|>zy"]).Tokenizer).Skip(257).Order());
    }

    [Fact]
    public void The_same_text_gives_the_same_file_however_it_is_cut()
    {
        var lines = Enumerable.Range(0, 5000).Select(i => $"line {i % 97} of {i % 31}.\n").ToList();
        Assert.Equal(Train([.. lines]).Json, Train([.. lines]).Json);
        Assert.Equal(Train([.. lines]).Json, Train(string.Concat(lines)).Json);
    }

    [Fact]
    public void Only_bytes_that_occur_are_tokens_where_that_is_asked_for() =>
        Assert.Equal(["a", "b", "ab"], Tokens(new ByteLevelBpeTrainer(
            new ByteLevelBpeOptions(10, SpecialTokens: [], WholeAlphabet: false)).Train(["abab"]).Tokenizer)[..3]);

    [Theory]
    [InlineData(256, null, "alone are 257")]
    [InlineData(0, null, "vocabulary of 0")]
    [InlineData(400, 100, "choose one")]
    public void Sizes_that_do_not_fit_are_refused(int size, int? alphabet, string what) =>
        Assert.Contains(what, Assert.Throws<TokenizerException>(() =>
            new ByteLevelBpeTrainer(new ByteLevelBpeOptions(size, LimitAlphabet: alphabet))).Message);

    [Fact]
    public void No_text_is_an_error()
    {
        Assert.Contains("no text", Assert.Throws<TokenizerException>(() => Train()).Message);
        Assert.Contains("no text", Assert.Throws<TokenizerException>(() => Train("", "")).Message);
        Assert.Contains("no text", Assert.Throws<TokenizerException>(() => PlainTokenizers.Characters([""])).Message);
    }

    [Fact]
    public void An_error_of_the_source_comes_out_as_it_is()
    {
        static IEnumerable<string> Failing()
        {
            yield return "text";
            throw new TokenizerException("file:3 is wrong");
        }
        Assert.Equal("file:3 is wrong", Assert.Throws<TokenizerException>(() =>
            new ByteLevelBpeTrainer(new ByteLevelBpeOptions(300)).Train(Failing())).Message);
    }

    [Fact]
    public void Progress_ends_at_the_number_of_tokens_and_can_be_stopped()
    {
        var heard = new List<TrainingProgress>();
        using var stop = new CancellationTokenSource();
        var trainer = new ByteLevelBpeTrainer(new ByteLevelBpeOptions(280));
        trainer.Train(someText, new Hearing(heard.Add));
        Assert.Equal(new TrainingProgress(TrainingStage.CountingWords, 46, null), heard[0]);
        Assert.Equal((TrainingStage.MergingPairs, 280L), (heard[^1].Stage, heard[^1].Total!.Value));
        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Train(someText, new Hearing(_ => stop.Cancel()), stop.Token));
    }

    [Fact]
    public void Characters_are_tokens_in_the_order_of_their_code_points()
    {
        var trained = PlainTokenizers.Characters(["ba", "c😀\n"], ["<|eos|>"]);
        Assert.Equal(["<|eos|>", "<unk>", "\n", "a", "b", "c", "😀"], Tokens(trained.Tokenizer));
        Assert.Equal([3, 6, 1, 0], trained.Tokenizer.EncodeIds("a😀z<|eos|>"));
        Assert.Equal("a😀\n", trained.Tokenizer.Decode([3, 6, 2]));
        Assert.Equal([0, 1], PlainTokenizers.Characters(["ab"], unknown: null).Tokenizer.EncodeIds("azb"));
    }

    [Fact]
    public void A_bytes_token_has_its_value_as_its_id()
    {
        var trained = PlainTokenizers.Bytes(["<|eos|>"]);
        Assert.Equal(257, trained.Tokenizer.VocabularySize);
        Gen.String.Sample(text => trained.Tokenizer.EncodeIds(text, parseSpecial: false)
            .SequenceEqual(System.Text.Encoding.UTF8.GetBytes(text).Select(value => (int)value)));
        Assert.Equal([97, 256], trained.Tokenizer.EncodeIds("a<|eos|>"));
    }

    [Fact]
    public void A_saved_folder_opens_as_the_same_tokenizer()
    {
        using var folder = new TemporaryFolder();
        var place = Path.Combine(folder.Path, "new");
        var trained = Train(someText);
        trained.Save(place, new TokenizerConfig("<|endoftext|>", "<|endoftext|>", ModelMaxLength: 128, ChatTemplate: "{{ messages }}"));
        var opened = Tokenizer.Open(place);
        Assert.Equal(trained.Tokenizer.EncodeIds("the cat"), opened.EncodeIds("the cat"));
        Assert.Equal((0, 0), (opened.SpecialTokens.Bos, opened.SpecialTokens.Eos));
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(place, "tokenizer_config.json")));
        Assert.Equal("PreTrainedTokenizerFast", config.RootElement.GetProperty("tokenizer_class").GetString());
        Assert.Equal(128, config.RootElement.GetProperty("model_max_length").GetInt32());
        Assert.Equal(["tokenizer.json", "tokenizer_config.json"], Directory.GetFiles(place).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_part_for_a_token_outside_the_vocabulary_is_refused_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("pad_token is \"<pad>\"", Assert.Throws<TokenizerException>(() =>
            Train(someText).Save(folder.Path, new TokenizerConfig(Pad: "<pad>"))).Message);
        Assert.Empty(Directory.GetFiles(folder.Path));
        File.WriteAllText(Path.Combine(folder.Path, "file"), "");
        Assert.Contains("cannot be written", Assert.Throws<CheckpointException>(() =>
            Train(someText).Save(Path.Combine(folder.Path, "file"), new TokenizerConfig())).Message);
    }

    sealed class Hearing(Action<TrainingProgress> hear) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            lock (hear) hear(value);
        }
    }
}
