namespace Octant.Data.Cleaning;

/// <summary>What cleaning and deduplication did to the documents that went through; counts rise as these are read.</summary>
public sealed class CleaningReport
{
    /// <summary>Documents that came in.</summary>
    public long Read { get; internal set; }

    /// <summary>Documents whose text was changed.</summary>
    public long Changed { get; internal set; }

    /// <summary>Characters (UTF-16) that they have fewer than before.</summary>
    public long CharactersRemoved { get; internal set; }

    /// <summary>Documents left out since they are too short.</summary>
    public long TooShort { get; internal set; }

    /// <summary>Documents left out since the same text came before.</summary>
    public long ExactDuplicates { get; internal set; }

    /// <summary>Documents left out since nearly the same text came before.</summary>
    public long NearDuplicates { get; internal set; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Read} documents: {Changed} changed ({CharactersRemoved} characters fewer), {TooShort} too short, {ExactDuplicates} duplicates, {NearDuplicates} near duplicates";
}
