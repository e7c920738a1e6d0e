namespace Octant.Testing;

/// <summary>Where the sources lie, found from the place where the tests run. Part of every test project.</summary>
static class Repository
{
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    static string Find(DirectoryInfo? at) =>
        at is null ? throw new InvalidOperationException("No Octant.slnx above the tests.")
        : File.Exists(Path.Combine(at.FullName, "Octant.slnx")) ? at.FullName : Find(at.Parent);
}
