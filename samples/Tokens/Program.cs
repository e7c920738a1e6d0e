// The second depth: tokens and scores, whatever engine computes them.
//   dotnet run --project samples/Tokens [-- MODEL [PROMPT]]
using Octant;
using Octant.Generation;

// Without a name it is the small one that Octant carries.
using var language = args is [var path, ..] ? LanguageModel.Open(path) : LanguageModel.Open();
var (model, tokenizer) = (language.Model, language.Tokenizer);

// Text becomes ids; a beginning-of-text is put in front where the model wants one.
var prompt = args.Length > 1 ? args[1] : "The capital of France is";
var ids = language.Encode(prompt);
Console.WriteLine($"{ids.Length} tokens: {string.Join(" ", ids.Select(id => $"{id}={tokenizer.TokenOf(id)}"))}");

// A step appends ids to a sequence and scores what follows: one number for each token of the vocabulary.
using var sequence = model.Open();
var logits = new float[model.Shape.Vocabulary];             // [V]
model.Step([new Slice(sequence, ids)], logits);
var largest = logits.Max();
var sum = logits.Sum(score => Math.Exp(score - largest));
foreach (var (id, score) in logits.Index().OrderByDescending(scored => scored.Item).Take(5))
    Console.WriteLine($"  {Math.Exp(score - largest) / sum,6:P1}  {tokenizer.Decode([id], skipSpecialTokens: false)}");

// The sequence has seen the prompt. Forks of it go their own ways from there, and nothing is computed twice: each wants one more
// id, so the last one is taken back and given to every fork.
sequence.Truncate(ids.Length - 1);
using var calm = sequence.Fork();
using var wild = sequence.Fork();
Continuation[] texts =
[
    new(calm, ids, new() { MaxTokens = 20, EndIds = language.Defaults.EndIds }),                    // the likeliest each time
    new(wild, ids, new() { MaxTokens = 20, EndIds = language.Defaults.EndIds, Temperature = 1, TopP = 0.9, Seed = 1 }),
];

// One loop decodes them side by side, so that every matrix is multiplied once for both.
foreach (var token in DecodingLoop.Run(model, texts))
    if (token.Finish is { } reason) Console.WriteLine($"text {token.Text} ends with {reason}");
foreach (var text in texts) Console.WriteLine($"  {tokenizer.Decode([.. text.Ids])}");

// Who wants text that streams, with stop strings, asks for that.
foreach (var update in language.Generate(prompt, new() { MaxTokens = 30, StopStrings = ["."] })) Console.Write(update.Text);
Console.WriteLine();
