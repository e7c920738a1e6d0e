using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using Octant.Evaluation;

namespace Octant.Cli;

/// <summary>`octant eval`: measures of a model.</summary>
static class EvalCommand
{
    public static Command Create() =>
        new("eval", "Measures how good a model is.") { CreatePerplexity() };

    static Command CreatePerplexity()
    {
        var model = new ModelOptions();
        Option<string> text = new("--text") { Description = "a text file; - for standard input", Required = true };
        Option<int?> window = new("--window") { Description = "tokens that the model sees at once; its context, at most 1024, by default" };
        Option<int?> stride = new("--stride") { Description = "tokens between the beginnings of two windows; the window by default" };
        Option<bool> json = new("--json") { Description = "perplexity, bits_per_byte, word_perplexity and tokens as JSON" };
        var command = new Command("perplexity", "How well a model foretells a text.") { text, window, stride, json };
        model.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using var language = await model.Open(parsed, cancellation);
            var seen = parsed.GetValue(window) ?? Math.Min(1024, language.Model.Shape.Context);
            var content = await Read(parsed.GetValue(text)!, cancellation);
            var result = Perplexity.Of(
                language.Model, language.Tokenizer, content, seen, parsed.GetValue(stride) ?? seen, Progress(), cancellation);
            Print(result, parsed.GetValue(json));
        });
        return command.WithExamples(
            "octant eval perplexity --model SmolLM2-135M-Instruct.gguf --text story.txt",
            "octant eval perplexity -m ./gpt2 --text wiki.txt --window 512 --stride 256 --dtype float32 --json");
    }

    /// <summary>Every character counts, a byte order mark at the beginning too: other tools score it as well.</summary>
    static async Task<string> Read(string path, CancellationToken cancellation)
    {
        if (path == "-") return await Console.In.ReadToEndAsync(cancellation);
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(await File.ReadAllBytesAsync(path, cancellation));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OctantException($"{path} cannot be read ({e.Message.TrimEnd('.')}): name a text file with --text.", e);
        }
        catch (DecoderFallbackException e)
        {
            throw new OctantException($"{path} is no UTF-8: byte {e.Index} begins no character.", e);
        }
    }

    static void Print(Perplexity result, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(new JsonObject
            {
                ["perplexity"] = result.PerToken,
                ["bits_per_byte"] = result.BitsPerByte,
                ["word_perplexity"] = result.PerWord,
                ["tokens"] = result.Tokens,
            }.ToJsonString(Output.Json));
            return;
        }
        Console.Out.WriteLine($"perplexity       {result.PerToken:F3} per token");
        Console.Out.WriteLine($"bits per byte    {result.BitsPerByte:F4}");
        Console.Out.WriteLine($"word perplexity  {result.PerWord:F2}");
        Console.Out.WriteLine($"tokens           {result.Tokens}");
    }

    /// <summary>How far it is, where somebody may be waiting.</summary>
    static Progress<int>? Progress() => Console.IsErrorRedirected ? null
        : new Progress<int>(done => Console.Error.Write($"\r{done:N0} tokens "));
}
