using System.Text.Json;

namespace Octant.Tokenizers.Normalizers;

/// <summary>Rewrites a text before it is cut into words: the "normalizer" of a tokenizer.json.</summary>
public abstract class Normalizer
{
    private protected Normalizer()
    {
    }

    /// <summary>Reads a normalizer as it stands in tokenizer.json.</summary>
    /// <exception cref="TokenizerException">It is wrong, or of a kind that is not supported.</exception>
    public static Normalizer Parse(JsonElement json) => Read(new JsonPart(json, "normalizer"));

    /// <summary>The normalised text. Half surrogate pairs become U+FFFD.</summary>
    public string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new string(Apply(AlignedText.Of(Surrogates.Mend(text), tracks: false)).Span);
    }

    internal abstract AlignedText Apply(AlignedText text);

    internal static Normalizer Read(JsonPart part) => part.Type switch
    {
        "NFC" => new UnicodeNormalizer(Unicode.NormalForm.C),
        "NFD" => new UnicodeNormalizer(Unicode.NormalForm.D),
        "NFKC" => new UnicodeNormalizer(Unicode.NormalForm.KC),
        "NFKD" => new UnicodeNormalizer(Unicode.NormalForm.KD),
        "Lowercase" => new LowercaseNormalizer(),
        "Strip" => new StripNormalizer(part.Flag("strip_left", true), part.Flag("strip_right", true)),
        "StripAccents" => new StripAccentsNormalizer(),
        "Nmt" => new NmtNormalizer(),
        "BertNormalizer" => BertNormalizer.From(part),
        "Prepend" => new PrependNormalizer(part["prepend"].Text()),
        "Replace" => new ReplaceNormalizer(TextPattern.Read(part["pattern"]), part["content"].Text()),
        "Precompiled" => PrecompiledNormalizer.From(part),
        "ByteLevel" => new ByteLevelNormalizer(),
        "Sequence" => new SequenceNormalizer([.. part["normalizers"].Items().Select(Read)]),
        _ => throw part.Unknown("the normalizer"),
    };
}
