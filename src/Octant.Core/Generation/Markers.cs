namespace Octant.Generation;

/// <summary>Finds texts that mean something in a text that comes in pieces.</summary>
static class Markers
{
    /// <summary>The marker that begins first; of several at one place the longest. At -1 there is none.</summary>
    public static (int At, string? Marker) First(string text, IReadOnlyList<string> markers)
    {
        var (first, found) = (-1, (string?)null);
        foreach (var marker in markers)
            if (marker.Length > 0 && text.IndexOf(marker, StringComparison.Ordinal) is var at and >= 0
                && (first < 0 || at < first || at == first && marker.Length > found!.Length)) (first, found) = (at, marker);
        return (first, found);
    }

    /// <summary>Length of the longest end of the text with which a marker begins.</summary>
    public static int PossibleBeginning(string text, IReadOnlyList<string> markers)
    {
        var longest = 0;
        foreach (var marker in markers)
            for (var length = Math.Min(marker.Length - 1, text.Length); length > longest; length--)
                if (text.AsSpan(text.Length - length).SequenceEqual(marker.AsSpan(0, length))) longest = length;
        return longest;
    }
}
