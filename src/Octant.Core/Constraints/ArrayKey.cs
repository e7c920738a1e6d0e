namespace Octant.Constraints;

/// <summary>An array as a key: equal where all its elements are.</summary>
readonly struct ArrayKey<T>(T[] items) : IEquatable<ArrayKey<T>>
    where T : IEquatable<T>
{
    readonly T[] items = items;

    public bool Equals(ArrayKey<T> other) => items.AsSpan().SequenceEqual(other.items);

    public override bool Equals(object? obj) => obj is ArrayKey<T> other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in items) hash.Add(item);
        return hash.ToHashCode();
    }
}
