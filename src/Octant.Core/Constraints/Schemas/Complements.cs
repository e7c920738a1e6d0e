using Octant.Constraints.Languages;

namespace Octant.Constraints.Schemas;

/// <summary>What a shape does not allow, where that can be said with shapes again.</summary>
static class Complements
{
    /// <param name="shape">the shape</param>
    /// <param name="not">the term that is true of what another is not</param>
    /// <returns>null where it cannot be said</returns>
    public static Shape? Of(Shape shape, Func<Term, Term> not)
    {
        if (Arrays(shape.Arrays) is not { } arrays || Objects(shape.Objects, not) is not { } objects) return null;
        return new(!shape.Null, !shape.True, !shape.False, Numbers.All.Except(shape.Numbers), shape.Strings.Complement(), arrays, objects);
    }

    /// <summary>Outside of all alternatives: those outside of each that have something in common.</summary>
    static IReadOnlyList<ArrayShape>? Arrays(IReadOnlyList<ArrayShape> alternatives)
    {
        IReadOnlyList<ArrayShape> rest = [ArrayShape.Any];
        foreach (var shape in alternatives)
        {
            if (Outside(shape) is not { } outside) return null;
            rest = Shape.Checked(from a in rest from b in outside let both = a.And(b) where both is not null select both);
        }
        return rest;
    }

    static List<ArrayShape>? Outside(ArrayShape shape)
    {
        if (shape.IsSet || shape.Others != Term.True || shape.Contains.Count > 0 || shape.Prefix.Any(term => term != Term.True)) return null;
        List<ArrayShape> outside = [];
        if (shape.Least > 0) outside.Add(ArrayShape.Any with { Most = shape.Least - 1 });
        if (shape.Most is { } most) outside.Add(ArrayShape.Any with { Least = most + 1 });
        return outside;
    }

    static IReadOnlyList<ObjectShape>? Objects(IReadOnlyList<ObjectShape> alternatives, Func<Term, Term> not)
    {
        IReadOnlyList<ObjectShape> rest = [ObjectShape.Any];
        foreach (var shape in alternatives)
        {
            if (Outside(shape, not) is not { } outside) return null;
            rest = Shape.Checked(from a in rest from b in outside let both = a.And(b) where both is not null select both);
        }
        return rest;
    }

    /// <summary>A required key is absent, or a key's value is none of its schema, or there are too few keys or too many.</summary>
    static List<ObjectShape>? Outside(ObjectShape shape, Func<Term, Term> not)
    {
        var named = Language.Of(shape.Properties.Select(property => property.Name));
        var free = shape.Others.Where(other => other.Value == Term.True).Aggregate(named, (keys, other) => keys.Union(other.Keys));
        if (!free.Complement().IsNothing) return null;
        List<ObjectShape> outside = [];
        foreach (var property in shape.Properties)
        {
            if (property.IsRequired) outside.Add(With(property.Name, Term.False, isRequired: false));
            if (property.Value != Term.True) outside.Add(With(property.Name, property.Value == Term.False ? Term.True : not(property.Value), isRequired: true));
        }
        if (shape.Least > 0) outside.Add(ObjectShape.Any with { Most = shape.Least - 1 });
        if (shape.Most is { } most) outside.Add(ObjectShape.Any with { Least = most + 1 });
        return outside;
    }

    static ObjectShape With(string name, Term value, bool isRequired) =>
        new([new(name, value, isRequired)], [(Language.Of([name]).Complement(), Term.True)], 0, null);
}
