using System.Text.Json;
using Octant.Tokenizers.RegularExpressions;
using Octant.Tokenizers.Unicode;

namespace Octant.Tokenizers.PreTokenizers;

/// <summary>
/// Cuts a text into words, within which a model then finds its tokens: the "pre_tokenizer" of a tokenizer.json.
/// </summary>
public abstract class PreTokenizer
{
    private protected PreTokenizer()
    {
    }

    /// <summary>Reads a pre-tokenizer as it stands in tokenizer.json.</summary>
    /// <exception cref="TokenizerException">It is wrong, or of a kind that is not supported.</exception>
    public static PreTokenizer Parse(JsonElement json) => Read(new JsonPart(json, "pre_tokenizer"));

    /// <summary>The words of a text, each with the code points of the text that it comes from.</summary>
    public IReadOnlyList<(string Word, int Start, int End)> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new Words();
        words.Reset(AlignedText.Of(Surrogates.Mend(text), tracks: true));
        Apply(words);
        return [.. words.Stretches
            .Select(word => (new string(words.Text[word]), words.Text.Original(word).Start, words.Text.Original(word).End))];
    }

    internal abstract void Apply(Words words);

    /// <summary>Whether the result depends on where a word stands in the original text.</summary>
    internal virtual bool NeedsOffsets => false;

    /// <summary>The same without the rewriting of bytes as characters at its end; null where there is none.</summary>
    internal virtual PreTokenizer? WithoutByteCharacters() => null;

    internal static PreTokenizer Read(JsonPart part) => part.Type switch
    {
        "ByteLevel" => new ByteLevelPreTokenizer(part.Flag("add_prefix_space", true), part.Flag("use_regex", true),
            asCharacters: true),
        "Split" => new SplitPreTokenizer(TextPattern.Read(part["pattern"]), part.Choice("behavior", SplitBehavior.Isolated),
            part.Flag("invert", false)),
        "Metaspace" => MetaspacePreTokenizer.From(part),
        // Here the reference asks Rust's regex instead of Oniguruma.
        "Whitespace" => new SplitPreTokenizer(
            new TextPattern.Expression(new CodePointRegex(@"\w+|[^\w\s]+", RegexDialect.Fancy)), SplitBehavior.Removed, invert: true),
        "WhitespaceSplit" => Spaces,
        "Digits" => new SplitPreTokenizer(new TextPattern.Characters(ReferenceClasses.IsNumeric),
            part.Flag("individual_digits", false) ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
        "Punctuation" => new SplitPreTokenizer(punctuation, part.Choice("behavior", SplitBehavior.Isolated)),
        "CharDelimiterSplit" => new SplitPreTokenizer(new TextPattern.Literal(part["delimiter"].Text()), SplitBehavior.Removed),
        "BertPreTokenizer" => Bert,
        "UnicodeScripts" => new ScriptsPreTokenizer(),
        "FixedLength" => new FixedLengthPreTokenizer(part.Number("length", 5) is > 0 and var length ? length
            : throw part["length"].Wrong("is 0")),
        "Sequence" => new SequencePreTokenizer([.. part["pretokenizers"].Items().Select(Read)]),
        _ => throw part.Unknown("the pre-tokenizer"),
    };

    static readonly TextPattern punctuation = new TextPattern.Characters(ReferenceClasses.Punctuation.Contains);

    /// <summary>Words between spaces, which go.</summary>
    internal static PreTokenizer Spaces { get; } = new SplitPreTokenizer(new TextPattern.Characters(CharacterClasses.IsSpace), SplitBehavior.Removed);

    /// <summary>BERT's: words between spaces, each sign for itself.</summary>
    internal static PreTokenizer Bert { get; } = new SequencePreTokenizer([Spaces, new SplitPreTokenizer(punctuation, SplitBehavior.Isolated)]);
}
