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
        Option<bool> json = new("--json") { Description = "ids, tokens and offsets (in code points), or ids and text, as JSON" };
        Option<bool> plain = new("--no-special-tokens") { Description = "add none at the beginning and end" };
        var command = new Command("tokenize", "Turns text into a model's token ids, and ids into text.") { text, decode, json, plain };
        model.AddNameTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var tokenizer = LanguageModel.OpenTokenizer(await model.LocateTokenizer(parsed, cancellation));
            if (parsed.GetValue(decode) is { } ids)
                PrintText(tokenizer, Ids(ids), parsed.GetValue(json));
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
        if (!json)
        {
            Console.Out.WriteLine(string.Join(' ', encoding.Ids));
            return;
        }
        Console.Out.WriteLine(new JsonObject
        {
            ["ids"] = Output.Array(encoding.Ids),
            ["tokens"] = new JsonArray([.. encoding.Tokens.Select(token => (JsonNode)token)]),
            ["offsets"] = new JsonArray([.. encoding.Offsets.Select(offset => Output.Array([offset.Start, offset.End]))]),
        }.ToJsonString(Output.Json));
    }

    static void PrintText(Tokenizer tokenizer, int[] ids, bool json)
    {
        var text = tokenizer.Decode(ids, skipSpecialTokens: false);
        Console.Out.WriteLine(json ? new JsonObject { ["ids"] = Output.Array(ids), ["text"] = text }.ToJsonString(Output.Json) : text);
    }

    static int[] Ids(string text)
    {
        var words = text.Split([' ', ',', '[', ']', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return Array.ConvertAll(words, word => int.TryParse(word, out var id) ? id : throw new OctantException($"\"{word}\" is no token id."));
    }
}
