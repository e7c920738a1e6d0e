using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Octant.Formats;
using Octant.Training.Monitoring;

namespace Octant.Training.Tests.Monitoring;

/// <summary>The files are read by the format's description, with a checksum and a decoder of the test's own.</summary>
public sealed class EventFileTests : IDisposable
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, 250, TimeSpan.Zero);

    readonly string folder = Directory.CreateTempSubdirectory("octant-events-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void The_checksum_of_this_test_gives_the_known_answers()
    {
        // RFC 3720, appendix B.4; the last is the check value of the catalogue of parametrised CRCs.
        Assert.Equal(0x8A9136AAu, Crc32C(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C(Enumerable.Repeat((byte)0xFF, 32).ToArray()));
        Assert.Equal(0x46DD794Eu, Crc32C(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray()));
        Assert.Equal(0xE3069283u, Crc32C("123456789"u8));
    }

    [Fact]
    public void The_first_record_is_the_one_that_TensorFlow_writes_byte_for_byte()
    {
        // Length 24 and its checksum begin every event file there is: field 1 is the time, field 3 the version.
        using var events = new EventFile(folder, time: new Clock());
        var seconds = BitConverter.GetBytes(Noon.ToUnixTimeMilliseconds() / 1000.0);
        byte[] content = [0x09, .. seconds, 0x1A, 13, .. "brain.Event:2"u8];
        Assert.Equal([24, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22, .. content], File.ReadAllBytes(events.Path)[..36]);
    }

    [Fact]
    public void Every_number_of_a_run_is_in_its_events()
    {
        Runs.Wild.Sample(run =>
        {
            using var events = new EventFile(folder, time: new Clock());
            foreach (var measurement in run) events.Append(measurement);
            Assert.Equal(run.Select(Expected), Read(events.Path).Skip(2).Select(found => (found.Step, string.Join(' ', found.Scalars))));
            File.Delete(events.Path);
        }, iter: 50, threads: 1);

        static (long, string) Expected(Measurement m) => (m.Step, string.Join(' ', new[]
        {
            ("loss", (float)m.Loss), ("val_loss", (float)(m.ValidationLoss ?? 0)), ("learning_rate", (float)m.LearningRate),
            ("grad_norm", (float)m.GradientNorm), ("tokens_per_second", (float)m.TokensPerSecond),
        }.Where(scalar => scalar.Item1 != "val_loss" || m.ValidationLoss is not null)));
    }

    [Fact]
    public void A_resumed_run_begins_a_file_that_tells_which_steps_begin_again()
    {
        using var first = new EventFile(folder, time: new Clock());
        first.Append(new(1, 1, 1, 1, 1));
        using var resumed = new EventFile(folder, after: 250, new Clock());
        resumed.Append(new(251, 1, 1, 1, 1));
        resumed.Flush();
        Assert.Equal(["brain.Event:2", "START", ""], Read(resumed.Path).Select(found => found.What));
        Assert.Equal([0, 251, 251], Read(resumed.Path).Select(found => found.Step));
        Assert.All(Read(resumed.Path), found => Assert.Equal(Noon.ToUnixTimeMilliseconds() / 1000.0, found.WallTime));
        Assert.Equal([0, 1, 1], Read(first.Path).Select(found => found.Step));
    }

    [Fact]
    public void Files_sort_by_name_in_the_order_of_their_beginning()
    {
        var names = new List<string>();
        for (var i = 0; i < 12; i++)
        {
            using var events = new EventFile(folder, time: new Clock());
            names.Add(Path.GetFileName(events.Path));
        }
        Assert.Equal(names, names.Order(StringComparer.Ordinal));
        Assert.All(names, name => Assert.Matches(@"^events\.out\.tfevents\.\d{10}\..+\.\d+\.0$", name));
    }

    [Fact]
    public void A_folder_that_is_not_there_is_named()
    {
        var nowhere = Path.Combine(folder, "missing");
        Assert.Contains(nowhere, Assert.Throws<CheckpointException>(() => new EventFile(nowhere)).Message, StringComparison.Ordinal);
    }

    sealed record Found(double WallTime, long Step, string What, List<(string Tag, float Value)> Scalars);

    // A record: its length (8 bytes), the length's masked checksum, the content, the content's masked checksum; little-endian.
    static List<Found> Read(string path)
    {
        var found = new List<Found>();
        for (ReadOnlySpan<byte> rest = File.ReadAllBytes(path); rest.Length > 0;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest);
            Assert.Equal(Masked(rest[..8]), BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]));
            var content = rest[12..(12 + length)];
            Assert.Equal(Masked(content), BinaryPrimitives.ReadUInt32LittleEndian(rest[(12 + length)..]));
            found.Add(Event(content.ToArray()));
            rest = rest[(16 + length)..];
        }
        return found;
    }

    // Event: 1 wall_time (double), 2 step (int64), 3 file_version, 5 summary, 7 session_log (1 status: START is 1).
    // Summary: 1 values; of each: 1 tag, 2 simple_value (float).
    static Found Event(byte[] content)
    {
        var fields = Fields(content);
        var what = Text(fields, 3) + (fields.Any(field => field.Number == 7 && Fields(field.Bytes) is [{ Number: 1, Bits: 1 }]) ? "START" : "");
        var values = fields.Where(field => field.Number == 5).SelectMany(field => Fields(field.Bytes)).Select(value => Fields(value.Bytes));
        return new(BitConverter.UInt64BitsToDouble(Bits(fields, 1)), (long)Bits(fields, 2), what,
            [.. values.Select(value => (Text(value, 1), BitConverter.UInt32BitsToSingle((uint)Bits(value, 2))))]);
    }

    static ulong Bits(List<(int Number, ulong Bits, byte[] Bytes)> fields, int number) => fields.SingleOrDefault(field => field.Number == number).Bits;

    static string Text(List<(int Number, ulong Bits, byte[] Bytes)> fields, int number) =>
        Encoding.UTF8.GetString(fields.SingleOrDefault(field => field.Number == number).Bytes ?? []);

    static List<(int Number, ulong Bits, byte[] Bytes)> Fields(byte[] message)
    {
        var fields = new List<(int, ulong, byte[])>();
        for (var at = 0; at < message.Length;)
        {
            var key = Varint();
            var (bits, bytes) = (0UL, Array.Empty<byte>());
            switch (key & 7)
            {
                case 0: bits = Varint(); break;
                case 1: bits = BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at)); at += 8; break;
                case 2: var length = (int)Varint(); bytes = message[at..(at + length)]; at += length; break;
                case 5: bits = BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at)); at += 4; break;
                default: Assert.Fail($"wire type {key & 7}"); break;
            }
            fields.Add(((int)(key >> 3), bits, bytes));

            ulong Varint()
            {
                var (value, shift) = (0UL, 0);
                do value |= (ulong)(message[at] & 0x7F) << shift; while ((shift += 7) < 70 && message[at++] >= 0x80);
                return value;
            }
        }
        return fields;
    }

    static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = Crc32C(bytes);
        return (crc >> 15 | crc << 17) + 0xA282EAD8;
    }

    // Bit by bit, by the polynomial alone.
    static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0x82F63B78 : 0);
        }
        return ~crc;
    }

    sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Noon;
    }
}
