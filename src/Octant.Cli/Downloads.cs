namespace Octant.Cli;

static class Downloads
{
    public static Task<string> Locate(string name, CancellationToken _) => Task.FromResult(name);
}
