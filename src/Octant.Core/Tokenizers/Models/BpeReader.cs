using System.Text.Json;

namespace Octant.Tokenizers.Models;

/// <summary>Reads a byte-pair encoding from tokenizer.json.</summary>
static class BpeReader
{
    public static Bpe Read(JsonPart part, bool readsBytes)
    {
        var vocabulary = Vocabulary.Read(part["vocab"]);
        var options = Options(part) with { ReadsBytes = readsBytes };
        return new Bpe(vocabulary, Merges(part["merges"], vocabulary, options.ContinuingPrefix), options);
    }

    /// <summary>
    /// Whether the model can read bytes where its words were written in GPT-2's alphabet: nothing else is put to its symbols.
    /// </summary>
    public static bool CanReadBytes(JsonPart part) =>
        (part.TextOrNull("type") ?? "BPE") == "BPE"
            && Options(part) is { ContinuingPrefix: "", EndSuffix: "", ByteFallback: false };

    static BpeOptions Options(JsonPart part) => new(
        Unknown: part.TextOrNull("unk_token"),
        FusesUnknown: part.Flag("fuse_unk", false),
        ByteFallback: part.Flag("byte_fallback", false),
        IgnoresMerges: part.Flag("ignore_merges", false),
        ContinuingPrefix: part.TextOrNull("continuing_subword_prefix") ?? "",
        EndSuffix: part.TextOrNull("end_of_word_suffix") ?? "",
        Dropout: part.Find("dropout") is { } dropout ? Share(dropout) : null);

    static double? Share(JsonPart part) => part.Element.ValueKind == JsonValueKind.Number && part.Element.GetDouble() is >= 0 and <= 1 and var share
        ? share == 0 ? null : share : throw part.Wrong("is no number between 0 and 1");

    static MergeTable Merges(JsonPart part, Vocabulary vocabulary, string prefix)
    {
        var merges = new List<(int, int, int, int)>();
        foreach (var merge in part.Items())
        {
            var (left, right) = Pair(merge);
            merges.Add((Id(merge, vocabulary, left), Id(merge, vocabulary, right), merges.Count,
                Id(merge, vocabulary, left + Continuation(right, prefix))));
        }
        return new MergeTable(merges);
    }

    static string Continuation(string right, string prefix) =>
        right.StartsWith(prefix, StringComparison.Ordinal) ? right[prefix.Length..] : right;

    /// <summary>["a", "b"], or "a b" as files of old have it.</summary>
    static (string Left, string Right) Pair(JsonPart merge)
    {
        if (merge.Element.ValueKind != JsonValueKind.Array)
            return Pair(merge.Text()) ?? throw merge.Wrong($"is \"{merge.Text()}\", not two tokens with a space between");
        return merge.Element.GetArrayLength() == 2 && merge.Items().ToList() is [var left, var right]
            ? (left.Text(), right.Text()) : throw merge.Wrong("is not a pair of tokens");
    }

    /// <summary>Two tokens with a space between; null for anything else.</summary>
    public static (string Left, string Right)? Pair(string merge)
    {
        var space = merge.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && space < merge.Length - 1 && merge.IndexOf(' ', space + 1) < 0
            ? (merge[..space], merge[(space + 1)..]) : null;
    }

    static int Id(JsonPart merge, Vocabulary vocabulary, string token) =>
        vocabulary.IdOf(token) is >= 0 and var id ? id
            : throw merge.Wrong($"needs the token \"{token}\", which the vocabulary lacks");
}
