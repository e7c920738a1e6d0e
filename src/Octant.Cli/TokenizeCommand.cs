using System.CommandLine;
using System.Text.Json.Nodes;
using Octant.Tokenizers;

namespace Octant.Cli;

/// <summary>`octant tokenize`: text to ids and back.</summary>
static class TokenizeCommand
{
    public static Command Create()
    {
        var model = new ModelOptions();
        Option<string?> text = new("--text", "-t") { Description = "the text; standard input where it is not given" };
        Option<string?> decode = new("--decode", "-d") { Description = "ids to turn into text, with spaces or commas between" };
        Option<bool> json = new("--json") { Description = "ids, tokens, offsets (in code points) and how many tokens the file's padding adds and its truncation leaves out, or ids and text, as JSON" };
        Option<bool> plain = new("--no-special-tokens") { Description = "add none at the beginning and end" };
        var command = new Command("tokenize", "Turns text into a model's token ids, and ids into text.") { text, decode, json, plain };
        model.AddNameTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var tokenizer = LanguageModel.OpenTokenizer(await model.LocateTokenizer(parsed, cancellation));
            if (parsed.GetValue(decode) is { } ids)
                PrintText(tokenizer, Ids(ids, tokenizer.VocabularySize), parsed.GetValue(json));
            else
                Print(tokenizer, parsed.GetValue(text) ?? await Console.In.ReadToEndAsync(cancellation), !parsed.GetValue(plain), parsed.GetValue(json));
        });
        return command.WithExamples(
            "octant tokenize --text 'Who goes there?'",
            "octant tokenize --model SmolLM2-135M-Instruct.gguf --text 'Hello, world'",
            "octant tokenize -m ./gpt2 --json < story.txt",
            "octant tokenize -m ./gpt2 --decode '15496, 11, 995'");
    }

    static void Print(Tokenizer tokenizer, string text, bool addSpecialTokens, bool json)
    {
        var encoding = tokenizer.Encode(text, addSpecialTokens: addSpecialTokens);
        // Padding is for batches: it is counted, not shown, so that what is printed is the text.
        int[] real = [.. Enumerable.Range(0, encoding.Length).Where(i => encoding.AttentionMask[i] == 1)];
        var (padding, cut) = (encoding.Length - real.Length, Cut(tokenizer, text, addSpecialTokens, encoding, real.Length));
        Console.Out.WriteLine(json ? Json(encoding, real, padding, cut).ToJsonString(Output.Json) : string.Join(' ', real.Select(i => encoding.Ids[i])));
        // Beside the result, so that what reads that reads ids alone; JSON has the numbers in it.
        if (!json && Note(padding, cut) is { } note) Console.Error.WriteLine($"({note})");
    }

    /// <summary>How many tokens of the text the file's truncation leaves out.</summary>
    static int Cut(Tokenizer tokenizer, string text, bool addSpecialTokens, Encoding encoding, int shown) =>
        encoding.Overflowing.Count == 0 ? 0 : tokenizer.EncodeIds(text, addSpecialTokens).Length - shown;

    static JsonObject Json(Encoding encoding, int[] real, int padding, int cut) => new()
    {
        ["ids"] = Output.Array(real.Select(i => encoding.Ids[i])),
        ["tokens"] = new JsonArray([.. real.Select(i => (JsonNode)encoding.Tokens[i])]),
        ["offsets"] = new JsonArray([.. real.Select(i => Output.Array([encoding.Offsets[i].Start, encoding.Offsets[i].End]))]),
        ["padding"] = padding,
        ["truncated"] = cut,
    };

    /// <summary>What the tokenizer's file does to a text beside cutting it into tokens; null where it does nothing.</summary>
    static string? Note(int padding, int cut) => (padding, cut) switch
    {
        (0, 0) => null,
        (_, 0) => $"the tokenizer's file pads this with {padding} more tokens, which are not shown",
        (0, _) => $"the tokenizer's file truncates this: {cut} more tokens are left out",
        _ => $"the tokenizer's file truncates this, which leaves {cut} tokens out, and pads it with {padding}, which are not shown",
    };

    static void PrintText(Tokenizer tokenizer, int[] ids, bool json)
    {
        var text = tokenizer.Decode(ids, skipSpecialTokens: false);
        Console.Out.WriteLine(json ? new JsonObject { ["ids"] = Output.Array(ids), ["text"] = text }.ToJsonString(Output.Json) : text);
    }

    /// <summary>What is typed by hand and names nothing is a slip, and no logit of a model's beyond its tokens.</summary>
    static int[] Ids(string text, int vocabularySize)
    {
        var words = text.Split([' ', ',', '[', ']', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return Array.ConvertAll(words, word => !int.TryParse(word, out var id) ? throw new OctantException($"\"{word}\" is no token id.")
            : (uint)id < (uint)vocabularySize ? id : throw new OctantException($"The id {id} is outside the vocabulary of {vocabularySize} tokens."));
    }
}
