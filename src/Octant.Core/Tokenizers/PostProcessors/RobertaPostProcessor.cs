namespace Octant.Tokenizers.PostProcessors;

/// <summary>&lt;s&gt; A &lt;/s&gt;&lt;/s&gt; B &lt;/s&gt;, all of type 0.</summary>
sealed class RobertaPostProcessor(EncodedToken start, EncodedToken separator, bool trimsOffsets, bool addedPrefixSpace)
    : PostProcessor
{
    public override int Added(bool pair) => pair ? 4 : 2;

    public override (int[] Before, int[] After)? Frame => ([start.Id], [separator.Id]);

    public override IReadOnlyList<EncodingPart> Apply(IReadOnlyList<EncodingPart> parts, bool addSpecialTokens)
    {
        if (trimsOffsets) parts = [.. parts.Select(part => ByteLevelPostProcessor.Trim(part, addedPrefixSpace))];
        parts = [.. parts.Select(part => part.Select(token => token with { TypeId = 0 }))];
        return addSpecialTokens ? [.. parts.Select(Surround)] : parts;
    }

    EncodingPart Surround(EncodingPart part, int i) =>
        AsText(part).SelectAll(tokens => [i == 0 ? start : separator, .. tokens, separator]);
}
