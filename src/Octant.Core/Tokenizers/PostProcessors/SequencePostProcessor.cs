namespace Octant.Tokenizers.PostProcessors;

/// <summary>Several, one after the other.</summary>
sealed class SequencePostProcessor(IReadOnlyList<PostProcessor> processors) : PostProcessor
{
    public override int Added(bool pair) => processors.Sum(processor => processor.Added(pair));

    public override IReadOnlyList<EncodingPart> Apply(IReadOnlyList<EncodingPart> parts, bool addSpecialTokens)
    {
        foreach (var processor in processors) parts = processor.Apply(parts, addSpecialTokens);
        return parts;
    }

    /// <summary>That of the only one that has any: what a second one does hangs on the parts that the first one made.</summary>
    public override (int[] Before, int[] After)? Frame
    {
        get
        {
            var (before, after) = (Array.Empty<int>(), Array.Empty<int>());
            foreach (var processor in processors)
            {
                if (processor.Frame is not { } frame) return null;
                if (frame is ([], [])) continue;
                if (before.Length + after.Length > 0) return null;
                (before, after) = frame;
            }
            return (before, after);
        }
    }
}
