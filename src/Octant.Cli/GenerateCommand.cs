using System.CommandLine;
using System.Text.Json.Nodes;
using Octant.Generation;

namespace Octant.Cli;

/// <summary>`octant generate`: continues a text as it stands.</summary>
static class GenerateCommand
{
    public static Command Create()
    {
        var (model, sampling, constraint) = (new ModelOptions(), new SamplingOptions(), new ConstraintOptions());
        Option<string?> prompt = new("--prompt", "-p") { Description = "the text to continue; standard input where it is not given" };
        Option<bool> json = new("--json") { Description = "one JSON object: text, prompt_ids, ids, finish_reason" };
        var command = new Command("generate", "Continues a text as it stands, without any chat template.") { prompt, json };
        model.AddTo(command);
        sampling.AddTo(command);
        constraint.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            // What is wrong with it is said before a model is opened.
            var options = (sampling.Read(parsed) with { Constraint = constraint.Read(parsed) }).Check();
            using var language = await model.Open(parsed, cancellation);
            var text = parsed.GetValue(prompt) ?? await Console.In.ReadToEndAsync(cancellation);
            Run(language, text, options, parsed.GetValue(json));
        });
        return command.WithExamples(
            "octant generate --prompt 'ROMEO:' --seed 1",
            "octant generate --model SmolLM2-135M-Instruct.gguf --prompt 'Once upon a time' --max-tokens 50",
            "octant generate -m ./gpt2 -p 'The sea' -t 0.8 --top-p 0.95 --seed 1 --stop '.'",
            "octant generate -m ./smollm2 -p 'A person as JSON: ' --schema person.json",
            "octant generate -m ./smollm2 -p 'The date is ' --regex '[0-9]{4}-[0-9]{2}-[0-9]{2}'",
            "octant generate -m ./smollm2 -p 'A list:' --grammar list.gbnf --max-tokens 60",
            "cat story.txt | octant generate -m org/name --json");
    }

    static void Run(LanguageModel language, string prompt, GenerationOptions options, bool json)
    {
        using var interruption = new Interruption();
        var stop = interruption.Begin(CancellationToken.None);
        using var sequence = language.Model.Open();
        var text = language.Begin(sequence, language.Encode(prompt), options.Or(language.Defaults));
        var (written, finish) = ("", FinishReason.Length);
        foreach (var update in language.Continue(text, cancellation: stop))
        {
            if (!json) Console.Out.Write(update.Text);
            written += update.Text;
            finish = update.Finish ?? finish;
        }
        if (!json)
        {
            Console.Out.WriteLine();
            return;
        }
        Console.Out.WriteLine(new JsonObject
        {
            ["text"] = written,
            ["prompt_ids"] = Output.Array(text.Ids.Take(text.PromptLength)),
            ["ids"] = Output.Array(text.Ids.Skip(text.PromptLength)),
            ["finish_reason"] = finish == FinishReason.Stop ? "stop" : "length",
        }.ToJsonString(Output.Json));
    }
}
