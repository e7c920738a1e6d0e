using System.Reflection;
using System.Runtime.CompilerServices;

// Dropout draws from libtorch's one generator, and memory is measured.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Octant.Training.Tests;

/// <summary>Tests make tensors before they touch Octant.Models, whose module initialiser mends the loading of the native library.</summary>
static class NativeTorch
{
#pragma warning disable CA2255 // A test assembly is the application here.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Prepare() => RuntimeHelpers.RunModuleConstructor(Assembly.Load("Octant.Models").ManifestModule.ModuleHandle);
}
