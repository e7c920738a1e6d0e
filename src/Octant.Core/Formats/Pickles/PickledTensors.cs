using System.Globalization;
using System.Numerics;

namespace Octant.Formats.Pickles;

/// <summary>A stretch of numbers in a file, of which tensors are views.</summary>
/// <param name="Type">of the numbers; null where each tensor says it</param>
/// <param name="Key">its name in the file</param>
/// <param name="Count">how many numbers it is said to have; bytes where it has no type</param>
sealed record PickledStorage(ElementType? Type, string Key, long Count);

/// <summary>A view of a storage, by torch's own reckoning: element (i, j) lies at offset + i * stride 0 + j * stride 1.</summary>
sealed record PickledTensor(PickledStorage Storage, ElementType Type, long Offset, long[] Shape, long[] Strides);

/// <summary>What a pickle of torch's may speak of, and the tensors in what it leaves.</summary>
/// <param name="file">for messages</param>
/// <param name="bytes">of the pickle</param>
sealed class PickledTensors(string file, long bytes)
{
    /// <summary>Deeper than any state dict; without a bound, a list within itself would never end.</summary>
    const int DeepestPlace = 64;

    /// <summary>Letters of a tensor's path; real ones have some dozens.</summary>
    const int LongestPath = 1024;

    /// <summary>What each place of the tree costs beside the letters of its path.</summary>
    const int CostOfPlace = 32;

    /// <summary>What torch calls its number types, and the storages of each.</summary>
    static readonly Dictionary<string, ElementType> Numbers = new (string Names, ElementType Type)[]
    {
        ("DoubleStorage float64 double", ElementType.F64),
        ("FloatStorage float32 float", ElementType.F32),
        ("HalfStorage float16 half", ElementType.F16),
        ("BFloat16Storage bfloat16", ElementType.BF16),
        ("LongStorage int64 long", ElementType.I64),
        ("IntStorage int32 int", ElementType.I32),
        ("ShortStorage int16 short", ElementType.I16),
        ("CharStorage int8", ElementType.I8),
        ("ByteStorage uint8", ElementType.U8),
        ("BoolStorage bool", ElementType.Bool),
        ("ComplexFloatStorage complex64", ElementType.C64),
        ("uint16", ElementType.U16),
        ("uint32", ElementType.U32),
        ("uint64", ElementType.U64),
        ("float8_e4m3fn", ElementType.F8E4M3),
        ("float8_e5m2", ElementType.F8E5M2),
        ("float8_e4m3fnuz", ElementType.F8E4M3Fnuz),
        ("float8_e5m2fnuz", ElementType.F8E5M2Fnuz),
        ("float8_e8m0fnu", ElementType.F8E8M0),
    }.SelectMany(row => row.Names.Split(' ').Select(name => (name, row.Type))).ToDictionary();

    /// <summary>Calls that stand for values without tensors: they are noted and passed over.</summary>
    static readonly HashSet<string> Plain =
    [
        "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "collections.deque", "torch.Size", "torch.device", "torch.torch_version.TorchVersion",
        "torch.serialization._get_layout", "torch._utils._get_layout", "numpy.dtype", "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
        "_codecs.encode", "builtins.set", "__builtin__.set", "builtins.frozenset", "builtins.complex", "builtins.bytearray", "builtins.slice", "builtins.range",
        "builtins.int", "builtins.float", "builtins.bool", "builtins.str", "builtins.list", "builtins.dict", "builtins.tuple",
        "datetime.datetime", "datetime.timedelta", "datetime.date", "pathlib.PosixPath", "pathlib.Path",
    ];

    readonly Dictionary<PickledCall, PickledTensor> made = [];

    /// <summary>
    /// Places and letters that may still come. Lists may hold the same list many times over: the tree is larger than the file by as much as
    /// one likes. A tensor takes some 60 bytes of a sound one.
    /// </summary>
    long room = (1 << 16) + 64 * bytes;

    /// <summary>Names that a checkpoint of tensors needs.</summary>
    public static bool Allows(PickledName name) => Plain.Contains(name.ToString()) || name.Module switch
    {
        "torch" => Numbers.ContainsKey(name.Name) || name.Name is "strided" or "contiguous_format" or "preserve_format" or "channels_last",
        "torch.cuda" or "torch.storage" => name.Name.EndsWith("Storage", StringComparison.Ordinal) && Numbers.ContainsKey(name.Name) || name.Name is "UntypedStorage" or "_UntypedStorage",
        "torch._utils" => name.Name is "_rebuild_tensor" or "_rebuild_tensor_v2" or "_rebuild_tensor_v3" or "_rebuild_parameter" or "_rebuild_parameter_with_state",
        "torch.nn.parameter" => name.Name is "Parameter",
        _ => false,
    };

    /// <summary>Every tensor by its dotted path: the keys of dictionaries and the places of lists on the way to it.</summary>
    /// <exception cref="CheckpointException">two have one path, or the file is damaged</exception>
    public Dictionary<string, PickledTensor> Collect(object? root)
    {
        var found = new Dictionary<string, PickledTensor>();
        Collect(root, "", 0, found);
        return found;
    }

    void Collect(object? value, string path, int depth, Dictionary<string, PickledTensor> found)
    {
        if (depth > DeepestPlace) throw Bad($"{Short(path)} lies deeper than {DeepestPlace} lists and dictionaries");
        if ((room -= CostOfPlace + path.Length) < 0) throw Bad($"its lists and dictionaries have far more places than its {bytes} bytes can fill");
        switch (value)
        {
            case PickledCall call when TensorOf(call) is { } tensor:
                if (!found.TryAdd(path.Length == 0 ? "tensor" : path, tensor)) throw Bad($"two of its tensors would be called {Short(path)}");
                break;
            case PickledCall call:
                Collect(call.Entries, path, depth, found);
                break;
            case PickledDictionary dictionary:
                foreach (var (key, entry) in dictionary.Items)
                    if (entry is not (null or bool or long or double or string)) Collect(entry, Below(path, Spelled(key)), depth + 1, found);
                break;
            case IList<object?> list:                                           // a tuple is an array, and that is one too
                for (var i = 0; i < list.Count; i++)
                    if (list[i] is not (null or bool or long or double or string)) Collect(list[i], Below(path, $"{i}"), depth + 1, found);
                break;
        }
    }

    string Below(string path, string key)
    {
        if (path.Length + key.Length >= LongestPath) throw Bad($"the path {Short($"{Short(path)}.{Short(key)}")} has more than {LongestPath} letters");
        return path.Length == 0 ? key : $"{path}.{key}";
    }

    static string Spelled(object? key) => key switch
    {
        string text => text,
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => "?",
    };

    static bool IsParameter(string name) =>
        name is "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" or "torch.nn.parameter.Parameter";

    PickledTensor? TensorOf(PickledCall call)
    {
        if (made.TryGetValue(call, out var known)) return known;
        var tensor = (call.Function.ToString(), call.Arguments) switch
        {
            ("torch._utils._rebuild_tensor", [var storage, long offset, var shape, var strides]) => View(storage, null, offset, shape, strides),
            ("torch._utils._rebuild_tensor_v2", [var storage, long offset, var shape, var strides, _, _, .. var marks]) =>
                View(storage, null, offset, shape, strides, marks),
            ("torch._utils._rebuild_tensor_v3", [var storage, long offset, var shape, var strides, _, _, PickledName type, .. var marks]) =>
                View(storage, type, offset, shape, strides, marks),
            (var name, [PickledCall inner, ..]) when IsParameter(name) =>
                !IsParameter(inner.Function.ToString()) ? TensorOf(inner) : throw Bad("it has a parameter of a parameter"),
            (var name, _) when IsParameter(name) || name.StartsWith("torch._utils._rebuild", StringComparison.Ordinal) => throw Bad($"{name} is called with what it does not take"),
            _ => null,
        };
        if (tensor is not null && call.HasState) throw Bad("a tensor is given another state than it was made with, which torch wrote before its version 0.4");
        if (tensor is not null) made.Add(call, tensor);
        return tensor;
    }

    PickledTensor View(object? storage, PickledName? type, long offset, object? shape, object? strides, params object?[] marks)
    {
        foreach (var mark in marks) RefuseMarks(mark);
        var stretch = storage is PickledReference reference ? Storage(reference) : throw Bad("it has a tensor without a storage");
        var (sizes, steps) = (Sizes(shape), Sizes(strides));
        if (sizes.Length != steps.Length) throw Bad($"a tensor has {sizes.Length} dimensions and {steps.Length} strides");
        var numbers = type is null ? stretch.Type : Numbers.TryGetValue(type.Name, out var own) ? own : null;
        return new(stretch, numbers ?? throw Bad($"a tensor of {stretch.Key} has no number type that is known"), offset, sizes, steps);
    }

    /// <summary>Views may be marked (torch._utils.set_tensor_metadata): "conj" and "neg" say that other numbers are meant than those that lie there.</summary>
    void RefuseMarks(object? marks)
    {
        var items = marks switch
        {
            null => [],
            PickledDictionary dictionary => dictionary.Items,
            PickledCall call => call.Entries.Items,
            _ => throw Bad("what it says of a tensor is no dictionary"),
        };
        foreach (var (key, value) in items)
            if (value is not false)
                throw new CheckpointException($"{file} has a tensor marked \"{Short(Spelled(key))}\", whose numbers are not those that lie there: save its resolve_conj().resolve_neg().");
    }

    /// <summary>('storage', its class, its key, where it was computed, how long it is)</summary>
    public PickledStorage Storage(PickledReference reference) => reference.Id switch
    {
        object?[] and ["storage", _, _, _, _, not null, ..] => throw Bad("a storage is a part of another, which torch wrote before its version 0.4"),
        object?[] and ["storage", PickledName kind, var key, _, long count, ..] when count >= 0 => new(
            Numbers.TryGetValue(kind.Name, out var type) ? type : null, Spelled(key), count),
        _ => throw Bad("it refers to what is no storage"),
    };

    long[] Sizes(object? sizes)
    {
        var list = sizes is PickledCall { Function.Name: "Size", Arguments: [object?[] inner] } ? inner : sizes as object?[] ?? throw Bad("a tensor's shape is no tuple");
        if (list.Length > 64) throw Bad($"a tensor has {list.Length} dimensions");
        return [.. list.Select(size => size is long value and >= 0 ? value : size is BigInteger ? throw Bad("a tensor's size is beyond 64 bits") : throw Bad("a tensor's sizes are no numbers from 0"))];
    }

    static string Short(string path) => path.Length > 80 ? $"{path[..80]}..." : path;

    CheckpointException Bad(string what) => new($"{file} is no sound checkpoint of PyTorch: {what}. Fetch it again.");
}
