namespace Octant.Constraints.Schemas;

/// <summary>Whether nothing has a shape: known for sure, or taken not to be so.</summary>
static class Emptiness
{
    const int Deep = 6;

    public static bool IsEmpty(ArrayShape array, Func<Term, Shape?> shapeOf) => IsEmpty(array, shapeOf, Deep);

    public static bool IsEmpty(ObjectShape value, Func<Term, Shape?> shapeOf) => IsEmpty(value, shapeOf, Deep);

    static bool IsEmpty(ArrayShape array, Func<Term, Shape?> shapeOf, int depth) =>
        Enumerable.Range(0, Math.Min(array.Least, array.Prefix.Count + 1)).Any(i => IsEmpty(array.At(i), shapeOf, depth - 1));

    static bool IsEmpty(ObjectShape value, Func<Term, Shape?> shapeOf, int depth) =>
        value.Properties.Any(property => property.IsRequired && IsEmpty(property.Value, shapeOf, depth - 1));

    static bool IsEmpty(Term term, Func<Term, Shape?> shapeOf, int depth)
    {
        if (term == Term.False) return true;
        if (depth == 0 || term == Term.True) return false;
        if (shapeOf(term) is not { } shape) return false;
        return !shape.Null && !shape.True && !shape.False && shape.Numbers.IsNothing && shape.Strings.IsNothing
            && shape.Arrays.All(array => IsEmpty(array, shapeOf, depth)) && shape.Objects.All(value => IsEmpty(value, shapeOf, depth));
    }
}
