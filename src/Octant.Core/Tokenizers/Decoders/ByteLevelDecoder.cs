namespace Octant.Tokenizers.Decoders;

/// <summary>
/// GPT-2's characters back to bytes, and those to text; each sequence that is not UTF-8 gives one U+FFFD. A token that is not
/// written in those characters stands for itself.
/// </summary>
sealed class ByteLevelDecoder : Decoder
{
    internal override List<string> Apply(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens) bytes.AddRange(ByteAlphabet.BytesOrText(token));
        return [System.Text.Encoding.UTF8.GetString([.. bytes])];
    }
}
