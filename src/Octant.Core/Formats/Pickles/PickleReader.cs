using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Octant.Formats.Pickles;

/// <summary>
/// Reads a pickle as data. A pickle is a program for a stack machine that may import and call anything; this machine (opcodes of Python's
/// pickletools, protocols 0 to 5) builds lists, dictionaries, numbers and texts, and notes calls without making them. A name that is not
/// among those allowed ends the reading: nothing of such a file is given out.
/// </summary>
/// <param name="file">for messages</param>
/// <param name="bytes">from the pickle's first byte; may go on behind its end</param>
/// <param name="allowed">whether a name may be spoken of</param>
ref struct PickleReader(string file, ReadOnlySpan<byte> bytes, Func<PickledName, bool> allowed)
{
    static readonly object Mark = new();

    /// <summary>
    /// What a pickle may ask for. Each step makes an object or two, and takes some 40 steps to say a tensor: this is room for 200,000 tensors, and
    /// for a gigabyte of objects at the worst.
    /// </summary>
    const int MostSteps = 1 << 23;

    readonly string file = file;
    readonly ReadOnlySpan<byte> bytes = bytes;
    readonly Func<PickledName, bool> allowed = allowed;
    readonly List<object?> stack = [];
    readonly Dictionary<long, object?> memo = [];
    readonly List<PickledReference> references = [];
    int at;

    /// <summary>What it says lies elsewhere, as often as it says so.</summary>
    public readonly IReadOnlyList<PickledReference> References => references;

    /// <summary>Bytes read: where the pickle ended.</summary>
    public readonly int Position => at;

    /// <summary>Runs the program to its end.</summary>
    /// <returns>what it leaves: null, bool, long, double, BigInteger, string, byte[], List, object[] (a tuple), or a Pickled...</returns>
    /// <exception cref="CheckpointException">it is damaged, or asks for what is not allowed</exception>
    public object? Read()
    {
        for (var steps = 0; steps < MostSteps; steps++)
        {
            var code = Byte();
            if (code == '.') return Pop();
            Run(code);
        }
        throw Bad($"it takes more than {MostSteps} steps");
    }

    void Run(byte code)
    {
        switch ((char)code)
        {
            case '\x80': if (Byte() > 5) throw Bad("its protocol is newer than 5"); break;
            case '\x95': Take(8); break;                                        // a frame's length
            case '(': stack.Add(Mark); break;
            case '0': Pop(); break;
            case '1': ToMark(); break;
            case '2': stack.Add(Top()); break;
            case 'N': stack.Add(null); break;
            case '\x88': stack.Add(true); break;
            case '\x89': stack.Add(false); break;
            case 'K': stack.Add((long)Byte()); break;
            case 'M': stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2))); break;
            case 'J': stack.Add((long)Int32()); break;
            case '\x8a': stack.Add(Whole(Take(Byte()))); break;
            case '\x8b': stack.Add(Whole(Take(Length(Int32(), most: 255)))); break;
            case 'G': stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8))); break;
            case 'I' or 'L' or 'F': stack.Add(Number(Line(), code)); break;
            case 'X': stack.Add(Text(Take(Length(UInt32())))); break;
            case '\x8c': stack.Add(Text(Take(Byte()))); break;
            case '\x8d': stack.Add(Text(Take(Length(Int64())))); break;
            case 'V' or 'S': stack.Add(Unquoted(Line(), code)); break;
            case 'U': stack.Add(Latin(Take(Byte()))); break;
            case 'T': stack.Add(Latin(Take(Length(Int32())))); break;
            case 'C': stack.Add(Take(Byte()).ToArray()); break;
            case 'B': stack.Add(Take(Length(UInt32())).ToArray()); break;
            case '\x8e' or '\x96': stack.Add(Take(Length(Int64())).ToArray()); break;
            case ']' or '\x8f': stack.Add(new List<object?>()); break;
            case ')': stack.Add(Array.Empty<object?>()); break;
            case '}': stack.Add(new PickledDictionary()); break;
            case 't' or '\x91': stack.Add(ToMark()); break;
            case 'l': stack.Add(new List<object?>(ToMark())); break;
            case 'd': Dictionary(); break;
            case '\x85': stack.Add(Pop(1)); break;
            case '\x86': stack.Add(Pop(2)); break;
            case '\x87': stack.Add(Pop(3)); break;
            case 'a': Append([Pop()]); break;
            case 'e' or '\x90': Append(ToMark()); break;
            case 's': Set(Pop(2)); break;
            case 'u': Set(ToMark()); break;
            case 'p': memo[Index(Line())] = Top(); break;
            case 'q': memo[Byte()] = Top(); break;
            case 'r': memo[UInt32()] = Top(); break;
            case '\x94': memo[memo.Count] = Top(); break;
            case 'g': stack.Add(Remembered(Index(Line()))); break;
            case 'h': stack.Add(Remembered(Byte())); break;
            case 'j': stack.Add(Remembered(UInt32())); break;
            case 'c': stack.Add(Allowed(Line(), Line())); break;
            case '\x93': Name(Pop(2)); break;
            case 'P': Refer(Line()); break;
            case 'Q': Refer(Pop()); break;
            case 'R' or '\x81': Call(Pop(2)); break;
            case 'b': Build(); break;
            case 'i' or 'o' or '\x92': throw Bad("it makes objects of classes (opcodes INST, OBJ, NEWOBJ_EX), which only its makers' program can");
            case '\x82' or '\x83' or '\x84': throw Bad("it uses the registry of extensions of its makers' program");
            default: throw Bad($"byte {at - 1} (0x{code:X2}) is no opcode that is known");
        }
    }

    readonly void Refer(object? id)
    {
        references.Add(new(id));
        stack.Add(references[^1]);
    }

    void Dictionary()
    {
        var items = ToMark();
        stack.Add(new PickledDictionary());
        Set(items);
    }

    readonly void Append(object?[] items)
    {
        switch (Top())
        {
            case List<object?> list: list.AddRange(items); break;
            case PickledCall: break;                                            // a deque or the like: not looked into
            default: throw Bad("it appends to what is no list");
        }
    }

    readonly void Set(object?[] items)
    {
        if (items.Length % 2 != 0) throw Bad("it sets a key without a value");
        var target = Top() switch
        {
            PickledDictionary dictionary => dictionary,
            PickledCall call => call.Entries,
            _ => throw Bad("it sets an entry of what is no dictionary"),
        };
        for (var i = 0; i < items.Length; i += 2) target.Items.Add((items[i], items[i + 1]));
    }

    readonly void Name(object?[] names)
    {
        if (names is not [string module, string name]) throw Bad("it imports what is no name");
        stack.Add(Allowed(module, name));
    }

    readonly PickledName Allowed(string module, string name)
    {
        var asked = new PickledName(module, name);
        return allowed(asked) ? asked : throw new CheckpointException(
            $"{file} asks for {asked}, which is not among what a checkpoint needs; nothing was read and nothing was run. " +
            "Pickles may run any program: if you trust its makers, save its tensors alone, as safetensors.");
    }

    readonly void Call(object?[] pair) => stack.Add(pair switch
    {
        [PickledName function, object?[] arguments] => new PickledCall(function, arguments),
        _ => throw Bad("it calls what is no function"),
    });

    /// <summary>What a call's result is told of its state. A state dict's own notes, for example, are no tensors.</summary>
    readonly void Build()
    {
        Pop();
        if (Top() is not PickledCall call) throw Bad("it gives a state to what has none");
        call.HasState = true;
    }

    readonly object? Remembered(long index) =>
        memo.TryGetValue(index, out var value) ? value : throw Bad($"it asks for its note {index}, which it never took");

    readonly object? Top() => stack.Count > 0 && stack[^1] != Mark ? stack[^1] : throw Bad("its stack is empty");

    readonly object? Pop()
    {
        var top = Top();
        stack.RemoveAt(stack.Count - 1);
        return top;
    }

    readonly object?[] Pop(int count)
    {
        if (stack.Count < count) throw Bad("its stack is empty");
        object?[] items = [.. stack[^count..]];
        if (Array.IndexOf(items, Mark) >= 0) throw Bad("its stack is empty");
        stack.RemoveRange(stack.Count - count, count);
        return items;
    }

    readonly object?[] ToMark()
    {
        var mark = stack.LastIndexOf(Mark);
        if (mark < 0) throw Bad("it never began what it ends");
        object?[] items = [.. stack[(mark + 1)..]];
        stack.RemoveRange(mark, stack.Count - mark);
        return items;
    }

    byte Byte() => Take(1)[0];

    int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    readonly int Length(long length, int most = int.MaxValue) =>
        length >= 0 && length <= most && length <= bytes.Length - at ? (int)length : throw Bad($"it claims {length} bytes where {bytes.Length - at} are left");

    ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - at) throw Bad("it is cut off");
        var taken = bytes.Slice(at, count);
        at += count;
        return taken;
    }

    string Line()
    {
        var length = bytes[at..].IndexOf((byte)'\n');
        if (length < 0) throw Bad("it is cut off");
        var line = Latin(bytes.Slice(at, length));
        at += length + 1;
        return line.TrimEnd('\r');
    }

    static object Whole(ReadOnlySpan<byte> digits)
    {
        var number = new BigInteger(digits);
        return number >= long.MinValue && number <= long.MaxValue ? (long)number : number;
    }

    readonly object Number(string line, byte code)
    {
        if (code == 'I' && line is "00" or "01") return line == "01";
        if (code == 'F' && double.TryParse(line, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)) return real;
        return long.TryParse(line.TrimEnd('L'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : throw Bad($"\"{Short(line)}\" is no number");
    }

    readonly long Index(string line) =>
        long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : throw Bad($"\"{Short(line)}\" is no note's number");

    static string Short(string line) => line.Length > 40 ? $"{line[..40]}..." : line;

    /// <summary>Protocol 0 writes texts with escapes, byte strings in quotes too.</summary>
    static string Unquoted(string line, byte code)
    {
        if (code == 'S' && line.Length >= 2 && line[0] is '\'' or '"' && line[^1] == line[0]) line = line[1..^1];
        return line.Contains('\\') ? Unescaped(line) : line;
    }

    static string Unescaped(string line)
    {
        var text = new StringBuilder(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            var digits = line[i] == '\\' && i + 1 < line.Length ? line[i + 1] switch { 'x' => 2, 'u' => 4, _ => 0 } : -1;
            if (digits > 0 && i + 2 + digits <= line.Length
                && ushort.TryParse(line.AsSpan(i + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                text.Append((char)code);
                i += 1 + digits;
            }
            else if (digits >= 0) text.Append(line[++i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var letter => letter });
            else text.Append(line[i]);
        }
        return text.ToString();
    }

    static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    readonly CheckpointException Bad(string what) => new($"{file} is no sound pickle: {what}. Fetch it again.");
}
