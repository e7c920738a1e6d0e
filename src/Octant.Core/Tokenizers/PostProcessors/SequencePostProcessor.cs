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

    public override (int[] Before, int[] After)? Frame
    {
        get
        {
            var (before, after) = (Array.Empty<int>(), Array.Empty<int>());
            foreach (var processor in processors)
            {
                if (processor.Frame is not { } frame) return null;
                (before, after) = ([.. frame.Before, .. before], [.. after, .. frame.After]);
            }
            return (before, after);
        }
    }
}
