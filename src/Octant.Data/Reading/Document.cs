namespace Octant.Data.Reading;

/// <summary>A text that stands for itself: what comes before and after it in a file is another.</summary>
/// <param name="Text">all of it</param>
/// <param name="Origin">the file, and the line where it begins unless that is the first</param>
public sealed record Document(string Text, string Origin);
