using System.Numerics;

namespace Octant.Formats.Pickles;

/// <summary>
/// A file of PyTorch's (.pt, .pth, .bin, .th): the ZIP archive that torch.save writes since 1.6, or the row of pickles before. Tensors lie
/// in it as they are; the pickle that says which there are is read as data, and a file whose pickle asks for anything but tensors and plain
/// values is refused as a whole. Tensors in dictionaries and lists get dotted names.
/// </summary>
public sealed class TorchFile : ITensorFile
{
    static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>An expanded tensor repeats its numbers; a file that claims more of them than this many times its own size lies.</summary>
    const int MostRepetitions = 64;

    readonly MappedFile file;
    readonly Dictionary<string, TensorInfo> tensors = [];

    /// <param name="path">of the file</param>
    /// <exception cref="CheckpointException">it is damaged, of a kind that is not supported, or asks for more than tensors</exception>
    public TorchFile(string path)
    {
        file = new(path);
        try
        {
            if (ZipDirectory.IsZip(file)) ReadArchive();
            else ReadPickles();
        }
        catch (Exception)
        {
            Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Origin => file.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, TensorInfo> Tensors => tensors;

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    /// <summary>Whether a file may be one of these, by its first bytes: an archive with a pickle, or a pickle of protocol 2 and later.</summary>
    internal static bool Is(MappedFile file) =>
        file.Length >= 2 && (ZipDirectory.IsZip(file) || file.Read(0, 1)[0] == 0x80 && file.Read(1, 1)[0] is >= 2 and <= 5);

    /// <summary>NAME/data.pkl beside NAME/data/KEY for each storage.</summary>
    void ReadArchive()
    {
        var archive = new ZipDirectory(file);
        var pickles = archive.Entries.Keys.Where(name => name == "data.pkl" || name.EndsWith("/data.pkl", StringComparison.Ordinal)).ToArray();
        if (pickles.Length != 1) throw Bad($"it holds {pickles.Length} files data.pkl, where one says what there is");
        var folder = pickles[0][..^"data.pkl".Length];
        if (archive.Entries.Keys.Any(name => name.StartsWith($"{folder}code/", StringComparison.Ordinal)))
            throw new CheckpointException($"{Origin} is a TorchScript program, not a checkpoint: save its state_dict() instead.");
        var bigEndian = IsBigEndian(archive, $"{folder}byteorder");
        var pickle = Plain(archive.Entries[pickles[0]]);
        if (pickle.Length > int.MaxValue) throw Bad($"{pickle.Name} has {pickle.Length} bytes, more than any list of tensors");
        var root = new PickleReader(Origin, file.Read(pickle.Offset, (int)pickle.Length), PickledTensors.Allows).Read();
        foreach (var (name, tensor) in new PickledTensors(Origin, pickle.Length).Collect(root))
        {
            var place = $"{folder}data/{tensor.Storage.Key}";
            if (!archive.Entries.TryGetValue(place, out var entry)) throw Bad($"{name} lies in {place}, which it does not hold");
            Add(name, tensor, Plain(entry).Offset, entry.Length, bigEndian);
        }
    }

    /// <summary>A compressed pickle could say a thousand times as much as the file is long.</summary>
    ZipEntry Plain(ZipEntry entry) => !entry.Deflated ? entry : throw Bad($"{entry.Name} is compressed, which torch.save never does");

    /// <summary>Storages have the byte order of the machine that wrote them; files of before torch 2.1 do not say which, and are read as little-endian.</summary>
    bool IsBigEndian(ZipDirectory archive, string record)
    {
        if (!archive.Entries.TryGetValue(record, out var entry)) return false;
        Span<byte> start = stackalloc byte[16];
        var order = start[..archive.Read(entry, start)];
        var big = order.SequenceEqual("big"u8);
        return big || order.SequenceEqual("little"u8) ? big : throw Bad($"{record} says neither little nor big");
    }

    /// <summary>A magic number, a version, the machine's traits, the tree, the keys of the storages; then each one's length and numbers.</summary>
    void ReadPickles()
    {
        var at = 0L;
        // A plain pickle, such as pickle.dump makes of a dictionary, holds no tensors of torch's.
        if (Next(ref at, out _) is not BigInteger magic || magic != Magic) throw Bad("it is a pickle, but not one of torch.save");
        if (Next(ref at, out _) is not 1001L) throw Bad("its version is not 1001");
        // Of the traits nothing matters: little_endian tells of the machine that wrote the file, but storages are always written in
        // little-endian order (THPStorage_writeFileRaw of torch/csrc/generic/serialization.cpp).
        if (Next(ref at, out _) is not PickledDictionary) throw Bad("it does not say what machine wrote it");
        var tree = at;
        var root = Next(ref at, out var references);
        var reader = new PickledTensors(Origin, at - tree);
        var found = reader.Collect(root);
        if (Next(ref at, out _) is not List<object?> keys) throw Bad("it has no list of storages");
        var places = Places(keys, references.Select(reader.Storage).DistinctBy(storage => storage.Key).ToDictionary(storage => storage.Key), at);
        foreach (var (name, tensor) in found)
        {
            if (!places.TryGetValue(tensor.Storage.Key, out var place)) throw Bad($"{name} lies in a storage that it does not hold");
            Add(name, tensor, place.Offset, place.Bytes, bigEndian: false);
        }
    }

    /// <summary>Storages come in the order of their keys.</summary>
    Dictionary<string, (long Offset, long Bytes)> Places(List<object?> keys, Dictionary<string, PickledStorage> storages, long at)
    {
        var places = new Dictionary<string, (long, long)>();
        foreach (var key in keys)
        {
            if (key is not string name || at > file.Length - 8) throw Bad("its storages are cut off");
            if (!storages.TryGetValue(name, out var storage)) throw Bad($"nothing is said of its storage {name}");
            var count = System.Buffers.Binary.BinaryPrimitives.ReadInt64LittleEndian(file.Read(at, 8));
            at += 8;
            var size = storage.Type?.Layout().Bytes ?? 1;
            if (count < 0 || count > (file.Length - at) / size) throw Bad($"storage {name} claims {count} numbers, more than the file holds");
            places[name] = (at, count * size);
            at += count * size;
        }
        return places;
    }

    object? Next(ref long at, out IReadOnlyList<PickledReference> references)
    {
        var reader = new PickleReader(Origin, file.Read(at, (int)Math.Min(file.Length - at, Array.MaxLength)), PickledTensors.Allows);
        var value = reader.Read();
        at += reader.Position;
        references = reader.References;
        return value;
    }

    void Add(string name, PickledTensor tensor, long offset, long bytes, bool bigEndian)
    {
        var size = tensor.Type.Layout().Bytes;
        var (count, last) = Extent(name, tensor);
        if (count > 0 && (tensor.Offset < 0 || last >= bytes / size)) throw Bad($"{name} reaches beyond its storage of {bytes} bytes");
        if (count > (file.Length + 1024) * MostRepetitions)
            throw new CheckpointException($"{Origin}: {name} is a view of {count} numbers in a file of {file.Length} bytes, which repeats them more than is read here: save its contiguous().");
        var usual = count == 0 || Enumerable.Range(0, tensor.Shape.Length).All(i => tensor.Shape[i] == 1 || tensor.Strides[i] == Arrangement.RowMajor(tensor.Shape)[i]);
        tensors.Add(name, new(name, tensor.Type, tensor.Shape, file, offset + (count == 0 ? 0 : tensor.Offset * size), count * size,
            usual && !(bigEndian && size > 1) ? null : new(usual ? Arrangement.RowMajor(tensor.Shape) : tensor.Strides, bigEndian && size > 1)));
    }

    /// <summary>How many numbers a view has, and the place of its last one.</summary>
    (long Count, long Last) Extent(string name, PickledTensor tensor)
    {
        try
        {
            var count = tensor.Shape.Aggregate(1L, (product, size) => checked(product * size));
            var last = tensor.Offset;
            for (var i = 0; i < tensor.Shape.Length && count > 0; i++) last = checked(last + (tensor.Shape[i] - 1) * tensor.Strides[i]);
            return (count, last);
        }
        catch (OverflowException)
        {
            throw Bad($"{name} claims the shape [{string.Join(", ", tensor.Shape)}]");
        }
    }

    CheckpointException Bad(string what) => new($"{Origin} is no sound checkpoint of PyTorch: {what}. Fetch it again.");
}
