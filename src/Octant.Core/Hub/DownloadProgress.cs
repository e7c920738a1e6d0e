namespace Octant.Hub;

/// <summary>How far a download is.</summary>
/// <param name="File">the file that is being fetched</param>
/// <param name="FileBytes">how much of it is here</param>
/// <param name="FileTotal">how much it is</param>
/// <param name="Bytes">how much of everything is here, with what an earlier attempt had fetched</param>
/// <param name="Total">how much everything is</param>
/// <param name="BytesPerSecond">the speed of late</param>
/// <param name="Remaining">the time left at this speed; null while it is not known</param>
/// <param name="Trouble">what went wrong, and when the hub is asked again; null where this is about bytes</param>
public readonly record struct DownloadProgress(string File, long FileBytes, long FileTotal, long Bytes, long Total,
    double BytesPerSecond, TimeSpan? Remaining, string? Trouble = null);

/// <summary>Adds up what has come, and tells it about ten times a second.</summary>
sealed class ProgressMeter(IProgress<DownloadProgress>? progress, TimeProvider clock)
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    string file = "";
    long fileBytes, fileTotal, done, sinceReport, reported;
    double speed;

    /// <summary>How much everything is, as far as it is known.</summary>
    public long Total { get; set; }

    public void Begin(string name, long size)
    {
        (file, fileTotal, fileBytes) = (name, size, 0);
        if (reported == 0) reported = clock.GetTimestamp();
    }

    /// <summary>Bytes that were here already, or come again (negative): they say nothing about the speed.</summary>
    public void Skip(long bytes)
    {
        fileBytes += bytes;
        done += bytes;
    }

    public void Add(long bytes)
    {
        Skip(bytes);
        sinceReport += bytes;
        if (clock.GetElapsedTime(reported) >= Interval) Report();
    }

    public void End() => Report();

    /// <summary>Says why nothing comes.</summary>
    public void Trouble(string what) =>
        progress?.Report(new DownloadProgress(file, fileBytes, fileTotal, done, Total, 0, null, what));

    void Report()
    {
        var seconds = clock.GetElapsedTime(reported).TotalSeconds;
        // Smoothed over about three seconds, so that the time left does not flicker.
        if (seconds > 0) speed += (sinceReport / seconds - speed) * (speed == 0 ? 1 : 1 - Math.Exp(-seconds / 3));
        (reported, sinceReport) = (clock.GetTimestamp(), 0);
        var left = speed > 0 && (Total - done) / speed is < 1e7 and var time ? TimeSpan.FromSeconds(Math.Max(0, time))
            : (TimeSpan?)null;
        progress?.Report(new DownloadProgress(file, fileBytes, fileTotal, done, Total, speed, left));
    }
}
