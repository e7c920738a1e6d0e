namespace Octant.Tokenizers.Unicode;

/// <summary>A sparse map from code points to values: pages of 256, most of them absent.</summary>
sealed class PageTable<T> where T : struct
{
    readonly T[]?[] pages = new T[]?[0x1100];

    public T this[int codePoint]
    {
        get => pages[codePoint >> 8] is { } page ? page[codePoint & 255] : default;
        set => (pages[codePoint >> 8] ??= new T[256])[codePoint & 255] = value;
    }
}
