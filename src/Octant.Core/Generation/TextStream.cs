namespace Octant.Generation;

/// <summary>
/// Turns tokens into text as they come: never half a character, never a part of a stop string. What might become one is held
/// back until it is clear.
/// </summary>
/// <param name="decode">gives the text that a token completes; null while a character is incomplete</param>
/// <param name="flush">gives what is left at the end</param>
/// <param name="stopStrings">the text ends before the one of these that begins first</param>
public sealed class TextStream(Func<int, string?> decode, Func<string?> flush, IReadOnlyList<string>? stopStrings = null)
{
    readonly string[] stops = [.. stopStrings?.Where(stop => stop.Length > 0) ?? []];
    string held = "";

    /// <summary>Whether a stop string was reached.</summary>
    public bool Stopped { get; private set; }

    /// <summary>The text that is certain after one more token; often empty.</summary>
    public string Push(int id) => Release(decode(id), final: false);

    /// <summary>The text that was held back, when no token follows.</summary>
    public string Finish() => Release(flush(), final: true);

    string Release(string? piece, bool final)
    {
        if (Stopped) return "";
        held += piece;
        var stop = Markers.First(held, stops).At;
        var certain = final ? held.Length : held.Length - Markers.PossibleBeginning(held, stops);
        // Where a longer stop string may have begun earlier, that is waited for: the text must not depend on how tokens cut it.
        Stopped = stop >= 0 && stop <= certain;
        var end = Stopped ? stop : certain;
        var text = held[..end];
        held = Stopped ? "" : held[end..];
        return text;
    }
}
