using Octant.Formats;

namespace Octant.Core.Tests;

public sealed class SafetensorsFileTests
{
    [Fact]
    public void An_empty_file_is_refused_by_name()
    {
        var path = Path.GetTempFileName();
        var error = Assert.Throws<CheckpointException>(() => new SafetensorsFile(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }
}
