using System.Globalization;
using Octant.Formats;

namespace Octant.Models.Conversion;

/// <summary>
/// llama.cpp's mixtures of K-quants: most matrices in one type, and those of which more is lost (values, what leads out of the
/// feed-forward layers, the head) in larger ones (llama-quant.cpp, llama_tensor_get_type; without an importance matrix).
/// </summary>
public sealed record Mixture
{
    Mixture(string name, ElementType most, uint fileType) => (Name, Most, FileType) = (name, most, fileType);

    /// <summary>All of them; plain names such as Q4_K stand for one type in every matrix.</summary>
    public static IReadOnlyList<Mixture> All { get; } =
    [
        new("Q2_K_M", ElementType.Q2_K, 10),
        new("Q3_K_S", ElementType.Q3_K, 11), new("Q3_K_M", ElementType.Q3_K, 12), new("Q3_K_L", ElementType.Q3_K, 13),
        new("Q4_K_S", ElementType.Q4_K, 14), new("Q4_K_M", ElementType.Q4_K, 15),
        new("Q5_K_S", ElementType.Q5_K, 16), new("Q5_K_M", ElementType.Q5_K, 17),
    ];

    /// <summary>As llama.cpp calls it; Q2_K_M is what it calls Q2_K.</summary>
    public string Name { get; }

    /// <summary>The type of most matrices.</summary>
    public ElementType Most { get; }

    /// <summary>Its number in general.file_type.</summary>
    internal uint FileType { get; }

    /// <summary>What the choice hangs on besides a matrix's name.</summary>
    /// <param name="Layers">of the model</param>
    /// <param name="HasHead">whether the head is a matrix of its own, not the embedding</param>
    /// <param name="Sharing">heads of queries for one of keys and values</param>
    /// <param name="Experts">in a layer; 1 where there are none</param>
    internal sealed record Model(int Layers, bool HasHead, long Sharing, long Experts)
    {
        public static Model Of(IReadOnlyList<(string Name, IReadOnlyList<long> Shape)> tensors)
        {
            return new(tensors.Select(tensor => Layer(tensor.Name)).DefaultIfEmpty(-1).Max() + 1, tensors.Any(tensor => tensor.Name == "output.weight"),
                Math.Max(1, RowsOf("attn_q.weight") / Math.Max(1, RowsOf("attn_k.weight"))),
                tensors.Where(tensor => tensor.Name.Contains("_exps.", StringComparison.Ordinal)).Select(Rows).FirstOrDefault(1));

            long RowsOf(string part) => tensors.Where(tensor => tensor.Name.EndsWith(part, StringComparison.Ordinal)).Select(Rows).FirstOrDefault();

            static long Rows((string, IReadOnlyList<long> Shape) tensor) => tensor.Shape.Count > 0 ? tensor.Shape[0] : 0;
        }
    }

    /// <summary>A matrix's type, if its rows are whole blocks.</summary>
    internal ElementType For(string name, Model model)
    {
        if (name == (model.HasHead ? "output.weight" : "token_embd.weight")) return ElementType.Q6_K;
        var part = name[(name.IndexOf('.', name.IndexOf('.', StringComparison.Ordinal) + 1) + 1)..];
        return part switch
        {
            "attn_v.weight" => Values(Layer(name), model),
            "attn_k.weight" when model.Experts == 8 => ElementType.Q8_0,
            "attn_output.weight" => Output(model),
            "attn_qkv.weight" => Name switch
            {
                "Q3_K_M" or "Q3_K_L" => ElementType.Q4_K,
                "Q4_K_M" => ElementType.Q5_K,
                "Q5_K_M" => ElementType.Q6_K,
                _ => Most,
            },
            _ when part.StartsWith("ffn_down", StringComparison.Ordinal) => Down(Layer(name), model.Layers),
            _ => Most,
        };
    }

    ElementType Values(int layer, Model model)
    {
        if (model.Experts == 8) return ElementType.Q8_0;
        var type = Name switch
        {
            "Q2_K_M" => model.Sharing >= 4 ? ElementType.Q4_K : ElementType.Q3_K,
            "Q3_K_M" => layer < 2 ? ElementType.Q5_K : ElementType.Q4_K,
            "Q3_K_L" => ElementType.Q5_K,
            "Q4_K_M" or "Q5_K_M" when NeedsMore(layer, model.Layers) => ElementType.Q6_K,
            "Q4_K_S" when layer < 4 => ElementType.Q5_K,
            _ => Most,
        };
        // In models of 70 billion parameters eight heads share their values.
        return model.Layers == 80 && type is (ElementType.Q3_K or ElementType.Q4_K) ? ElementType.Q5_K : type;
    }

    ElementType Output(Model model) => model.Experts == 8
        ? Name is "Q2_K_M" or "Q3_K_S" or "Q3_K_M" or "Q4_K_S" or "Q4_K_M" ? ElementType.Q5_K : Most
        : Name switch
        {
            "Q2_K_M" => ElementType.Q3_K,
            "Q3_K_M" => ElementType.Q4_K,
            "Q3_K_L" => ElementType.Q5_K,
            _ => Most,
        };

    ElementType Down(int layer, int layers) => Name switch
    {
        "Q2_K_M" => ElementType.Q3_K,
        "Q3_K_M" => layer < layers / 16 ? ElementType.Q5_K : ElementType.Q4_K,
        "Q3_K_L" => ElementType.Q5_K,
        "Q4_K_M" or "Q5_K_M" when NeedsMore(layer, layers) => ElementType.Q6_K,
        "Q4_K_S" when layer < layers / 8 => ElementType.Q5_K,
        _ => Most,
    };

    /// <summary>The first and the last eighth of the layers, and every third between.</summary>
    static bool NeedsMore(int layer, int layers) => layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;

    /// <summary>blk.7.attn_v.weight -> 7; -1 for what is in no layer.</summary>
    static int Layer(string name) => name.StartsWith("blk.", StringComparison.Ordinal) && name.IndexOf('.', 4) is > 0 and var end
        && int.TryParse(name.AsSpan(4, end - 4), NumberStyles.None, CultureInfo.InvariantCulture, out var layer) ? layer : -1;
}
