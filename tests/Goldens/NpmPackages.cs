using System.ComponentModel;
using System.Diagnostics;
using Octant.Testing;

namespace Goldens;

/// <summary>
/// Files of npm packages that goldens name but do not carry. They are fetched, without running anything of theirs, into artifacts/npm where
/// OCTANT_FETCH is set, as tests/verify does; the tests themselves fetch nothing.
/// </summary>
static class NpmPackages
{
    static readonly Lock gate = new();

    /// <summary>A file of a package; null where it is not there and cannot be fetched.</summary>
    public static string? Find(string package, string version, string file)
    {
        lock (gate)
        {
            var folder = Path.Combine(Repository.Root, "artifacts/npm", $"{package.Replace('/', '+')}@{version}");
            var path = Path.Combine(folder, "node_modules", package, file);
            if (!File.Exists(path) && Environment.GetEnvironmentVariable("OCTANT_FETCH") is { Length: > 0 }) Fetch(folder, $"{package}@{version}");
            return File.Exists(path) ? path : null;
        }
    }

    static void Fetch(string folder, string package)
    {
        Directory.CreateDirectory(folder);
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--prefix", folder, package])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            npm.OutputDataReceived += (_, _) => { };
            npm.ErrorDataReceived += (_, _) => { };
            npm.BeginOutputReadLine();
            npm.BeginErrorReadLine();
            npm.WaitForExit();
        }
        catch (Win32Exception)
        {
            // There is no npm: the golden is skipped, and says so.
        }
    }
}
