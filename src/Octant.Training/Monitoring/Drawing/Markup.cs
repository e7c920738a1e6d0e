using System.Net;

namespace Octant.Training.Monitoring.Drawing;

/// <summary>Text within HTML and SVG.</summary>
static class Markup
{
    /// <summary>Text that means nothing but itself: samples of a byte-level model hold any character there is.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(string.Concat(text.Select(Allowed)));

    // XML 1.0 has no control characters and no halves of pairs but whole pairs (section 2.2); HtmlEncode minds the halves.
    static char Allowed(char character) =>
        char.IsControl(character) && character is not ('\n' or '\t') || character is '\uFFFE' or '\uFFFF' ? '\uFFFD' : character;
}
