using System.Text.Json.Nodes;
using Octant.Constraints;

namespace Octant.Generation;

/// <summary>How text is generated. What is null is left to the model's own defaults, then to the neutral value.</summary>
public sealed record GenerationOptions
{
    /// <summary>Tokens to generate at most; what the context has room for when null.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>Scores are divided by it: 0 takes the likeliest token each time, 1 draws from the model's own distribution.</summary>
    public double? Temperature { get; init; }

    /// <summary>Draws from this many likeliest tokens (Fan et al. 2018, arXiv:1805.04833); 0 for all.</summary>
    public int? TopK { get; init; }

    /// <summary>Draws from the likeliest tokens that hold this share of probability (Holtzman et al. 2019, arXiv:1904.09751).</summary>
    public double? TopP { get; init; }

    /// <summary>Leaves out what is less likely than this share of the likeliest (Nguyen et al. 2024, arXiv:2407.01082).</summary>
    public double? MinP { get; init; }

    /// <summary>Draws from the tokens whose surprise is nearest to the expected one (Meister et al. 2022, arXiv:2202.00666).</summary>
    public double? TypicalP { get; init; }

    /// <summary>Leaves out what is less likely than this (Hewitt et al. 2022, arXiv:2210.15191).</summary>
    public double? EpsilonCutoff { get; init; }

    /// <summary>The same, with a threshold that falls with the entropy (same paper).</summary>
    public double? EtaCutoff { get; init; }

    /// <summary>Makes every token so far less likely (Keskar et al. 2019, arXiv:1909.05858); 1 for not at all.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>No run of this many tokens occurs twice; 0 for no such rule.</summary>
    public int? NoRepeatNgramSize { get; init; }

    /// <summary>Taken from a token's score for each time that it was generated (OpenAI's formula).</summary>
    public double? FrequencyPenalty { get; init; }

    /// <summary>Taken from a token's score once it was generated (OpenAI's formula).</summary>
    public double? PresencePenalty { get; init; }

    /// <summary>The same seed draws the same text; a new one each time when null.</summary>
    public long? Seed { get; init; }

    /// <summary>Generation ends before the first of these.</summary>
    public IReadOnlyList<string>? StopStrings { get; init; }

    /// <summary>Generation ends with the first of these.</summary>
    public IReadOnlyCollection<int>? EndIds { get; init; }

    /// <summary>How many of the likeliest tokens are reported at each step, beside the one drawn; null for no log-probabilities.</summary>
    public int? TopLogProbabilities { get; init; }

    /// <summary>Further processors, after the penalties and before the temperature.</summary>
    public IReadOnlyList<ILogitsProcessor>? Processors { get; init; }

    /// <summary>
    /// What the text must look like: only tokens are chosen with which it can still be ended so, within <see cref="MaxTokens"/>, too.
    /// Stop strings cannot be combined with it; those of the model's defaults are left out.
    /// </summary>
    public Constraint? Constraint { get; init; }

    /// <summary>These options, with what they leave open taken from others.</summary>
    public GenerationOptions Or(GenerationOptions defaults) => new()
    {
        MaxTokens = MaxTokens ?? defaults.MaxTokens,
        // Who narrows what is drawn from wants to draw, also from a model whose makers take the likeliest token.
        Temperature = Temperature ?? (Narrows && defaults.Temperature is null or 0 ? 1 : defaults.Temperature),
        TopK = TopK ?? defaults.TopK,
        TopP = TopP ?? defaults.TopP,
        MinP = MinP ?? defaults.MinP,
        TypicalP = TypicalP ?? defaults.TypicalP,
        EpsilonCutoff = EpsilonCutoff ?? defaults.EpsilonCutoff,
        EtaCutoff = EtaCutoff ?? defaults.EtaCutoff,
        RepetitionPenalty = RepetitionPenalty ?? defaults.RepetitionPenalty,
        NoRepeatNgramSize = NoRepeatNgramSize ?? defaults.NoRepeatNgramSize,
        FrequencyPenalty = FrequencyPenalty ?? defaults.FrequencyPenalty,
        PresencePenalty = PresencePenalty ?? defaults.PresencePenalty,
        Seed = Seed ?? defaults.Seed,
        StopStrings = StopStrings ?? (Constraint is null ? defaults.StopStrings : null),
        EndIds = EndIds ?? defaults.EndIds,
        TopLogProbabilities = TopLogProbabilities ?? defaults.TopLogProbabilities,
        Processors = Processors ?? defaults.Processors,
        Constraint = Constraint ?? defaults.Constraint,
    };

    bool Narrows => TopK > 0 || TopP < 1 || MinP > 0 || TypicalP < 1 || EpsilonCutoff > 0 || EtaCutoff > 0;

    /// <summary>Refuses values that make no sense, by name.</summary>
    /// <exception cref="OctantException">a value is out of its range</exception>
    public GenerationOptions Check()
    {
        Require(MaxTokens is null or > 0, "max_tokens", MaxTokens, "1 or more");
        Require(Temperature is null or >= 0 and < double.PositiveInfinity, "temperature", Temperature, "0 or more");
        Require(TopK is null or >= 0, "top_k", TopK, "0 (all) or more");
        Require(TopP is null or > 0 and <= 1, "top_p", TopP, "above 0, at most 1");
        Require(MinP is null or >= 0 and <= 1, "min_p", MinP, "between 0 and 1");
        Require(TypicalP is null or > 0 and <= 1, "typical_p", TypicalP, "above 0, at most 1");
        Require(EpsilonCutoff is null or >= 0 and < 1, "epsilon_cutoff", EpsilonCutoff, "between 0 and 1");
        Require(EtaCutoff is null or >= 0 and < 1, "eta_cutoff", EtaCutoff, "between 0 and 1");
        Require(RepetitionPenalty is null or > 0 and < double.PositiveInfinity, "repetition_penalty", RepetitionPenalty, "above 0");
        Require(NoRepeatNgramSize is null or >= 0, "no_repeat_ngram_size", NoRepeatNgramSize, "0 (none) or more");
        Require(FrequencyPenalty is null or >= -2 and <= 2, "frequency_penalty", FrequencyPenalty, "between -2 and 2");
        Require(PresencePenalty is null or >= -2 and <= 2, "presence_penalty", PresencePenalty, "between -2 and 2");
        Require(StopStrings?.Any(string.IsNullOrEmpty) != true, "stop", "empty", "a text");
        Require(Constraint is null || StopStrings is not { Count: > 0 }, "stop", "given beside a constraint", "left out: the constraint says where a text ends");
        Require(TopLogProbabilities is null or >= 0 and <= 100, "top_logprobs", TopLogProbabilities, "between 0 and 100");
        return this;

        static void Require<T>(bool holds, string name, T value, string range)
        {
            if (!holds) throw new OctantException($"{name} is {value}; it must be {range}.");
        }
    }

    /// <summary>Keys that change the text, and have one value that changes nothing.</summary>
    static readonly (string Key, JsonNode? Neutral)[] Unsupported =
    [
        ("num_beams", 1), ("num_beam_groups", 1), ("penalty_alpha", null), ("guidance_scale", 1.0), ("bad_words_ids", null),
        ("force_words_ids", null), ("forced_bos_token_id", null), ("forced_eos_token_id", null), ("forced_decoder_ids", null),
        ("sequence_bias", null), ("exponential_decay_length_penalty", null), ("begin_suppress_tokens", null),
        ("dola_layers", null), ("watermarking_config", null), ("constraints", null),
    ];

    /// <summary>The ids that end a text. Old folders name them only in config.json, some only beside the tokenizer.</summary>
    /// <param name="generation">generation_config.json, where there is one</param>
    /// <param name="config">config.json, where there is one</param>
    /// <param name="eos">what the tokenizer calls the end of a text</param>
    /// <exception cref="OctantException">they are no ids</exception>
    public static IReadOnlyCollection<int>? ReadEnds(JsonObject? generation, JsonObject? config, int? eos) =>
        Reading(() => Ids(generation?["eos_token_id"]) ?? Ids(config?["eos_token_id"])) ?? (eos is { } id ? [id] : null);

    /// <summary>What a generation_config.json says. Transformers draws only where do_sample is true.</summary>
    /// <exception cref="OctantException">a value is of the wrong kind, out of its range, or asks for what is not here</exception>
    public static GenerationOptions Read(JsonObject json) => Reading(() =>
    {
        foreach (var (key, neutral) in Unsupported)
            if (json[key] is { } value && !JsonNode.DeepEquals(value, neutral) && value is not JsonArray { Count: 0 })
                throw new OctantException($"generation_config.json: {key} is {value.ToJsonString()}, which is not supported: take it out to generate without it.");
        var suppressed = Ids(json["suppress_tokens"]);
        var (least, ends) = ((int?)json["min_new_tokens"], Ids(json["eos_token_id"]));
        List<ILogitsProcessor> processors = [];
        if (suppressed is { Length: > 0 }) processors.Add(new SuppressTokens(suppressed));
        if (least > 0 && ends is not null) processors.Add(new LeastTokens(least.Value, ends));
        var draws = (bool?)json["do_sample"] ?? false;
        return new GenerationOptions
        {
            MaxTokens = (int?)json["max_new_tokens"],
            Temperature = draws ? (double?)json["temperature"] ?? 1 : 0,
            TopK = draws ? (int?)json["top_k"] ?? 50 : null,            // 50 is the reference's default
            TopP = draws ? (double?)json["top_p"] : null,
            MinP = draws ? (double?)json["min_p"] : null,
            TypicalP = draws ? (double?)json["typical_p"] : null,
            EpsilonCutoff = draws ? (double?)json["epsilon_cutoff"] : null,
            EtaCutoff = draws ? (double?)json["eta_cutoff"] : null,
            RepetitionPenalty = (double?)json["repetition_penalty"],
            NoRepeatNgramSize = (int?)json["no_repeat_ngram_size"],
            EndIds = ends,
            Processors = processors.Count > 0 ? processors : null,
            StopStrings = json["stop_strings"] switch
            {
                null => null,
                JsonArray several => [.. several.Select(Text)],
                var one => [Text(one)],
            },
        }.Check();
    });

    static T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentNullException)
        {
            throw new OctantException($"generation_config.json: a value is of the wrong kind ({e.Message})", e);
        }
    }

    static string Text(JsonNode? node) => (string?)node ?? throw new FormatException("a text is null");

    static int Id(JsonNode? node) => (int?)node ?? throw new FormatException("an id is null");

    static int[]? Ids(JsonNode? node) => node switch
    {
        null => null,
        JsonArray several => [.. several.Select(Id)],
        var one => [Id(one)],
    };
}
