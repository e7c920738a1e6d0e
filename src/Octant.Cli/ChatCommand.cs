using System.CommandLine;
using Microsoft.Extensions.AI;
using Octant.Formats;
using Octant.Generation;
using Octant.Hub;
using Spectre.Console;

namespace Octant.Cli;

/// <summary>`octant chat`: a conversation, or one answer.</summary>
static class ChatCommand
{
    public static Command Create()
    {
        var (model, sampling) = (new ModelOptions(), new SamplingOptions());
        Option<string?> system = new("--system") { Description = "what the model is told before everything else" };
        Option<string?> message = new("--message") { Description = "answer this once, and print only the answer" };
        var command = new Command("chat", "Talks with a model.") { system, message };
        model.AddTo(command);
        sampling.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var options = sampling.Read(parsed);
            var language = await model.Open(parsed, cancellation);
            using var client = new OctantChat(language, keptConversations: 1);
            if (language.Template is null)
                throw new OctantException($"{language.Name} has no chat template, so it holds no conversation: continue texts with octant generate.");
            var conversation = new Conversation { System = parsed.GetValue(system) };
            using var session = new ChatSession(language, client, conversation, options);
            if (parsed.GetValue(message) is not { } once)
                return await session.Run(model.IsNamed(parsed) ? null : await Introduction(cancellation));
            await session.Once(once);
            return 0;
        });
        return command.WithExamples(
            "octant chat",
            "octant chat --model SmolLM2-135M-Instruct.gguf",
            "octant chat -m HuggingFaceTB/SmolLM2-135M-Instruct --system 'You answer in one word.' --temperature 0.7",
            "octant chat -m ./model --message 'What is the capital of France?'",
            "octant chat -m org/name:Q4_K_M --context 4096 --dtype float32");
    }

    /// <summary>What the model is that answers where none was named: nobody shall take it for more.</summary>
    static async Task<string> Introduction(CancellationToken cancellation)
    {
        using var tensors = TensorFiles.Open(await Downloads.Locate(ModelHub.DefaultModel, cancellation));
        var parameters = tensors.Tensors.Values.Sum(tensor => tensor.Count);
        return $"Shakespearean dialogue, by {parameters / 1e6:F1} million parameters. --model names another model.";
    }
}

/// <summary>A conversation at the terminal: what is typed goes to the model, lines that begin with a slash to us.</summary>
sealed class ChatSession(LanguageModel language, OctantChat client, Conversation conversation, GenerationOptions options) : IDisposable
{
    const string Help = """
        /help              this
        /clear             forget what was said
        /system TEXT       what the model is told before everything else; without a text, nothing
        /set NAME VALUE    temperature, top_p, max_tokens, seed, stop, ...; without a name, shows them
        /save FILE         write the conversation to a file
        /load FILE         go on with one
        /exit              leave, as Ctrl-D does
        """;

    readonly Interruption interruption = new();
    GenerationOptions options = options;

    /// <summary>Answers one message and nothing more.</summary>
    public async Task Once(string message)
    {
        conversation.Add(ChatRole.User, message);
        await Answer(interruption.Begin(CancellationToken.None));
        Console.Out.WriteLine();
    }

    /// <summary>Talks until the input ends.</summary>
    /// <param name="introduction">what the model is good for, said at a terminal; null where the user knows</param>
    /// <returns>the exit code: where nobody watches, it says whether all went well</returns>
    public async Task<int> Run(string? introduction)
    {
        var atTerminal = !Console.IsInputRedirected;
        var allWell = true;
        if (atTerminal)
            AnsiConsole.MarkupLine($"[grey]{Markup.Escape(Output.Clean(language.Name))}: {language.Model.Shape.Context:N0} tokens of context. /help tells what can be typed.[/]");
        if (atTerminal && introduction is not null) AnsiConsole.MarkupLine($"[grey]{Markup.Escape(introduction)}[/]");
        while (true)
        {
            if (atTerminal) AnsiConsole.Markup("[bold green]>[/] ");
            if (Console.ReadLine() is not { } line) break;
            if (line.Trim().Length == 0) continue;
            if (line.StartsWith('/'))
            {
                if (line.Trim() is "/exit" or "/quit" or "/bye") break;
                allWell &= Try(() => Obey(line.Trim()));
                continue;
            }
            conversation.Add(ChatRole.User, line);
            allWell &= await TryAnswer();
        }
        return atTerminal || allWell ? 0 : 1;
    }

    /// <summary>Answers what was said last, and remembers the answer.</summary>
    async Task Answer(CancellationToken cancellation)
    {
        // An answer wants room: an eighth of the context, unless it is kept shorter.
        var room = Math.Max(1, Math.Min(options.MaxTokens ?? int.MaxValue, language.Model.Shape.Context / 8));
        var (answer, cut, ended, thinks) = ("", false, false, false);
        try
        {
            var (messages, leftOut) = conversation.Fit(language, room);
            if (leftOut > 0) Note($"the context is full: the model no longer sees the first {leftOut} messages");
            // One seed decides the whole conversation; drawn alike, its answers would begin alike.
            var drawn = options with { Seed = options.Seed + conversation.Turns.Count / 2 };
            await foreach (var update in client.GetStreamingResponseAsync(messages, ToChatOptions(drawn), cancellation))
            {
                answer += update.Text;
                cut |= update.FinishReason == ChatFinishReason.Length;
                thinks = WriteThoughts(update, thinks);
                Console.Out.Write(update.Text);
                await Console.Out.FlushAsync(CancellationToken.None);
            }
            ended = true;
        }
        finally
        {
            // An answer that was broken off is part of the conversation, so the next one makes sense; and so is an empty one: many
            // templates insist on turns.
            if (answer.Length > 0 || ended) conversation.Add(ChatRole.Assistant, answer);
            else conversation.TakeBack();
        }
        if (cut && options.Or(language.Defaults).MaxTokens is null) Note("the context is full: the answer ends here");
    }

    /// <summary>Thoughts are shown in grey where there are colours; elsewhere only the answer is wanted.</summary>
    static bool WriteThoughts(ChatResponseUpdate update, bool thinking)
    {
        if (Console.IsOutputRedirected) return false;
        var thoughts = string.Concat(update.Contents.OfType<TextReasoningContent>().Select(part => part.Text));
        if (thoughts.Length > 0) AnsiConsole.Markup($"[grey]{Markup.Escape(thoughts)}[/]");
        else if (thinking && update.Text.Length > 0) Console.Out.WriteLine("\n");
        return thoughts.Length > 0 || thinking && update.Text.Length == 0;
    }

    public void Dispose() => interruption.Dispose();

    async Task<bool> TryAnswer()
    {
        try
        {
            await Answer(interruption.Begin(CancellationToken.None));
            Console.Out.WriteLine();
        }
        catch (OperationCanceledException)
        {
            Console.Out.WriteLine(" ...");
        }
        catch (OctantException e)
        {
            Note(e.Message);
            return false;
        }
        finally
        {
            interruption.End();
        }
        return true;
    }

    static bool Try(Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (OctantException e)
        {
            Note(e.Message);
            return false;
        }
    }

    void Obey(string line)
    {
        var (command, rest) = line.IndexOf(' ') is var space and > 0 ? (line[..space], line[(space + 1)..].Trim()) : (line, "");
        switch (command)
        {
            case "/help":
                Console.Out.WriteLine(Help);
                break;
            case "/clear":
                conversation.Clear();
                break;
            case "/system":
                conversation.System = rest.Length == 0 ? null : rest;
                break;
            case "/set" when rest.Length == 0:
                Console.Out.WriteLine(Describe(options.Or(language.Defaults)));
                break;
            case "/set" when rest.Split(' ', 2) is [var name, var value]:
                options = SamplingOptions.Set(options, name, value.Trim());
                break;
            case "/save" when rest.Length > 0:
                conversation.Save(rest);
                break;
            case "/load" when rest.Length > 0:
                conversation.Load(rest);
                Note($"{conversation.Turns.Count} messages");
                break;
            default:
                throw new OctantException($"{line}: not understood; /help tells what can be typed");
        }
    }

    static string Describe(GenerationOptions options) => string.Join(Environment.NewLine, new (string Name, object? Value)[]
    {
        ("max_tokens", options.MaxTokens), ("temperature", options.Temperature), ("top_k", options.TopK), ("top_p", options.TopP),
        ("min_p", options.MinP), ("typical_p", options.TypicalP), ("epsilon_cutoff", options.EpsilonCutoff), ("eta_cutoff", options.EtaCutoff),
        ("repetition_penalty", options.RepetitionPenalty), ("no_repeat_ngram_size", options.NoRepeatNgramSize),
        ("frequency_penalty", options.FrequencyPenalty), ("presence_penalty", options.PresencePenalty), ("seed", options.Seed),
        ("stop", options.StopStrings is { } stops ? string.Join(" | ", stops) : null),
    }.Select(setting => $"{setting.Name,-22} {setting.Value ?? "-"}"));

    /// <summary>What concerns the conversation, but is no part of it: never among the answers.</summary>
    static void Note(string what) => Console.Error.WriteLine($"({Output.Line(what)})");

    static ChatOptions ToChatOptions(GenerationOptions options)
    {
        var further = new AdditionalPropertiesDictionary();
        foreach (var (name, value) in ((string, object?)[])[
            ("min_p", options.MinP), ("typical_p", options.TypicalP), ("epsilon_cutoff", options.EpsilonCutoff),
            ("eta_cutoff", options.EtaCutoff), ("repetition_penalty", options.RepetitionPenalty), ("no_repeat_ngram_size", options.NoRepeatNgramSize)])
            if (value is not null) further[name] = value;
        return new()
        {
            MaxOutputTokens = options.MaxTokens,
            Temperature = (float?)options.Temperature,
            TopK = options.TopK,
            TopP = (float?)options.TopP,
            FrequencyPenalty = (float?)options.FrequencyPenalty,
            PresencePenalty = (float?)options.PresencePenalty,
            Seed = options.Seed,
            StopSequences = options.StopStrings is { } stops ? [.. stops] : null,
            AdditionalProperties = further,
        };
    }
}
