namespace Octant.Hub;

/// <summary>Temporary.</summary>
public static class ModelHub
{
    /// <summary>Temporary.</summary>
    public static IEnumerable<CachedModel> Cached() => [];
}
/// <summary>Temporary.</summary>
public sealed record CachedModel(string Name, string Revision, long Size, string Path);
