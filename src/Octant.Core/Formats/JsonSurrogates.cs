using System.Globalization;

namespace Octant.Formats;

/// <summary>
/// Halves of surrogate pairs in JSON: .NET reads such a text, and fails only where the string is asked for, with an exception that no caller
/// expects.
/// </summary>
static class JsonSurrogates
{
    /// <summary>Whether a text has half a pair, as a character of its own or as an escape (\ud83d without what belongs behind it).</summary>
    public static bool HasHalf(ReadOnlySpan<char> json)
    {
        for (var at = 0; at < json.Length;)
        {
            var unit = Unit(json, at, out var width);
            at += width;
            if (!char.IsSurrogate(unit)) continue;
            if (char.IsLowSurrogate(unit) || at == json.Length || !char.IsLowSurrogate(Unit(json, at, out width))) return true;
            at += width;
        }
        return false;
    }

    /// <summary>The UTF-16 unit that stands or is escaped here; what is escaped otherwise is passed by, so that \\u is no escape.</summary>
    static char Unit(ReadOnlySpan<char> json, int at, out int width)
    {
        width = 1;
        if (json[at] != '\\' || at + 1 == json.Length) return json[at];
        width = 2;
        if (json[at + 1] != 'u' || json.Length < at + 6 || !ushort.TryParse(json.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
            return json[at + 1];
        width = 6;
        return (char)unit;
    }
}
