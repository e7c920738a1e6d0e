using Octant.Formats;

namespace Octant.Tokenizers;

/// <summary>Which tokens end a turn or a text, in a GGUF file's words: its keys eos, eot and eom, and what tokens are called.</summary>
public static class GgufEndTokens
{
    /// <summary>The key that says all, of files that Octant wrote.</summary>
    internal const string Key = "octant.end_token_ids";

    const int Control = 3;
    const string EndOfMessage = "<|eom_id|>";

    /// <summary>
    /// Control tokens that end a turn, by the names that models give them: most files do not say so (llama.cpp, src/llama-vocab.cpp,
    /// special_eog_ids).
    /// </summary>
    static readonly string[] names =
    [
        "<|eot_id|>", EndOfMessage, "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]",
        "<|return|>", "<|call|>", "<|calls|>", "<|flush|>", "</s>", "<eos>", "<turn|>", "<|tool_response>", "<end_of_utterance>", "<｜end▁of▁sentence｜>", "[e~[",
    ];

    /// <summary>The tokens with which generation ends: those of the keys, and those that are called so.</summary>
    /// <exception cref="TokenizerException">the vocabulary's parts do not fit together</exception>
    public static IReadOnlyList<int> Of(GgufVocabulary gguf)
    {
        gguf = GgufTokenizer.Checked(gguf);
        if (gguf.EndIds is { } all) return all;
        var said = new[] { GgufTokenizer.SpecialOf(gguf).Eos, gguf.EotId, gguf.EomId }.OfType<int>();
        var control = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (id, token) in gguf.Tokens.Index())
            if (gguf.TokenTypes?[id] == Control) control.TryAdd(token, id);
        return [.. said.Concat(Named(name => control.TryGetValue(name, out var id) ? id : null)).Distinct()];
    }

    /// <summary>
    /// Adds the keys of the tokens with which generation ends: each under its own name, else where there is room; and all under a key of our own where
    /// those and the names of tokens say anything else.
    /// </summary>
    /// <param name="keys">to which</param>
    /// <param name="tokenizer">whose tokens they are</param>
    /// <param name="ends">the tokens; none for a model that does not say</param>
    /// <param name="templateUsesEos">whether a chat template asks for the token that is called eos</param>
    public static void AddTo(GgufKeys keys, Tokenizer tokenizer, IReadOnlyCollection<int> ends, bool templateUsesEos)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(ends);
        if (ends.Count == 0) return;
        var eos = EosOf(tokenizer, ends, templateUsesEos);
        var rest = ends.Distinct().Where(id => id != eos).OrderBy(id => tokenizer.TokenOf(id) is { } token && names.Contains(token) ? 0 : 1).ToList();
        var eom = Take(rest, id => tokenizer.TokenOf(id) == EndOfMessage);
        var eot = Take(rest, _ => true);
        eom ??= Take(rest, _ => true);
        int?[] said = [eos, eot, eom, .. Named(name => tokenizer.IdOf(name) is { } id && tokenizer.IsSpecial(id) ? id : null)];
        if (!said.OfType<int>().ToHashSet().SetEquals(ends)) keys.Add(Key, [.. ends.Distinct()]);
        foreach (var (name, id) in (ReadOnlySpan<(string, int?)>)[("eos", eos), ("eot", eot), ("eom", eom)])
            if (id is { } known) keys.Add($"tokenizer.ggml.{name}_token_id", (uint)known);
    }

    /// <summary>The token that is called so, or another where nothing but the end of texts hangs on it.</summary>
    static int EosOf(Tokenizer tokenizer, IReadOnlyCollection<int> ends, bool templateUsesEos)
    {
        var behind = tokenizer.Frame?.After is [var only] ? only : (int?)null;
        return (tokenizer.SpecialTokens.Eos ?? behind) is { } eos && (ends.Contains(eos) || behind is not null || templateUsesEos) ? eos : ends.First();
    }

    static int? Take(List<int> ids, Predicate<int> which)
    {
        var at = ids.FindIndex(which);
        if (at < 0) return null;
        var id = ids[at];
        ids.RemoveAt(at);
        return id;
    }

    /// <summary>
    /// Those that are called so. Where a model has other ends for its answers and its calls of tools, &lt;|end|&gt; ends but a part of an answer (gpt-oss,
    /// Solar), and Gemma 4's &lt;/s&gt; is HTML.
    /// </summary>
    static IEnumerable<int> Named(Func<string, int?> find)
    {
        var calls = find("<|call|>") ?? find("<|calls|>");
        var isPart = calls is not null && (find("<|return|>") ?? find("<|flush|>")) is not null;
        var isHtml = find("<|tool_response>") is not null;
        return names.Where(name => !(name == "<|end|>" && isPart || name == "</s>" && isHtml)).Select(find).OfType<int>();
    }
}
