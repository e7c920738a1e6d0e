using System.Reflection;
using System.Runtime.CompilerServices;

namespace Goldens;

/// <summary>
/// A test may make a tensor before it touches Octant.Models, whose module initialiser mends the loading of Torch's native
/// library: here it runs first.
/// </summary>
static class NativeTorch
{
#pragma warning disable CA2255 // A test assembly is the application here.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Prepare() => RuntimeHelpers.RunModuleConstructor(Assembly.Load("Octant.Models").ManifestModule.ModuleHandle);
}
