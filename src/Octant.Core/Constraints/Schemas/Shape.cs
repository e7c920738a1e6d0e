using Octant.Constraints.Languages;

namespace Octant.Constraints.Schemas;

/// <summary>All that must hold of a value: numbers of schemas, in order. Equal sets are equal.</summary>
sealed record Term(string Key)
{
    public static Term True { get; } = new("");

    /// <summary>Holds of nothing.</summary>
    public static Term False { get; } = new("-");

    public IEnumerable<int> Parts => Key.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(part => int.Parse(part, System.Globalization.CultureInfo.InvariantCulture));

    public static Term Of(params IEnumerable<int> parts) => new(string.Join(',', parts.Distinct().Order()));

    public Term And(Term other) => this == False || other == False ? False : this == True ? other : other == True ? this
        : Of(Parts.Concat(other.Parts));
}

/// <summary>Arrays whose items satisfy terms.</summary>
/// <param name="Prefix">the first items' terms</param>
/// <param name="Others">that of all others</param>
/// <param name="Least">how many there must be</param>
/// <param name="Most">and may be; null for any number</param>
/// <param name="Contains">of each term how many items must satisfy it</param>
sealed record ArrayShape(IReadOnlyList<Term> Prefix, Term Others, int Least, int? Most, IReadOnlyList<(Term Term, int Least)> Contains)
{
    public static ArrayShape Any { get; } = new([], Term.True, 0, null, []);

    /// <summary>Whether no value may come twice.</summary>
    public bool IsSet { get; init; }

    public bool IsAny => !IsSet && Prefix.All(term => term == Term.True) && Others == Term.True && Least == 0 && Most is null && Contains.Count == 0;

    public Term At(int place) => place < Prefix.Count ? Prefix[place] : Others;

    public ArrayShape? And(ArrayShape other)
    {
        var prefix = Enumerable.Range(0, Math.Max(Prefix.Count, other.Prefix.Count)).Select(i => At(i).And(other.At(i))).ToArray();
        var most = Most is null ? other.Most : other.Most is null ? Most : Math.Min(Most.Value, other.Most.Value);
        var least = Math.Max(Least, other.Least);
        return most < least ? null : new(prefix, Others.And(other.Others), least, most, [.. Contains, .. other.Contains]) { IsSet = IsSet || other.IsSet };
    }
}

/// <summary>A key that is named.</summary>
readonly record struct Property(string Name, Term Value, bool IsRequired);

/// <summary>Objects whose values satisfy terms.</summary>
/// <param name="Properties">in their order; one whose term is false must be absent</param>
/// <param name="Others">the keys that are not named, apart from each other, with the terms of their values; keys beyond must be absent</param>
/// <param name="Least">how many keys there must be</param>
/// <param name="Most">and may be; null for any number</param>
sealed record ObjectShape(IReadOnlyList<Property> Properties, IReadOnlyList<(Language Keys, Term Value)> Others, int Least, int? Most)
{
    public static ObjectShape Any { get; } = new([], [(Language.Anything, Term.True)], 0, null);

    public bool IsAny => Properties.Count == 0 && Least == 0 && Most is null && Others is [(var keys, { Key: "" })] && keys.Complement().IsNothing;

    public Term ValueOf(string name)
    {
        foreach (var property in Properties)
            if (property.Name == name) return property.Value;
        foreach (var (keys, value) in Others)
            if (keys.Contains(name)) return value;
        return Term.False;
    }

    bool Requires(string name) => Properties.Any(property => property.Name == name && property.IsRequired);

    public ObjectShape? And(ObjectShape other)
    {
        string[] names = [.. Properties.Concat(other.Properties).Select(property => property.Name).Distinct(StringComparer.Ordinal)];
        Property[] properties = [.. names.Select(name =>
            new Property(name, ValueOf(name).And(other.ValueOf(name)), Requires(name) || other.Requires(name)))];
        var named = Language.Of(names);
        var others = (from mine in Others
                      from theirs in other.Others
                      let keys = mine.Keys.Intersect(theirs.Keys).Except(named)
                      let value = mine.Value.And(theirs.Value)
                      where !keys.IsNothing && value != Term.False
                      select (keys, value)).ToArray();
        var most = Most is null ? other.Most : other.Most is null ? Most : Math.Min(Most.Value, other.Most.Value);
        var least = Math.Max(Least, other.Least);
        var isEmpty = most < least || properties.Any(property => property.IsRequired && property.Value == Term.False);
        return isEmpty ? null : new(properties, others, least, most);
    }
}

/// <summary>The values that a schema allows, by their types: any of them.</summary>
sealed record Shape(bool Null, bool True, bool False, Language Numbers, Texts Strings, IReadOnlyList<ArrayShape> Arrays,
    IReadOnlyList<ObjectShape> Objects)
{
    const int MostAlternatives = 512;

    public static Shape Nothing { get; } = new(false, false, false, Language.Nothing, Texts.Nothing, [], []);

    public static Shape Anything { get; } =
        new(true, true, true, Schemas.Numbers.All, Texts.Anything, [ArrayShape.Any], [ObjectShape.Any]);

    public Shape And(Shape other) => new(Null && other.Null, True && other.True, False && other.False,
        Numbers.Intersect(other.Numbers), Strings.Intersect(other.Strings),
        Checked(from a in Arrays from b in other.Arrays let both = a.And(b) where both is not null select both),
        Checked(from a in Objects from b in other.Objects let both = a.And(b) where both is not null select both));

    public Shape Or(Shape other) => new(Null || other.Null, True || other.True, False || other.False,
        Numbers.Union(other.Numbers), Strings.Union(other.Strings),
        Arrays.Any(shape => shape.IsAny) ? [ArrayShape.Any] : Checked(Arrays.Concat(other.Arrays)),
        Objects.Any(shape => shape.IsAny) ? [ObjectShape.Any] : Checked(Objects.Concat(other.Objects)));

    /// <summary>Alternatives, each once: what is combined from several is bounded.</summary>
    /// <exception cref="ConstraintException">there are too many</exception>
    public static T[] Checked<T>(IEnumerable<T> alternatives)
    {
        T[] all = [.. alternatives.Distinct().Take(MostAlternatives + 1)];
        return all.Length <= MostAlternatives ? all : throw new ConstraintException($"it has more than {MostAlternatives} alternatives of objects or arrays");
    }
}
