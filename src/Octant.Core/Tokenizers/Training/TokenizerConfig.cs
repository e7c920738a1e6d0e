namespace Octant.Tokenizers.Training;

/// <summary>What tokenizer_config.json says beyond tokenizer.json.</summary>
/// <param name="Bos">the token that begins a text</param>
/// <param name="Eos">the token that ends it</param>
/// <param name="Pad">the token that fills rows up</param>
/// <param name="Unk">the token for what the vocabulary cannot say</param>
/// <param name="ModelMaxLength">how many tokens the model sees at once</param>
/// <param name="ChatTemplate">how messages become text, as a Jinja template</param>
public sealed record TokenizerConfig(string? Bos = null, string? Eos = null, string? Pad = null, string? Unk = null,
    int? ModelMaxLength = null, string? ChatTemplate = null)
{
    /// <summary>The content of a tokenizer_config.json.</summary>
    /// <param name="tokenizer">whose tokens these are</param>
    /// <exception cref="TokenizerException">a token is none of the vocabulary</exception>
    public string ToJson(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return TokenizerJson.Text(json =>
        {
            json.WriteStartObject();
            WriteToken("bos_token", Bos);
            WriteToken("eos_token", Eos);
            WriteToken("pad_token", Pad);
            WriteToken("unk_token", Unk);
            if (ModelMaxLength is { } length) json.WriteNumber("model_max_length", length);
            // Transformers would else take spaces away before punctuation.
            json.WriteBoolean("clean_up_tokenization_spaces", false);
            if (ChatTemplate is not null) json.WriteString("chat_template", ChatTemplate);
            json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
            json.WriteEndObject();

            void WriteToken(string key, string? token)
            {
                if (token is null) return;
                if (tokenizer.IdOf(token) is null)
                    throw new TokenizerException($"{key} is \"{token}\", which is none of the vocabulary: name it among the special tokens.");
                json.WriteString(key, token);
            }
        });
    }
}
