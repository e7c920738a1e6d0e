using System.CommandLine;
using Octant.Generation;

namespace Octant.Cli;

/// <summary>The options that say how text is generated; what is not given is left to the model's own defaults.</summary>
sealed class SamplingOptions
{
    readonly Option<int?> maxTokens = Number<int?>("--max-tokens", "tokens to generate at most", "-n");
    readonly Option<double?> temperature = Number<double?>("--temperature", "0 takes the likeliest token, 1 draws as the model says", "-t");
    readonly Option<int?> topK = Number<int?>("--top-k", "draw from the K likeliest tokens");
    readonly Option<double?> topP = Number<double?>("--top-p", "draw from the likeliest tokens that hold this share of probability");
    readonly Option<double?> minP = Number<double?>("--min-p", "leave out what is less likely than this share of the likeliest");
    readonly Option<double?> typicalP = Number<double?>("--typical-p", "draw from the tokens whose surprise is nearest to the expected one");
    readonly Option<double?> epsilon = Number<double?>("--epsilon-cutoff", "leave out what is less likely than this");
    readonly Option<double?> eta = Number<double?>("--eta-cutoff", "the same, with a threshold that falls with the entropy");
    readonly Option<double?> repetition = Number<double?>("--repetition-penalty", "above 1 makes every token so far less likely");
    readonly Option<int?> ngram = Number<int?>("--no-repeat-ngram-size", "no run of this many tokens occurs twice");
    readonly Option<double?> frequency = Number<double?>("--frequency-penalty", "taken from a token's score for each time that it was generated");
    readonly Option<double?> presence = Number<double?>("--presence-penalty", "taken from a token's score once it was generated");
    readonly Option<long?> seed = Number<long?>("--seed", "the same seed draws the same text", "-s");
    readonly Option<string[]> stop = new("--stop") { Description = "end before this text; may be given several times" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[maxTokens, temperature, topK, topP, minP, typicalP, epsilon, eta, repetition, ngram, frequency, presence, seed, stop])
            command.Options.Add(option);
    }

    public GenerationOptions Read(ParseResult parsed) => new GenerationOptions
    {
        MaxTokens = parsed.GetValue(maxTokens),
        Temperature = parsed.GetValue(temperature),
        TopK = parsed.GetValue(topK),
        TopP = parsed.GetValue(topP),
        MinP = parsed.GetValue(minP),
        TypicalP = parsed.GetValue(typicalP),
        EpsilonCutoff = parsed.GetValue(epsilon),
        EtaCutoff = parsed.GetValue(eta),
        RepetitionPenalty = parsed.GetValue(repetition),
        NoRepeatNgramSize = parsed.GetValue(ngram),
        FrequencyPenalty = parsed.GetValue(frequency),
        PresencePenalty = parsed.GetValue(presence),
        Seed = parsed.GetValue(seed),
        StopStrings = parsed.GetValue(stop) is { Length: > 0 } stops ? stops : null,
    }.Check();

    /// <summary>Changes one of them by its name, as `/set` does.</summary>
    /// <exception cref="OctantException">there is no such name, or the value makes no sense</exception>
    public static GenerationOptions Set(GenerationOptions options, string name, string value)
    {
        double Number() => double.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number : throw new OctantException($"{name} must be a number, not {value}.");
        int Whole() => Number() is var number && number == Math.Floor(number) && Math.Abs(number) < int.MaxValue
            ? (int)number : throw new OctantException($"{name} must be a whole number, not {value}.");
        return (name.TrimStart('-').Replace('-', '_') switch
        {
            "max_tokens" => options with { MaxTokens = Whole() },
            "temperature" => options with { Temperature = Number() },
            "top_k" => options with { TopK = Whole() },
            "top_p" => options with { TopP = Number() },
            "min_p" => options with { MinP = Number() },
            "typical_p" => options with { TypicalP = Number() },
            "epsilon_cutoff" => options with { EpsilonCutoff = Number() },
            "eta_cutoff" => options with { EtaCutoff = Number() },
            "repetition_penalty" => options with { RepetitionPenalty = Number() },
            "no_repeat_ngram_size" => options with { NoRepeatNgramSize = Whole() },
            "frequency_penalty" => options with { FrequencyPenalty = Number() },
            "presence_penalty" => options with { PresencePenalty = Number() },
            "seed" => options with { Seed = Whole() },
            "stop" => options with { StopStrings = [value] },
            _ => throw new OctantException(
                $"There is no setting {name}; there are max_tokens, temperature, top_k, top_p, min_p, typical_p, epsilon_cutoff, eta_cutoff, " +
                "repetition_penalty, no_repeat_ngram_size, frequency_penalty, presence_penalty, seed and stop."),
        }).Check();
    }

    static Option<T> Number<T>(string name, string description, params string[] aliases) => new(name, aliases) { Description = description };
}
