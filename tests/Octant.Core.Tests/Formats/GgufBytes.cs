using System.Text;
using Octant.Formats;

namespace Octant.Core.Tests.Formats;

/// <summary>Writes GGUF files for tests, the impossible ones too: what is set overrules what would be right.</summary>
sealed class GgufBytes
{
    readonly List<(string Key, GgufType Type, byte[] Value)> entries = [];
    readonly List<(string Name, uint Type, ulong[] InnermostFirst, ulong? Offset, byte[] Bytes)> tensors = [];

    public uint Version { get; init; } = 3;
    public ulong? Tensors { get; init; }
    public ulong? Keys { get; init; }
    public int Alignment { get; init; } = 32;

    public GgufBytes Add(string key, GgufType type, byte[] value)
    {
        entries.Add((key, type, value));
        return this;
    }

    public GgufBytes Add(string key, string value) => Add(key, GgufType.Text, Text(value));

    public GgufBytes Add(string key, uint value) => Add(key, GgufType.U32, BitConverter.GetBytes(value));

    public GgufBytes AddTensor(string name, uint type, ulong[] innermostFirst, byte[] bytes, ulong? offset = null)
    {
        tensors.Add((name, type, innermostFirst, offset, bytes));
        return this;
    }

    public static byte[] Text(string value) =>
        [.. BitConverter.GetBytes((ulong)Encoding.UTF8.GetByteCount(value)), .. Encoding.UTF8.GetBytes(value)];

    public static byte[] Array(GgufType elements, ulong count, params byte[][] values) =>
        [.. BitConverter.GetBytes((uint)elements), .. BitConverter.GetBytes(count), .. values.SelectMany(value => value)];

    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write(Tensors ?? (ulong)tensors.Count);
        writer.Write(Keys ?? (ulong)entries.Count);
        foreach (var (key, type, value) in entries)
        {
            writer.Write(Text(key));
            writer.Write((uint)type);
            writer.Write(value);
        }
        var offset = 0UL;
        foreach (var tensor in tensors)
        {
            writer.Write(Text(tensor.Name));
            writer.Write(tensor.InnermostFirst.Length);
            foreach (var size in tensor.InnermostFirst) writer.Write(size);
            writer.Write(tensor.Type);
            writer.Write(tensor.Offset ?? offset);
            offset += (ulong)Padded(tensor.Bytes.Length);
        }
        stream.SetLength(stream.Position = Padded(stream.Position));
        foreach (var tensor in tensors)
        {
            writer.Write(tensor.Bytes);
            stream.SetLength(stream.Position = Padded(stream.Position));
        }
        return stream.ToArray();
    }

    long Padded(long length) => (length + Alignment - 1) / Alignment * Alignment;
}
