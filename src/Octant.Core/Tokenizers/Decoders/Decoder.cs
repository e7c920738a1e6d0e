using System.Text.Json;
using Octant.Tokenizers.PreTokenizers;

namespace Octant.Tokenizers.Decoders;

/// <summary>Turns tokens back into text: the "decoder" of a tokenizer.json.</summary>
public abstract class Decoder
{
    private protected Decoder()
    {
    }

    /// <summary>Reads a decoder as it stands in tokenizer.json.</summary>
    /// <exception cref="TokenizerException">It is wrong, or of a kind that is not supported.</exception>
    public static Decoder Parse(JsonElement json) => Read(new JsonPart(json, "decoder"));

    /// <summary>The text of tokens.</summary>
    public string Decode(IReadOnlyList<string> tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return string.Concat(Apply([.. tokens]));
    }

    /// <summary>The tokens after this decoder; what is left at the end is joined.</summary>
    internal abstract List<string> Apply(List<string> tokens);

    internal static Decoder Read(JsonPart part) => part.Type switch
    {
        "ByteLevel" => new ByteLevelDecoder(),
        "ByteFallback" => new ByteFallbackDecoder(),
        "Fuse" => new FuseDecoder(),
        "Metaspace" => new MetaspaceDecoder(MetaspacePreTokenizer.ReplacementOf(part), MetaspacePreTokenizer.SchemeOf(part)),
        "Replace" => new ReplaceDecoder(TextPattern.Read(part["pattern"]), part["content"].Text()),
        "Strip" => new StripDecoder(part["content"].Text(), part["start"].Number(), part["stop"].Number()),
        "BPEDecoder" => new SuffixDecoder(part["suffix"].Text()),
        "WordPiece" => new WordPieceDecoder(part["prefix"].Text(), part.Flag("cleanup", true)),
        "CTC" => new CtcDecoder(part["pad_token"].Text(), part["word_delimiter_token"].Text(), part.Flag("cleanup", true)),
        "Sequence" => new SequenceDecoder(part["decoders"].Items().Select(Read)),
        _ => throw part.Unknown("the decoder"),
    };
}
