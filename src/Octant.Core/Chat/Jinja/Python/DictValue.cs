using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Octant.Chat.Jinja.Python;

/// <summary>A dictionary in the order of its insertions; 1, 1.0 and True are one key, as in Python.</summary>
sealed class DictValue : IEnumerable<KeyValuePair<object?, object?>>
{
    // A key of a dictionary in .NET cannot be null.
    static readonly object None = new();
    readonly OrderedDictionary<object, object?> entries = new(KeyEquality.Instance);

    public int Count => entries.Count;

    public IEnumerable<object?> Keys => entries.Keys.Select(object? (key) => ReferenceEquals(key, None) ? null : key);

    public object? this[object? key] { set => entries[Key(key)] = value; }

    public bool TryGet(object? key, out object? value) => entries.TryGetValue(Key(key), out value);

    public bool Contains(object? key) => entries.ContainsKey(Key(key));

    public static DictValue Of(IEnumerable<KeyValuePair<object?, object?>> pairs)
    {
        var dict = new DictValue();
        foreach (var (key, value) in pairs) dict[key] = value;
        return dict;
    }

    public IEnumerator<KeyValuePair<object?, object?>> GetEnumerator()
    {
        foreach (var (key, value) in entries) yield return new(ReferenceEquals(key, None) ? null : key, value);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A value in the form in which it can be a key, or an error for what cannot.</summary>
    public static object Key(object? key)
    {
        var left = 1000;
        return Check(key, ref left);
    }

    static object Check(object? key, ref int left)
    {
        // Tuples share their parts, so that a small one can be exponentially large to walk.
        if (--left < 0) throw new PythonError(TemplateErrorKind.Limit, "a tuple is too large to be a key");
        switch (key)
        {
            case null: return None;
            case Markup markup: return markup.Text;
            case TupleValue tuple:
                foreach (var item in tuple.Items) Check(item, ref left);
                return tuple;
            case ListValue or DictValue or DictView { Kind: not "values" }: throw PythonError.Type($"unhashable type: '{PythonText.TypeName(key)}'");
            default: return key;
        }
    }

    sealed class KeyEquality : IEqualityComparer<object>
    {
        public static readonly KeyEquality Instance = new();

        public new bool Equals(object? a, object? b) => (a, b) switch
        {
            (string x, string y) => x == y,
            (TupleValue x, TupleValue y) =>
                x.Items.Length == y.Items.Length && x.Items.Zip(y.Items).All(p => Equals(p.First, p.Second)),
            (Undefined, Undefined) => true,
            _ when Number.Is(a) && Number.Is(b) => Number.Compare(a, b) == 0,
            _ => ReferenceEquals(a, b),
        };

        public int GetHashCode([DisallowNull] object key) => key switch
        {
            string text => text.GetHashCode(StringComparison.Ordinal),
            bool yes => (yes ? 1.0 : 0.0).GetHashCode(),
            long whole => ((double)whole).GetHashCode(),
            BigInteger whole => ((double)whole).GetHashCode(),
            double real => (real == 0 ? 0.0 : real).GetHashCode(),
            TupleValue tuple => tuple.Items.Aggregate(17, (hash, item) =>
                HashCode.Combine(hash, item is null ? 0 : GetHashCode(item))),
            Undefined => 1,
            _ => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key),
        };
    }
}
