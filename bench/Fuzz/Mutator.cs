using System.Globalization;
using System.Text;

namespace Fuzz;

/// <summary>Makes inputs of sound ones: a few changes of bytes, runs, numbers and words; one input is put into another.</summary>
sealed class Mutator(Target target, int seed)
{
    const int LongestInput = 1 << 16;

    static readonly byte[] telling = [0, 1, 0x7F, 0x80, 0xFF, (byte)'"', (byte)'\\', (byte)'{', (byte)'}', (byte)'[', (byte)']', (byte)'(', (byte)')', (byte)'0', (byte)'9', (byte)'\n'];
    static readonly string[] numbers = ["0", "-1", "1", "255", "65536", "2147483647", "2147483648", "4294967295", "9223372036854775807", "1e308", "0.1", "00"];

    readonly Random random = new(seed);

    public byte[] Next()
    {
        var data = new List<byte>(target.Seeds[random.Next(target.Seeds.Count)]);
        for (var changes = 1 + random.Next(6); changes > 0; changes--) Change(data);
        if (data.Count > LongestInput) data.RemoveRange(LongestInput, data.Count - LongestInput);
        return [.. data];
    }

    void Change(List<byte> data)
    {
        var at = random.Next(data.Count + 1);
        var room = data.Count - at;
        switch (random.Next(11))
        {
            case 0 when room > 0: data[at] ^= (byte)(1 << random.Next(8)); break;
            case 1 when room > 0: data[at] = telling[random.Next(telling.Length)]; break;
            case 2 when room > 0: data[at] = (byte)random.Next(256); break;
            case 3: data.RemoveRange(at, random.Next(Math.Min(room, 64) + 1)); break;
            case 4: data.InsertRange(at, data.GetRange(random.Next(data.Count + 1) is var from ? from : 0, random.Next(Math.Min(data.Count - from, 64) + 1))); break;
            case 5: data.InsertRange(at, Enumerable.Repeat(telling[random.Next(telling.Length)], random.Next(random.Next(20) == 0 ? 5000 : 40)).ToArray()); break;
            case 6: data.RemoveRange(at, room); break;
            case 7 when target.Words.Count > 0: data.InsertRange(at, target.Words[random.Next(target.Words.Count)]); break;
            case 8: Splice(data, at); break;
            case 9: Number(data, at); break;
            case 10 when room >= 8: Integer(data, at); break;
        }
    }

    void Splice(List<byte> data, int at)
    {
        var other = target.Seeds[random.Next(target.Seeds.Count)];
        var from = random.Next(other.Length + 1);
        data.InsertRange(at, other.AsSpan(from, random.Next(Math.Min(other.Length - from, 2000) + 1)).ToArray());
    }

    /// <summary>A number in digits becomes another.</summary>
    void Number(List<byte> data, int at)
    {
        var first = data.FindIndex(Math.Min(at, data.Count), value => value is >= (byte)'0' and <= (byte)'9');
        if (first < 0) return;
        var last = first;
        while (last < data.Count && data[last] is >= (byte)'0' and <= (byte)'9') last++;
        data.RemoveRange(first, last - first);
        data.InsertRange(first, Encoding.ASCII.GetBytes(random.Next(3) == 0 ? random.NextInt64().ToString(CultureInfo.InvariantCulture) : numbers[random.Next(numbers.Length)]));
    }

    /// <summary>Eight bytes become a length that is too large, or nearly.</summary>
    void Integer(List<byte> data, int at)
    {
        var value = random.Next(4) switch { 0 => random.NextInt64(), 1 => data.Count + random.Next(-9, 9), 2 => 1L << random.Next(63), _ => -random.Next(9) };
        var bytes = BitConverter.GetBytes(value);
        for (var i = 0; i < (random.Next(2) == 0 ? 8 : 4); i++) data[at + i] = bytes[i];
    }
}
