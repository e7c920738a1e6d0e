namespace Octant.Tokenizers.PostProcessors;

/// <summary>[CLS] A [SEP] B [SEP], the second text and its end of type 1.</summary>
sealed class BertPostProcessor(EncodedToken start, EncodedToken separator) : PostProcessor
{
    public override int Added(bool pair) => pair ? 3 : 2;

    public override (int[] Before, int[] After)? Frame => ([start.Id], [separator.Id]);

    public override IReadOnlyList<EncodingPart> Apply(IReadOnlyList<EncodingPart> parts, bool addSpecialTokens) =>
        addSpecialTokens ? [.. parts.Select(Surround)] : parts;

    EncodingPart Surround(EncodingPart part, int i) => AsText(part).SelectAll(tokens => i == 0
        ? [start, .. tokens, separator] : [.. tokens, separator with { TypeId = 1 }]);
}
