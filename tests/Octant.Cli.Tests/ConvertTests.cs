using Octant.Testing;

namespace Octant.Cli.Tests;

/// <summary>octant convert, and generation under a constraint, as commands.</summary>
public sealed class ConvertTests(SharedModel shared) : IClassFixture<SharedModel>, IDisposable
{
    readonly string work = Directory.CreateTempSubdirectory("octant-convert-").FullName;

    public void Dispose() => Directory.Delete(work, recursive: true);

    [Fact]
    public async Task A_model_says_the_same_as_a_folder_as_a_file_and_as_a_folder_again()
    {
        var (gguf, back) = (Path.Combine(work, "tiny.gguf"), Path.Combine(work, "back"));
        Assert.Contains("F32", (await OctantCommand.Run("convert", shared.Folder, gguf)).Succeeded());
        (await OctantCommand.Run("convert", gguf, back)).Succeeded();
        var expected = (await Generate(shared.Folder)).Succeeded();
        Assert.Equal(expected, (await Generate(gguf)).Succeeded());
        Assert.Equal(expected, (await Generate(back)).Succeeded());

        Task<Result> Generate(string model) => OctantCommand.Run("generate", "-m", model, "-p", "Hello", "--dtype", "float32", "-t", "0", "--max-tokens", "12");
    }

    [Theory]
    [InlineData("Q9", "There is no number type Q9")]
    [InlineData("IQ2_XS", "can be read, but not written")]
    public async Task Types_that_are_not_written_are_one_line(string type, string word) => Refused(word, await OctantCommand.Run("convert", shared.Folder, Path.Combine(work, "no.gguf"), "--type", type));

    [Fact]
    public async Task What_is_there_is_replaced_only_on_demand()
    {
        var file = Path.Combine(work, "there.gguf");
        File.WriteAllText(file, "mine");
        Refused("is there already", await OctantCommand.Run("convert", shared.Folder, file));
        Assert.Equal("mine", File.ReadAllText(file));
        (await OctantCommand.Run("convert", shared.Folder, file, "--overwrite", "--type", "Q8_0")).Succeeded();
        Assert.Contains("GGUF", (await OctantCommand.Run("inspect", file)).Succeeded());
    }

    [Fact]
    public async Task A_constraint_is_kept_whatever_the_model_would_rather_say()
    {
        var schema = Path.Combine(work, "schema.json");
        File.WriteAllText(schema, """{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}""");
        Assert.Matches("""^\{\s*"a"\s*:\s*-?\d+\s*\}\n$""", (await Generate("--schema", schema)).Succeeded());
        Assert.Matches("^[0-9]{4}-[0-9]{2}\n$", (await Generate("--regex", "[0-9]{4}-[0-9]{2}")).Succeeded());
        Refused("one of --schema, --regex and --grammar", await Generate("--regex", "a", "--schema", schema));
        Refused("'[' is not closed", await Generate("--regex", "[a"));
        var grammar = Path.Combine(work, "rules.gbnf");
        File.WriteAllText(grammar, "root ::= \"a");
        Refused("rules.gbnf: The grammar cannot be used: line 1", await Generate("--grammar", grammar));
        Refused("cannot be read", await Generate("--grammar", Path.Combine(work, "absent.gbnf")));
        Refused("a shortest text that the constraint allows has 7 tokens", await OctantCommand.Run("generate", "-m", shared.Folder, "-p", "x", "--schema", schema, "--max-tokens", "6"));

        Task<Result> Generate(params string[] options) => OctantCommand.Run(["generate", "-m", shared.Folder, "-p", "x", "--max-tokens", "30", .. options]);
    }

    [Fact]
    public async Task Tokenizers_are_shown_alone()
    {
        Assert.Contains("a tokenizer of 259 tokens, of which 3 are special", (await OctantCommand.Run("inspect", Path.Combine(shared.Folder, "tokenizer.json"))).Succeeded());
        var model = Path.Combine(Repository.Root, "tests/Goldens/carried/tokenizer-sentencepiece-bpe/tokenizer.model");
        Assert.Contains("\"size\":", (await OctantCommand.Run("inspect", model, "--json")).Succeeded());
        Assert.NotEmpty((await OctantCommand.Run("tokenize", "-m", model, "--text", "Hello")).Succeeded());
        var tokens = Path.Combine(work, "tok4.bin");
        File.WriteAllBytes(tokens, [7, 0, 0, 0, .. new[] { "<unk>", "\n<s>\n", "\n</s>\n", "a" }.SelectMany(text => (byte[])[0, 0, 0, 0, (byte)text.Length, 0, 0, 0, .. System.Text.Encoding.UTF8.GetBytes(text)])]);
        Assert.Contains("a tokenizer of 4 tokens", (await OctantCommand.Run("inspect", tokens)).Succeeded());
    }

    [Theory]
    [InlineData("1")]
    [InlineData("bpe,unigram")]
    [InlineData("pairs")]
    public async Task A_kind_of_tokenizer_is_one_name(string kind)
    {
        var result = await OctantCommand.Run("tokenizer", "train", "--text", Path.Combine(Repository.Root, "README.md"), "--vocab-size", "300", "--kind", kind, "--out", Path.Combine(work, "tokens"));
        Assert.NotEqual(0, result.Code);
        Assert.Contains($"There is no kind {kind}; there are bpe, wordpiece, unigram.", result.Errors);
        Assert.False(Directory.Exists(Path.Combine(work, "tokens")));
    }

    static void Refused(string word, Result result)
    {
        Assert.Equal((1, ""), (result.Code, result.Output));
        Assert.Contains(word, Assert.Single(result.Errors.TrimEnd('\n').Split('\n')));
    }
}
