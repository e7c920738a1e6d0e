namespace Octant.Tokenizers;

/// <summary>The expressions by which well-known families of models cut text into words, as their tokenizer.json have them.</summary>
static class WordPatterns
{
    public const string Contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    public const string Clip = @"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";
    public const string Spaces = @"\s*[\r\n]+|\s+(?!\S)|\s+";
    public const string Llama3 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Spaces;
    public const string Qwen2 = Contractions + @"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|" + Spaces;
    public const string Qwen35 = Contractions + @"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|" + Spaces;
    public const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    public const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    public const string Lead = @"[^\r\n\p{L}\p{N}]?";
    public const string Gpt4o = Lead + Upper + "*" + Lower + "+" + Contractions + "?|"
        + Lead + Upper + "+" + Lower + "*" + Contractions + @"?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|" + Spaces;
}
