using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Octant.Hub;

/// <summary>
/// Fetches a file's content into the cache: beside its place under a lock, resumed where an earlier attempt ended, checked against its
/// etag, and renamed when it is whole.
/// </summary>
sealed class FileDownload(HubClient client, HubSettings settings, HubCache cache, ProgressMeter meter)
{
    /// <summary>Lets a snapshot have a file.</summary>
    public async Task Fetch(ModelName name, string commit, RemoteFile file, CancellationToken cancellation)
    {
        meter.Begin(file.Name, file.Size);
        using (await cache.Lock(file.Etag, cancellation))
        {
            var blob = new FileInfo(cache.Blob(file.Etag));
            if (blob.Exists && blob.Length == file.Size) meter.Skip(file.Size);
            else await FetchBlob(name, commit, file, cancellation);
            cache.Link(commit, file.Name, file.Etag);
        }
        meter.End();
    }

    async Task FetchBlob(ModelName name, string commit, RemoteFile file, CancellationToken cancellation)
    {
        var blob = cache.Blob(file.Etag);
        var partial = $"{blob}.incomplete";
        for (var again = false; ; again = true)
        {
            var resumed = new FileInfo(partial) is { Exists: true, Length: > 0 };
            await FetchPartial(name, commit, file, partial, cancellation);
            if (await IsWhole(partial, file, cancellation)) break;
            // What an earlier attempt left may be to blame: then all of it once more.
            meter.Skip(-new FileInfo(partial).Length);
            File.Delete(partial);
            if (again || !resumed)
                throw new HubException($"{file.Name} of {name} came damaged (its checksum is not that of the hub) and was removed: try again; if it stays so, a proxy changes it.");
        }
        File.Move(partial, blob, overwrite: true);
    }

    async Task FetchPartial(ModelName name, string commit, RemoteFile file, string partial, CancellationToken cancellation)
    {
        if (new FileInfo(partial) is { Exists: true } left && left.Length > file.Size) File.Delete(partial);
        using var output = new FileStream(partial, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        output.Seek(0, SeekOrigin.End);
        meter.Skip(output.Length);
        CheckSpace(partial, file, file.Size - output.Length);
        for (var failures = 0; output.Length < file.Size;)
        {
            var before = output.Length;
            try
            {
                using var response = await client.Get(name, commit, file.Name, before, cancellation);
                await Copy(response, output, file, cancellation);
            }
            catch (Exception error) when (HubClient.IsBroken(error, cancellation))
            {
                // As long as something comes, a bad connection gets on.
                failures = output.Length > before ? 1 : failures + 1;
                if (failures > settings.Retries)
                    throw new HubException($"The connection broke while {file.Name} of {name} came ({HubClient.Reason(error)}): try again, it goes on at {output.Length:N0} of {file.Size:N0} bytes.", error);
                await client.Pause(failures - 1, HubClient.Reason(error), cancellation);
            }
        }
    }

    async Task Copy(HttpResponseMessage response, FileStream output, RemoteFile file, CancellationToken cancellation)
    {
        if (response.StatusCode != HttpStatusCode.PartialContent
            || response.Content.Headers.ContentRange?.From != output.Length)
        {
            // The server does not go on where we are: from the beginning.
            meter.Skip(-output.Length);
            output.SetLength(0);
            if (response.StatusCode != HttpStatusCode.OK)
                throw new IOException($"an unexpected answer: {(int)response.StatusCode}");
        }
        using var input = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[1 << 17];
        while (await client.ReadOrStall(input, buffer, cancellation) is > 0 and var read)
        {
            if (output.Length + read > file.Size)
                throw new HubException($"{file.Name} is longer than the hub said: try again later.");
            await Write(output, buffer.AsMemory(0, read), cancellation);
            meter.Add(read);
        }
        if (output.Length < file.Size) throw new IOException("it ended too early");
    }

    static async Task Write(FileStream output, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        try
        {
            await output.WriteAsync(bytes, cancellation);
        }
        catch (IOException error)
        {
            throw HubDisk.Error(output.Name, error);
        }
    }

    static void CheckSpace(string path, RemoteFile file, long needed)
    {
        long free;
        try
        {
            free = new DriveInfo(path).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return;
        }
        if (free < needed)
            throw new HubException($"The disk of {Path.GetDirectoryName(path)} has {free >> 20:N0} MB left, and {file.Name} needs {needed >> 20:N0}: make room, or set HF_HUB_CACHE to another folder.");
    }

    /// <summary>An etag of 64 digits is the content's SHA-256; one of 40 is git's: SHA-1 over a head and the content.</summary>
    static async Task<bool> IsWhole(string path, RemoteFile file, CancellationToken cancellation)
    {
        var name = file.Etag.Length switch { 64 => HashAlgorithmName.SHA256, 40 => HashAlgorithmName.SHA1, _ => default };
        if (name == default || !file.Etag.All(char.IsAsciiHexDigit)) return true;
        using var hash = IncrementalHash.CreateHash(name);
        if (name == HashAlgorithmName.SHA1) hash.AppendData(Encoding.ASCII.GetBytes($"blob {file.Size}\0"));
        using var content = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        var buffer = new byte[1 << 20];
        while (await content.ReadAsync(buffer, cancellation) is > 0 and var read) hash.AppendData(buffer, 0, read);
        return Convert.ToHexString(hash.GetHashAndReset()).Equals(file.Etag, StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>What the cache's disk refuses, in words.</summary>
static class HubDisk
{
    // ENOSPC and EDQUOT on Linux and macOS, ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL on Windows.
    static bool IsFull(Exception error) => error is IOException && (error.HResult & 0xFFFF) is 28 or 122 or 69 or 112 or 39;

    public static HubException Error(string path, Exception error) => new(IsFull(error)
        ? $"The disk of {path} is full: make room, or set HF_HUB_CACHE to another folder; what has come is kept."
        : $"The cache {path} cannot be written ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}): set HF_HUB_CACHE to a folder that can.", error);
}
