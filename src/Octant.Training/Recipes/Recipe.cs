using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using Octant.Data.Batching;
using Octant.Data.Cleaning;
using Octant.Data.Reading;

namespace Octant.Training.Recipes;

/// <summary>All that decides what a training run makes: read from one YAML file, whose keys are the parameters of these records.</summary>
/// <param name="Data">what is learnt from</param>
/// <param name="Training">how long, how much at once, how often one looks</param>
/// <param name="Optimizer">what moves the weights</param>
/// <param name="Tokenizer">what makes tokens of text</param>
/// <param name="Model">what learns</param>
/// <param name="Schedule">how the learning rate goes over the steps</param>
/// <param name="Samples">what is written on the way, to be read</param>
/// <param name="Result">what becomes of it</param>
public sealed record Recipe(
    DataRecipe Data, TrainingRecipe Training, OptimizerRecipe Optimizer, TokenizerRecipe? Tokenizer = null, ModelRecipe? Model = null,
    ScheduleRecipe? Schedule = null, SampleRecipe? Samples = null, ResultRecipe? Result = null);

/// <summary>What is learnt from.</summary>
/// <param name="Text">files, folders (.txt, .md, .jsonl, .ndjson, each also .gz), or - for standard input</param>
/// <param name="Format">by_name, text, or json_lines: how a file holds documents</param>
/// <param name="Field">the field of a JSON line that is the text</param>
/// <param name="Separator">stands between the documents of a text file; without it a file is one document</param>
/// <param name="Invalid">what becomes of bytes that are not UTF-8: refuse, or replace (by U+FFFD)</param>
/// <param name="Clean">what is done to texts first</param>
/// <param name="Duplicates">keep; or leave out documents equal to one before: exact, or also those that say nearly the same: near</param>
/// <param name="Dialogues">learns a play's speeches as conversations, too, as result.chat_template writes them</param>
/// <param name="Validation">the share of the text, at its end, that is kept back to measure on</param>
/// <param name="ValidationText">files to measure on, instead of a share of the text</param>
public sealed record DataRecipe(
    IReadOnlyList<string> Text,
    SourceFormat Format = SourceFormat.ByName,
    string Field = "text",
    string? Separator = null,
    InvalidText Invalid = InvalidText.Refuse,
    TextCleaning? Clean = null,
    Duplicates Duplicates = Duplicates.Keep,
    bool Dialogues = false,
    [Range(0, 1, MaximumIsExclusive = true)] double Validation = 0.1,
    IReadOnlyList<string>? ValidationText = null);

/// <summary>What becomes of documents that came before.</summary>
public enum Duplicates
{
    /// <summary>They stay.</summary>
    Keep,

    /// <summary>The same text, to the character, is left out.</summary>
    Exact,

    /// <summary>Nearly the same text is left out, too.</summary>
    Near,
}

/// <summary>What makes tokens of text.</summary>
/// <param name="Kind">characters, bytes, or bpe (byte-level, learnt from the text)</param>
/// <param name="Vocabulary">how many tokens a bpe has</param>
/// <param name="From">a model's folder or a tokenizer.json, instead of a new tokenizer; model.from's own where that is given</param>
/// <param name="SpecialTokens">tokens that are no text; they come first in the vocabulary</param>
/// <param name="EndOfText">the special token behind each document; for a bpe &lt;|endoftext|&gt; unless said otherwise</param>
/// <param name="EndOfTurn">the special token that ends an answer; &lt;|end|&gt; with data.dialogues unless said otherwise</param>
public sealed record TokenizerRecipe(
    TokenizerKind Kind = TokenizerKind.Bpe,
    [Range(1, 1 << 24)] int Vocabulary = 4096,
    string? From = null,
    IReadOnlyList<string>? SpecialTokens = null,
    string? EndOfText = null,
    string? EndOfTurn = null);

/// <summary>What a token is.</summary>
public enum TokenizerKind
{
    /// <summary>A character of the text.</summary>
    Characters,

    /// <summary>A byte.</summary>
    Bytes,

    /// <summary>A byte-pair encoding over bytes, learnt from the text.</summary>
    Bpe,
}

/// <summary>What learns.</summary>
/// <param name="Type">the architecture: the model_type of its config.json</param>
/// <param name="From">a model's folder to go on from, instead of a fresh one; then the sizes are its own</param>
/// <param name="Layers">depth</param>
/// <param name="Heads">of attention</param>
/// <param name="Width">of the residual stream; a multiple of the heads</param>
/// <param name="KeyValueHeads">a divisor of the heads; as many as those by default</param>
/// <param name="Inner">width inside the MLP; the architecture's own by default (four times the width in GPT-2)</param>
/// <param name="Context">the longest text in tokens; training.block by default</param>
/// <param name="Dropout">the share dropped in training, wherever the architecture drops</param>
/// <param name="Tied">whether the output shares the embedding's weights; the architecture's own by default</param>
/// <param name="Config">further keys of its config.json, as the architecture itself names them</param>
public sealed record ModelRecipe(
    string Type = "gpt2",
    string? From = null,
    [Range(1, 1 << 16)] int Layers = 4,
    [Range(1, 1 << 16)] int Heads = 4,
    [Range(1, 1 << 24)] int Width = 128,
    [Range(1, 1 << 16)] int? KeyValueHeads = null,
    [Range(1, 1 << 26)] int? Inner = null,
    [Range(1, 1 << 24)] int? Context = null,
    [Range(0, 1, MaximumIsExclusive = true)] double Dropout = 0,
    bool? Tied = null,
    JsonObject? Config = null);

/// <summary>How long, how much at once, how often one looks.</summary>
/// <param name="Steps">how often the weights are moved</param>
/// <param name="Seed">of fresh weights, of the order of the data, of dropout</param>
/// <param name="Batch">rows that go through the model at once</param>
/// <param name="Block">tokens of a row</param>
/// <param name="Accumulate">batches whose gradients are summed for a step</param>
/// <param name="Order">shuffled: an epoch is every block once; random: each row begins anywhere</param>
/// <param name="Dtype">what is computed in: auto, float32, bfloat16, float64; the weights themselves stay float32</param>
/// <param name="Recompute">computes layers again in the backward pass: a third more time, far less memory</param>
/// <param name="Clip">the largest norm of the gradient; 0 for no limit</param>
/// <param name="LabelSmoothing">the share of each target that all tokens have in common</param>
/// <param name="ZLoss">how much the square of log Z counts; 1e-4 keeps logits of large models small</param>
/// <param name="Average">the decay of an exponential moving average of the weights, which is then measured and saved; 0 for none</param>
/// <param name="Patience">evaluations without improvement after which it ends; 0 for never</param>
/// <param name="CheckpointEvery">steps between two checkpoints</param>
/// <param name="EvaluateEvery">steps between two measures of the loss on what was kept back</param>
/// <param name="EvaluateBatches">how many batches an evaluation takes at most; all of them when left out</param>
public sealed record TrainingRecipe(
    [Range(1, int.MaxValue)] int Steps,
    long Seed = 1337,
    [Range(1, 1 << 24)] int Batch = 12,
    [Range(1, 1 << 24)] int Block = 64,
    [Range(1, 1 << 20)] int Accumulate = 1,
    BatchOrder Order = BatchOrder.Shuffled,
    string Dtype = "auto",
    bool Recompute = false,
    [Range(0, double.MaxValue)] double Clip = 1,
    [Range(0, 1, MaximumIsExclusive = true)] double LabelSmoothing = 0,
    [Range(0, double.MaxValue)] double ZLoss = 0,
    [Range(0, 1, MaximumIsExclusive = true)] double Average = 0,
    [Range(0, int.MaxValue)] int Patience = 0,
    [Range(1, int.MaxValue)] int CheckpointEvery = 250,
    [Range(1, int.MaxValue)] int EvaluateEvery = 250,
    [Range(1, int.MaxValue)] int? EvaluateBatches = null);

/// <summary>What is written on the way, to be read.</summary>
/// <param name="Prompts">what is continued; special tokens are understood</param>
/// <param name="Every">steps between two samples; training.evaluate_every by default</param>
/// <param name="Tokens">how many at most</param>
/// <param name="Temperature">0 takes the likeliest token, 1 draws as the model says</param>
/// <param name="TopK">draws from so many likeliest tokens; 0 for all</param>
/// <param name="TopP">draws from the likeliest tokens that hold this share of probability</param>
public sealed record SampleRecipe(
    IReadOnlyList<string>? Prompts = null,
    [Range(1, int.MaxValue)] int? Every = null,
    [Range(1, 1 << 20)] int Tokens = 100,
    [Range(0, 100)] double Temperature = 0.8,
    [Range(0, int.MaxValue)] int TopK = 0,
    [Range(0, 1, MinimumIsExclusive = true)] double TopP = 1);

/// <summary>What becomes of it: a folder that Transformers, and every command of octant, loads.</summary>
/// <param name="Folder">where it is written; --out overrules it, and runs/NAME is taken where neither is given</param>
/// <param name="Dtype">the number type of the weights: float32, float16 or bfloat16</param>
/// <param name="ChatTemplate">a file with the Jinja template by which conversations become text; data.dialogues has one of its own</param>
/// <param name="Description">what its README says of it first</param>
/// <param name="Temperature">how it writes unless told otherwise: goes into generation_config.json</param>
/// <param name="TopK">as of samples; 0 for all</param>
/// <param name="TopP">as of samples</param>
/// <param name="MinP">leaves out what is less likely than this share of the likeliest</param>
/// <param name="RepetitionPenalty">above 1 makes tokens that were there less likely</param>
/// <param name="MaxTokens">how much it writes at most unless told otherwise; as much as the context holds when left out</param>
public sealed record ResultRecipe(
    string? Folder = null,
    string Dtype = "float32",
    string? ChatTemplate = null,
    string? Description = null,
    [Range(0, 100)] double Temperature = 0.8,
    [Range(0, int.MaxValue)] int TopK = 0,
    [Range(0, 1, MinimumIsExclusive = true)] double TopP = 1,
    [Range(0, 1)] double MinP = 0,
    [Range(0, 100, MinimumIsExclusive = true)] double RepetitionPenalty = 1,
    [Range(1, 1 << 24)] int? MaxTokens = null);
