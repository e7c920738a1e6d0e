// How well a model holds a Shakespearean dialogue: seeded answers to read, and what can be counted in them.
//   dotnet run -c Release --project bench/embedded-chat [-- --model M] [--count 50] [--max-tokens 256] [--text FILE]
// Half of the prompts are speeches from the last tenth of the text, which the model has not learnt, half are what a user types. The
// answer to prompt i is drawn with seed i and the model's own settings. Exits with 1 where a measure misses its mark.
using System.Text.Json.Nodes;
using EmbeddedChat;
using Octant;
using Octant.Evaluation;
using Octant.Generation;
using Octant.Hub;

string Option(string name, string otherwise) => Array.IndexOf(args, name) is >= 0 and var at ? args[at + 1] : otherwise;

try
{
    var text = File.ReadAllText(Option("--text", Path.Combine(AppContext.BaseDirectory, "tinyshakespeare.txt")));
    // Where nanoGPT splits it, too: data[int(n * 0.9):].
    var (train, heldOut) = (text[..(int)(text.Length * 0.9)], text[(int)(text.Length * 0.9)..]);
    using var language = LanguageModel.Open(Option("--model", ModelHub.DefaultModel));
    var prompts = Prompts.Choose(heldOut, int.Parse(Option("--count", "50")));
    var answers = prompts.Select((prompt, seed) => Ask(language, prompt, seed, int.Parse(Option("--max-tokens", "256")))).ToArray();
    return Report(answers, text, train);
}
catch (OctantException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static Answer Ask(LanguageModel language, string prompt, int seed, int maxTokens)
{
    var ids = language.Encode(new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt }));
    using var sequence = language.Model.Open();
    var options = new GenerationOptions { Seed = seed, MaxTokens = maxTokens }.Or(language.Defaults);
    var updates = language.Continue(new Continuation(sequence, ids, options)).ToArray();
    var answer = new Answer(string.Concat(updates.Select(update => update.Text)), updates[^1].Finish == FinishReason.Stop);
    Console.WriteLine($"--- {seed}\n{prompt}\n\n{answer.Text}{(answer.Ended ? "" : " [no end]")}\n");
    return answer;
}

static int Report(Answer[] answers, string text, string train)
{
    var vocabulary = TextMeasures.Words(text).ToHashSet();
    var copies = new VerbatimCopies(train);
    Share Sum(Func<string, Share> measure) => answers.Select(answer => measure(answer.Text)).Aggregate(default(Share), (sum, share) => sum + share);
    var copy = answers.Select(answer => copies.Longest(answer.Text)).MaxBy(copy => copy.Words)!;

    Console.WriteLine($"--- {answers.Length} answers, {answers.Average(answer => TextMeasures.Words(answer.Text).Count):F1} words each");
    var passed = Mark("reach their end token", new(answers.Count(answer => answer.Ended), answers.Length), atLeast: 0.90);
    passed &= Mark("words that the text knows", Sum(answer => TextMeasures.KnownWords(answer, vocabulary)), atLeast: 0.98);
    passed &= Mark("repeated runs of four words", Sum(answer => TextMeasures.RepeatedRuns(answer)), atMost: 0.05);
    Console.WriteLine($"      longest verbatim copy         {copy.Words} words: {copy.Quote.ReplaceLineEndings(" / ")}");
    return passed ? 0 : 1;
}

static bool Mark(string what, Share share, double atLeast = 0, double atMost = 1)
{
    var passed = share.Whole > 0 && share.Value >= atLeast && share.Value <= atMost;
    var mark = atLeast > 0 ? $">= {atLeast:P0}" : $"<= {atMost:P0}";
    Console.WriteLine($"{(passed ? "PASS" : "FAIL")}  {what,-28} {share.Value,7:P1}  ({share.Part} of {share.Whole}; {mark})");
    return passed;
}

/// <summary>What the model said, and whether it came to an end.</summary>
sealed record Answer(string Text, bool Ended);
