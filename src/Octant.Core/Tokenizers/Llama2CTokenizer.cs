using System.Buffers.Binary;

namespace Octant.Tokenizers;

/// <summary>
/// Reads llama2.c's tokenizer.bin: the length of the longest token, then for each its score, its length and its bytes. They are a
/// SentencePiece vocabulary with spaces in the place of its marks.
/// </summary>
static class Llama2CTokenizer
{
    const int LongestToken = 1 << 16;

    public static Tokenizer Read(ReadOnlySpan<byte> file)
    {
        var (tokens, scores, types) = (new List<string>(), new List<float>(), new List<int>());
        for (var at = 4; at < file.Length;)
        {
            if (file.Length - at < 8) throw Bad("it ends within a token");
            var (score, length) = (BinaryPrimitives.ReadSingleLittleEndian(file[at..]), BinaryPrimitives.ReadInt32LittleEndian(file[(at + 4)..]));
            at += 8;
            if (length < 0 || length > Math.Min(LongestToken, file.Length - at)) throw Bad($"token {tokens.Count} claims {length} bytes");
            tokens.Add(Name(System.Text.Encoding.UTF8.GetString(file.Slice(at, length)), tokens.Count));
            scores.Add(float.IsFinite(score) ? score : throw Bad($"token {tokens.Count - 1} has no score"));
            types.Add(tokens.Count switch { 1 => 2, 2 or 3 => 3, _ => tokens[^1] is ['<', '0', 'x', _, _, '>'] ? 6 : 1 });
            at += length;
        }
        if (tokens.Count < 4) throw Bad("it has no tokens");
        return Tokenizer.FromGguf(new() { Model = "llama", Tokens = tokens, Scores = scores, TokenTypes = types });
    }

    static string Name(string text, int id) => id switch { 1 => "<s>", 2 => "</s>", _ => text.Replace(' ', '▁') };

    static TokenizerException Bad(string what) => new($"It is no sound tokenizer.bin of llama2.c: {what}.");
}
