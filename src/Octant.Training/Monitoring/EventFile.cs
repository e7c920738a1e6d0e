using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using Google.Protobuf;
using Octant.Formats;
using Tensorboard;

namespace Octant.Training.Monitoring;

/// <summary>
/// The numbers of a run for TensorBoard (<c>tensorboard --logdir FOLDER</c>): <c>loss</c>, <c>val_loss</c>, <c>learning_rate</c>,
/// <c>grad_norm</c>, <c>tokens_per_second</c>, as protobuf events in TFRecord framing
/// (tensorflow/core/util/event.proto and tensorflow/core/lib/io/record_writer.h).
/// </summary>
/// <remarks>
/// TorchSharp's SummaryWriter counts wall time in ticks where TensorBoard reads seconds, steps in 32 bits, opens the file anew for
/// every number and knows no restart. Its classes of events are sound.
/// </remarks>
public sealed class EventFile : IDisposable
{
    const string Prefix = "events.out.tfevents.";

    readonly RecordFile file;
    readonly TimeProvider time;

    /// <summary>Begins a file: each start and each resumption of a run has its own.</summary>
    /// <param name="folder">it exists; events of one run, and no other's, are in it</param>
    /// <param name="after">TensorBoard drops what earlier files say of later steps</param>
    /// <param name="time">the clock; the system's by default</param>
    /// <exception cref="CheckpointException">no permission, no room</exception>
    public EventFile(string folder, long after = 0, TimeProvider? time = null)
    {
        this.time = time ?? TimeProvider.System;
        file = new RecordFile(System.IO.Path.Combine(folder, Name(folder)), FileMode.CreateNew);
        Write(new Event { FileVersion = "brain.Event:2" });
        // A START purges its own step and all later ones (TensorBoard's event_accumulator), wherever they were written.
        Write(new Event { Step = after + 1, SessionLog = new SessionLog { Status = SessionLog.Types.SessionStatus.Start } });
    }

    /// <summary>Where it is.</summary>
    public string Path => file.Path;

    /// <summary>Appends the numbers of a step, which readers see at once.</summary>
    /// <exception cref="CheckpointException">no room: the file is as it was</exception>
    public void Append(Measurement measurement)
    {
        ArgumentNullException.ThrowIfNull(measurement);
        var summary = new Summary();
        Add("loss", measurement.Loss);
        if (measurement.ValidationLoss is { } loss) Add("val_loss", loss);
        Add("learning_rate", measurement.LearningRate);
        Add("grad_norm", measurement.GradientNorm);
        Add("tokens_per_second", measurement.TokensPerSecond);
        Write(new Event { Step = measurement.Step, Summary = summary });

        void Add(string tag, double value) =>
            summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)value });
    }

    /// <summary>Returns when the events survive a power cut.</summary>
    /// <exception cref="CheckpointException">the disk refuses</exception>
    public void Flush() => file.Flush();

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    // TensorBoard reads files in the order of their names, and the name begins with the second: two starts within one must not
    // leave the order to the number of the process.
    string Name(string folder)
    {
        var second = time.GetUtcNow().ToUnixTimeSeconds();
        Drafts.Guard(folder, () => second = Directory.EnumerateFiles(folder, $"{Prefix}*")
            .Select(path => System.IO.Path.GetFileName(path)[Prefix.Length..].Split('.')[0])
            .Select(digits => long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var taken) ? taken + 1 : 0)
            .Append(second).Max());
        return string.Create(CultureInfo.InvariantCulture,
            $"{Prefix}{second:D10}.{Environment.MachineName}.{Environment.ProcessId}.0");
    }

    void Write(Event happened)
    {
        happened.WallTime = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        var content = happened.ToByteArray();
        var record = new byte[sizeof(ulong) + sizeof(uint) + content.Length + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(sizeof(ulong)), Masked(record.AsSpan(0, sizeof(ulong))));
        content.CopyTo(record, sizeof(ulong) + sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(record.Length - sizeof(uint)), Masked(content));
        file.Append(record);
    }

    // Rotated and shifted, since the checksum of text that holds its own checksum says little (tensorflow/core/lib/hash/crc32c.h).
    static uint Masked(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Crc32C(bytes), 15) + 0xa282ead8;

    static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes) crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
