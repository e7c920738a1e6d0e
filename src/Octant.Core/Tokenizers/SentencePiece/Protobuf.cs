using System.Buffers.Binary;

namespace Octant.Tokenizers.SentencePiece;

/// <summary>
/// The fields of a message in protobuf's wire format (protobuf.dev/programming-guides/encoding), one after the other. Fields that nobody
/// asks for are passed over, as the format wants it.
/// </summary>
ref struct Protobuf(ReadOnlySpan<byte> message)
{
    const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    ReadOnlySpan<byte> rest = message;
    int wire;
    ulong number;
    ReadOnlySpan<byte> bytes;

    /// <summary>The number of the field that was read last.</summary>
    public int Field { get; private set; }

    /// <summary>Reads the next field; false at the end.</summary>
    /// <exception cref="TokenizerException">the message is damaged</exception>
    public bool Next()
    {
        if (rest.IsEmpty) return false;
        var key = ReadVarint();
        (Field, wire) = ((int)(key >> 3 & 0x1FFF_FFFF), (int)(key & 7));
        switch (wire)
        {
            case Varint:
                number = ReadVarint();
                break;
            case Fixed64:
                number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case Fixed32:
                number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            case Bytes:
                bytes = Take(ReadVarint());
                break;
            default:
                throw Bad($"field {Field} has wire type {wire}");
        }
        return true;
    }

    public readonly int Int() => wire == Varint ? unchecked((int)number) : throw Bad($"field {Field} is no whole number");

    public readonly bool Flag() => Int() != 0;

    public readonly float Float() => wire == Fixed32 ? BitConverter.UInt32BitsToSingle((uint)number) : throw Bad($"field {Field} is no float");

    public readonly ReadOnlySpan<byte> Span() => wire == Bytes ? bytes : throw Bad($"field {Field} is no text");

    public readonly string Text() => System.Text.Encoding.UTF8.GetString(Span());

    ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw Bad("a number has more than 64 bits");
    }

    ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length) throw Bad($"it claims {count} bytes where {rest.Length} are left");
        var taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }

    static TokenizerException Bad(string what) => new($"It is no sound model of SentencePiece: {what}.");
}
