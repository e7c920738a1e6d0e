namespace Goldens;

/// <summary>Some of a golden's files in a folder of their own, which goes when it is disposed of.</summary>
sealed class Copy : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("octant-golden-").FullName;

    public static Copy Of(Golden golden, params IEnumerable<string> files)
    {
        var copy = new Copy();
        foreach (var file in files) File.Copy(golden.PathOf(file), Path.Combine(copy.Folder, file));
        return copy;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
