namespace Octant.Constraints.Languages;

/// <summary>Texts of a language whose lengths, in characters, lie within a range.</summary>
/// <param name="Language">the texts</param>
/// <param name="Least">the fewest characters</param>
/// <param name="Most">the most; null for any number</param>
sealed record SizedTexts(Language Language, int Least, int? Most)
{
    /// <summary>A least length up to which states are made of it: they cost less than a counter.</summary>
    const int FewStates = 8;

    /// <summary>Languages with more states are joined with their lengths: tables of a counter have a row for each.</summary>
    const int MostStates = 1_000;

    /// <summary>Whether lengths must be counted while a text is said.</summary>
    public bool IsCounted => Least > 0 || Most is not null;

    /// <summary>The texts without what their lengths say twice; null for none.</summary>
    public static SizedTexts? Of(Language language, int least, int? most)
    {
        if (language.IsNothing) return null;
        var (shortest, longest) = language.Lengths;
        if (least <= shortest) least = 0;
        if (longest <= most) most = null;
        if (longest < least || most < Math.Max(shortest, least)) return null;
        if (least == 0 && most is null) return new(language, 0, null);
        if (longest is not null || language.States > MostStates || most is null && least <= FewStates)
            return Of(language.Intersect(Language.OfLength(least, Lesser(most, longest))), 0, null);
        return language.HasLengthWithin(least, most) ? new(language, least, most) : null;
    }

    static int? Lesser(int? a, int? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);

    public SizedTexts? Intersect(SizedTexts other) =>
        Of(Language.Intersect(other.Language), Math.Max(Least, other.Least), Lesser(Most, other.Most));
}

/// <summary>
/// A set of texts: of several languages, each with a range of lengths. A language alone would have states for every length, ten thousand of them for a
/// bound that real schemas have; here they are one number. Immutable.
/// </summary>
sealed class Texts
{
    const int MostParts = 64;

    Texts(IReadOnlyList<SizedTexts> parts) => Parts = parts;

    public static Texts Nothing { get; } = new([]);

    public static Texts Anything { get; } = Of(Language.Anything);

    /// <summary>Languages with their lengths, which may have texts in common.</summary>
    public IReadOnlyList<SizedTexts> Parts { get; }

    public bool IsNothing => Parts.Count == 0;

    public static Texts Of(Language language) => OfLength(language, 0, null);

    public static Texts OfLength(Language language, int least, int? most) => SizedTexts.Of(language, least, most) is { } part ? new([part]) : Nothing;

    public Texts Intersect(Texts other) => Joined(from mine in Parts from theirs in other.Parts let both = mine.Intersect(theirs) where both is not null select both);

    public Texts Union(Texts other) => IsNothing ? other : other.IsNothing ? this : Joined(Parts.Concat(other.Parts));

    public Texts Except(Texts other) => IsNothing || other.IsNothing ? this : Intersect(other.Complement());

    /// <summary>What no part has: other texts, shorter ones, and longer ones.</summary>
    public Texts Complement() => Parts.Aggregate(Anything, (rest, part) => rest.Intersect(Outside(part)));

    static Texts Outside(SizedTexts part)
    {
        var outside = Of(part.Language.Complement());
        if (part.Least > 0) outside = outside.Union(OfLength(Language.Anything, 0, part.Least - 1));
        return part.Most is { } most && most < int.MaxValue ? outside.Union(OfLength(Language.Anything, most + 1, null)) : outside;
    }

    /// <summary>The set as one language, with states for all lengths.</summary>
    /// <exception cref="ConstraintException">it is too large</exception>
    public Language ToLanguage() => Parts.Aggregate(Language.Nothing, (all, part) =>
        all.Union(part.IsCounted ? part.Language.Intersect(Language.OfLength(part.Least, part.Most)) : part.Language));

    /// <summary>What is not counted as one language; of one language one range, where ranges touch.</summary>
    static Texts Joined(IEnumerable<SizedTexts> all)
    {
        var plain = Language.Nothing;
        var counted = new List<SizedTexts>();
        foreach (var part in all.OrderBy(part => part.Least))
            if (!part.IsCounted) plain = plain.Union(part.Language);
            else if (counted.FindIndex(known => Touch(known, part)) is >= 0 and var i) counted[i] = counted[i] with { Most = Longer(counted[i].Most, part.Most) };
            else counted.Add(part);
        if (counted.Count > MostParts) throw new ConstraintException($"it has more than {MostParts} alternatives of texts with lengths");
        return new([.. plain.IsNothing ? [] : new[] { new SizedTexts(plain, 0, null) }, .. counted.Select(part => SizedTexts.Of(part.Language, part.Least, part.Most)!)]);
    }

    static bool Touch(SizedTexts first, SizedTexts second) =>
        (first.Most is null || second.Least <= (long)first.Most + 1) && first.Language.SameAs(second.Language);

    static int? Longer(int? a, int? b) => a is null || b is null ? null : Math.Max(a.Value, b.Value);
}
