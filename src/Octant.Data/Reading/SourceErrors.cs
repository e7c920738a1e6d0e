namespace Octant.Data.Reading;

/// <summary>What the file system or gzip refuse becomes an error that names the source.</summary>
static class SourceErrors
{
    public static T Guard<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException error)
        {
            throw new DatasetException($"{name} is damaged: it begins like gzip, but cannot be unpacked ({error.Message})", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DatasetException($"{name} cannot be read: {error.Message}", error);
        }
    }
}
