using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Octant.Formats;

/// <summary>
/// A checkpoint of llama2.c (karpathy/llama2.c, export.py): seven numbers, then all weights in float32 one behind the other, in the first
/// version or the second, which begins with "ak42". Tensors go by llama.cpp's names, for they lie as they do there: rotary pairs side by
/// side. Its 8-bit version is refused.
/// </summary>
public sealed class Llama2CFile : ITensorFile
{
    const int HeaderBytes = 28, PaddedHeader = 256;
    const uint Magic = 0x616B3432;

    readonly MappedFile file;
    readonly Dictionary<string, TensorInfo> tensors = [];
    readonly Sizes sizes;
    long at;

    readonly record struct Sizes(int Width, int Inner, int Layers, int Heads, int KeyValueHeads, int Vocabulary, int Context, bool IsTied)
    {
        public int Shared => Width / Heads * KeyValueHeads;

        /// <summary>Numbers in each layer.</summary>
        long Layer => 2L * Width + 2L * Width * Width + 2L * Width * Shared + 3L * Width * Inner;

        /// <summary>Numbers in all; the first version also keeps the cosines and sines of all positions.</summary>
        public long Count(bool keepsRotary) => (long)Vocabulary * Width * (IsTied ? 1 : 2) + Layers * Layer + Width
            + (keepsRotary ? (long)Context * (Width / Heads / 2) * 2 : 0);

        public bool AreSound => Width is > 0 and <= 1 << 16 && Inner is > 0 and <= 1 << 20 && Layers is > 0 and <= 1 << 12 && Heads > 0 && KeyValueHeads > 0
            && Width % Heads == 0 && Heads % KeyValueHeads == 0 && Width / Heads % 2 == 0 && Vocabulary is > 0 and <= 1 << 24 && Context is > 0 and <= 1 << 24;
    }

    /// <param name="path">of the file</param>
    /// <exception cref="CheckpointException">it is damaged, or of the 8-bit version</exception>
    public Llama2CFile(string path)
    {
        file = new(path);
        try
        {
            sizes = Read(file, out var isFirst) ?? throw new CheckpointException($"{path} is no checkpoint of llama2.c: no model has the sizes that it begins with.");
            CheckLength(isFirst);
            Config = ConfigOf(sizes);
            at = isFirst ? HeaderBytes : PaddedHeader;
            if (isFirst) AddInFirstOrder();
            else AddInSecondOrder();
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

    /// <summary>The config.json that says what its header says.</summary>
    public JsonObject Config { get; }

    static JsonObject ConfigOf(Sizes sizes) => new()
    {
        ["model_type"] = "llama",
        ["architectures"] = new JsonArray("LlamaForCausalLM"),
        ["vocab_size"] = sizes.Vocabulary,
        ["hidden_size"] = sizes.Width,
        ["intermediate_size"] = sizes.Inner,
        ["num_hidden_layers"] = sizes.Layers,
        ["num_attention_heads"] = sizes.Heads,
        ["num_key_value_heads"] = sizes.KeyValueHeads,
        ["max_position_embeddings"] = sizes.Context,
        ["rms_norm_eps"] = 1e-5,
        ["tie_word_embeddings"] = sizes.IsTied,
    };

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    /// <summary>Whether a file is one, whole or cut off: it begins with sizes that a model can have, which hardly any other does.</summary>
    internal static bool Is(MappedFile file) => IsSecond(file) || Read(file, out _) is not null;

    /// <inheritdoc cref="Is(MappedFile)"/>
    internal static bool Is(string path)
    {
        using var file = new MappedFile(path);
        return Is(file);
    }

    void CheckLength(bool isFirst)
    {
        var length = (isFirst ? HeaderBytes : PaddedHeader) + 4 * sizes.Count(keepsRotary: isFirst);
        if (file.Length < length) throw CutOff(file, $"{length}");
        if (file.Length > length) throw new CheckpointException($"{Origin} is no sound checkpoint of llama2.c: it has {file.Length} bytes where its sizes come to {length}. Fetch it again.");
    }

    static CheckpointException CutOff(MappedFile file, string length) =>
        new($"{file.Path} is a checkpoint of llama2.c that is cut off: it has {file.Length} bytes of {length}. Fetch it again.");

    static bool IsSecond(MappedFile file) => file.Length >= 4 && MemoryMarshal.Read<uint>(file.Read(0, 4)) == Magic;

    static Sizes? Read(MappedFile file, out bool isFirst)
    {
        isFirst = !IsSecond(file);
        if (file.Length < HeaderBytes && isFirst) return null;
        if (file.Length < PaddedHeader && !isFirst) throw CutOff(file, $"{PaddedHeader} and more");
        if (!isFirst && MemoryMarshal.Read<int>(file.Read(4, 4)) is not 1 and var version)
            throw new CheckpointException($"{file.Path} is a checkpoint of llama2.c of version {version}; only float32 (versions 0 and 1) is read.");
        var numbers = MemoryMarshal.Cast<byte, int>(file.Read(isFirst ? 0 : 8, HeaderBytes));
        // In the first version a negative vocabulary says that the head is a matrix of its own.
        var tied = isFirst ? numbers[5] > 0 : file.Read(8 + HeaderBytes, 1)[0] != 0;
        if (numbers[5] == int.MinValue) return null;
        var sizes = new Sizes(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], Math.Abs(numbers[5]), numbers[6], tied);
        return sizes.AreSound ? sizes : null;
    }

    void AddInFirstOrder()
    {
        Add("token_embd.weight", sizes.Vocabulary, sizes.Width);
        AddLayers("attn_norm.weight", sizes.Width);
        AddAttention();
        AddLayers("ffn_norm.weight", sizes.Width);
        AddFeedForward();
        Add("output_norm.weight", sizes.Width);
        at += 4L * sizes.Context * (sizes.Width / sizes.Heads / 2) * 2;
        if (!sizes.IsTied) Add("output.weight", sizes.Vocabulary, sizes.Width);
    }

    void AddInSecondOrder()
    {
        AddLayers("attn_norm.weight", sizes.Width);
        AddLayers("ffn_norm.weight", sizes.Width);
        Add("output_norm.weight", sizes.Width);
        Add("token_embd.weight", sizes.Vocabulary, sizes.Width);
        AddAttention();
        AddFeedForward();
        if (!sizes.IsTied) Add("output.weight", sizes.Vocabulary, sizes.Width);
    }

    void AddAttention()
    {
        AddLayers("attn_q.weight", sizes.Width, sizes.Width);
        AddLayers("attn_k.weight", sizes.Shared, sizes.Width);
        AddLayers("attn_v.weight", sizes.Shared, sizes.Width);
        AddLayers("attn_output.weight", sizes.Width, sizes.Width);
    }

    void AddFeedForward()
    {
        AddLayers("ffn_gate.weight", sizes.Inner, sizes.Width);
        AddLayers("ffn_down.weight", sizes.Width, sizes.Inner);
        AddLayers("ffn_up.weight", sizes.Inner, sizes.Width);
    }

    void AddLayers(string name, params long[] shape)
    {
        for (var layer = 0; layer < sizes.Layers; layer++) Add($"blk.{layer}.{name}", shape);
    }

    void Add(string name, params long[] shape)
    {
        var bytes = 4 * shape.Aggregate(1L, (product, size) => product * size);
        tensors.Add(name, new(name, ElementType.F32, shape, file, at, bytes));
        at += bytes;
    }
}
