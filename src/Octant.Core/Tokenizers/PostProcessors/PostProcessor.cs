namespace Octant.Tokenizers.PostProcessors;

/// <summary>Puts special tokens around texts: the "post_processor" of a tokenizer.json.</summary>
abstract class PostProcessor
{
    /// <summary>How many tokens it adds to one text, or to two.</summary>
    public abstract int Added(bool pair);

    /// <summary>The parts of the result, from one part for each text.</summary>
    public abstract IReadOnlyList<EncodingPart> Apply(IReadOnlyList<EncodingPart> parts, bool addSpecialTokens);

    /// <summary>The ids that it puts before and after a single text; null where it does anything else.</summary>
    public abstract (int[] Before, int[] After)? Frame { get; }

    public static PostProcessor Read(JsonPart part) => part.Type switch
    {
        "ByteLevel" => new ByteLevelPostProcessor(part.Flag("add_prefix_space", true), part.Flag("trim_offsets", true)),
        "BertProcessing" => new BertPostProcessor(SpecialToken(part["cls"]), SpecialToken(part["sep"])),
        "RobertaProcessing" => new RobertaPostProcessor(SpecialToken(part["cls"]), SpecialToken(part["sep"]),
            part.Flag("trim_offsets", true), part.Flag("add_prefix_space", true)),
        "TemplateProcessing" => TemplatePostProcessor.From(part),
        "Sequence" => new SequencePostProcessor([.. part["processors"].Items().Select(Read)]),
        _ => throw part.Unknown("the post-processor"),
    };

    /// <summary>What is surrounded counts as a text, also where an earlier one of several put tokens around it.</summary>
    protected static EncodingPart AsText(EncodingPart part) => part.Select(token => token with { Special = false });

    /// <summary>["token", id]</summary>
    static EncodedToken SpecialToken(JsonPart part) =>
        part.Items().ToList() is [var token, var id] ? EncodedToken.Framing(id.Number(), token.Text())
        : throw part.Wrong("is not [token, id]");
}
