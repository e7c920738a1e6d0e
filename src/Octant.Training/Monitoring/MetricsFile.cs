using System.Text.Json;
using Octant.Formats;

namespace Octant.Training.Monitoring;

/// <summary>
/// The numbers of a run as JSON lines: <c>step</c>, <c>loss</c>, <c>val_loss</c> where evaluated, <c>learning_rate</c>,
/// <c>grad_norm</c>, <c>tokens_per_second</c>, <c>tokens</c>, <c>seconds</c>, and <c>refused</c> where the gradient was. A number
/// that is not finite is null: JSON has none. A line counts once its newline is there.
/// </summary>
public sealed class MetricsFile : IDisposable
{
    // Which of two equal keys is meant nobody can tell.
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    static readonly HashSet<string> Keys =
        ["step", "loss", "val_loss", "learning_rate", "grad_norm", "tokens_per_second", "tokens", "seconds", "refused"];

    readonly RecordFile file;
    long last;

    /// <summary>Opens a run's file to go on after a step; makes it where there is none.</summary>
    /// <param name="path">its folder exists</param>
    /// <param name="after">lines of later steps are dropped (a resumed run writes them again), and half a line after a kill</param>
    /// <exception cref="OctantException">a line that is to stay is damaged; no permission, no room</exception>
    public MetricsFile(string path, long after = 0)
    {
        if (File.Exists(path)) Forget(path, after);
        file = new RecordFile(path, FileMode.OpenOrCreate);
    }

    /// <summary>Appends a line, which readers see at once.</summary>
    /// <exception cref="ArgumentException">its step does not come after the last one</exception>
    /// <exception cref="CheckpointException">no room: the file is as it was</exception>
    public void Append(Measurement measurement)
    {
        ArgumentNullException.ThrowIfNull(measurement);
        if (measurement.Step <= last)
            throw new ArgumentException($"Step {measurement.Step} comes after step {last}: steps count up.", nameof(measurement));
        file.Append(Line(measurement));
        last = measurement.Step;
    }

    /// <summary>Returns when the lines survive a power cut: wanted before a checkpoint says that its step is done.</summary>
    /// <exception cref="CheckpointException">the disk refuses</exception>
    public void Flush() => file.Flush();

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    /// <summary>Reads a run's file, which may still grow; half a line at its end does not count.</summary>
    /// <exception cref="OctantException">no such file; a line is damaged: the error names it</exception>
    public static IReadOnlyList<Measurement> Read(string path) => [.. Lines(path).Select(line => line.Measurement)];

    void Forget(string path, long after)
    {
        var kept = 0;
        foreach (var (measurement, end) in Lines(path).TakeWhile(line => line.Measurement.Step <= after))
            (last, kept) = (measurement.Step, end);
        var bytes = Bytes(path);
        if (kept == bytes.Length) return;
        using var drafts = new Drafts();
        drafts.Write(path, stream => stream.Write(bytes, 0, kept));
        drafts.Commit();
    }

    /// <summary>Its lines one by one, each with where it ends.</summary>
    static IEnumerable<(Measurement Measurement, int End)> Lines(string path)
    {
        var bytes = Bytes(path);
        var (number, start, step) = (0, 0, 0L);
        while (Array.IndexOf(bytes, (byte)'\n', start) is var end && end >= 0)
        {
            var measurement = Parse(bytes.AsMemory(start, end - start), $"{path}:{++number}");
            if (measurement.Step <= step) throw Damaged($"{path}:{number}", $"step {measurement.Step} comes after step {step}");
            (start, step) = (end + 1, measurement.Step);
            yield return (measurement, start);
        }
    }

    static byte[] Bytes(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OctantException($"{path} cannot be read: {e.Message}", e);
        }
    }

    static byte[] Line(Measurement measurement)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteNumber("step", measurement.Step);
            Write(json, "loss", measurement.Loss);
            if (measurement.ValidationLoss is { } loss) Write(json, "val_loss", loss);
            Write(json, "learning_rate", measurement.LearningRate);
            Write(json, "grad_norm", measurement.GradientNorm);
            Write(json, "tokens_per_second", measurement.TokensPerSecond);
            json.WriteNumber("tokens", measurement.Tokens);
            Write(json, "seconds", measurement.Seconds);
            if (measurement.Refused) json.WriteBoolean("refused", true);
            json.WriteEndObject();
        }
        line.WriteByte((byte)'\n');
        return line.ToArray();
    }

    static void Write(Utf8JsonWriter json, string key, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(key, value);
        else json.WriteNull(key);
    }

    static Measurement Parse(ReadOnlyMemory<byte> line, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw Damaged(place, "it is no JSON object");
            if (root.EnumerateObject().Select(entry => entry.Name).FirstOrDefault(key => !Keys.Contains(key)) is { } unknown)
                throw Damaged(place, $"no measurement has the key \"{unknown}\"");
            return new(Whole("step", least: 1), Number("loss"), Number("learning_rate"), Number("grad_norm"),
                Number("tokens_per_second"), root.TryGetProperty("val_loss", out _) ? Number("val_loss") : null,
                Whole("tokens", least: 0), Number("seconds"),
                root.TryGetProperty("refused", out var refused) && refused.ValueKind == JsonValueKind.True);

            JsonElement Value(string key) =>
                root.TryGetProperty(key, out var value) ? value : throw Damaged(place, $"the key \"{key}\" is missing");

            long Whole(string key, long least) =>
                Value(key) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var whole) && whole >= least
                    ? whole
                    : throw Damaged(place, $"\"{key}\" is no whole number from {least} on");

            double Number(string key) => Value(key) switch
            {
                { ValueKind: JsonValueKind.Null } => double.NaN,
                { ValueKind: JsonValueKind.Number } value => value.GetDouble(),
                _ => throw Damaged(place, $"\"{key}\" is neither a number nor null"),
            };
        }
        catch (JsonException e)
        {
            throw Damaged(place, $"it is no JSON: {e.Message}", e);
        }
        catch (InvalidOperationException e)
        {
            throw Damaged(place, "it holds half of a surrogate pair", e);
        }
    }

    static OctantException Damaged(string place, string what, Exception? inner = null) =>
        new($"{place} is damaged: {what}. Mend or remove the line.", inner);
}
