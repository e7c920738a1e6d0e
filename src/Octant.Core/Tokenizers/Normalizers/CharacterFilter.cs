namespace Octant.Tokenizers.Normalizers;

/// <summary>Drops characters of a text.</summary>
static class CharacterFilter
{
    public static AlignedText Keep(AlignedText text, Func<int, bool> keeps)
    {
        var result = new List<(int CodePoint, int Change)>(text.Length);
        var (removed, atStart) = (0, 0);
        foreach (var c in text.CodePoints())
        {
            if (!keeps(c))
            {
                removed++;
                continue;
            }
            if (result.Count == 0) atStart = removed;
            else result[^1] = (result[^1].CodePoint, -removed);
            result.Add((c, 0));
            removed = 0;
        }
        return text.Transform(result, atStart);
    }

    public static AlignedText Map(AlignedText text, Func<int, int> map) =>
        text.Transform([.. text.CodePoints().Select(c => (map(c), 0))]);
}
