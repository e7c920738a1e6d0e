namespace Octant.Tokenizers.PostProcessors;

/// <summary>A piece of a template: a text, or special tokens.</summary>
/// <param name="Sequence">0 for the first text, 1 for the second, null for special tokens</param>
/// <param name="TypeId">the type of the piece's tokens</param>
/// <param name="Tokens">the special tokens</param>
sealed record TemplatePiece(int? Sequence, int TypeId, IReadOnlyList<EncodedToken> Tokens);

/// <summary>Arranges texts and special tokens as a template says, one for a single text, one for a pair.</summary>
sealed class TemplatePostProcessor(IReadOnlyList<TemplatePiece> single, IReadOnlyList<TemplatePiece> pair) : PostProcessor
{
    /// <summary>Real templates say each text once; many times over, a long one would fill the memory.</summary>
    const int MostTexts = 16;

    public static TemplatePostProcessor From(JsonPart part)
    {
        var special = part.Find("special_tokens") is { } tokens
            ? tokens.Properties().ToDictionary(entry => entry.Name, entry => SpecialTokens(entry.Value), StringComparer.Ordinal)
            : [];
        return new TemplatePostProcessor(
            Pieces(part["single"], special), part.Find("pair") is { } pair ? Pieces(pair, special) : []);
    }

    /// <summary>The beginning and the end of a text, where these are added at all.</summary>
    public static TemplatePostProcessor Around(SpecialTokens special, Func<int, string> tokenOf)
    {
        List<TemplatePiece> start = special is { AddBos: true, Bos: { } bos } ? [Piece(bos)] : [];
        List<TemplatePiece> end = special is { AddEos: true, Eos: { } eos } ? [Piece(eos)] : [];
        return new TemplatePostProcessor([.. start, Text(0), .. end],
            [.. start, Text(0), .. end, .. OfType1(start), Text(1), .. OfType1(end)]);

        TemplatePiece Piece(int id) => new(null, 0, [EncodedToken.Framing(id, tokenOf(id))]);

        static TemplatePiece Text(int sequence) => new(sequence, sequence, []);

        static IEnumerable<TemplatePiece> OfType1(List<TemplatePiece> pieces) =>
            pieces.Select(piece => piece with { TypeId = 1 });
    }

    public override int Added(bool isPair) => (isPair ? pair : single).Sum(piece => piece.Tokens.Count);

    public override IReadOnlyList<EncodingPart> Apply(IReadOnlyList<EncodingPart> parts, bool addSpecialTokens)
    {
        if (parts.Count > 2)
            throw new TokenizerException("A template after another post-processor that adds tokens is not supported.");
        var result = new List<EncodingPart>();
        foreach (var piece in parts.Count == 2 ? pair : single)
            if (piece.Sequence is { } sequence)
            {
                if (sequence >= parts.Count) throw new TokenizerException("The template for one text asks for a second.");
                result.Add(parts[sequence].Select(token => token with { TypeId = piece.TypeId }));
            }
            else if (addSpecialTokens)
                result.Add(new EncodingPart([.. piece.Tokens.Select(token => token with { TypeId = piece.TypeId })]));
        return result;
    }

    public override (int[] Before, int[] After)? Frame
    {
        get
        {
            var text = single.ToList().FindIndex(piece => piece.Sequence == 0);
            if (text < 0 || single.Count(piece => piece.Sequence is not null) != 1) return null;
            return (Ids(single.Take(text)), Ids(single.Skip(text + 1)));
        }
    }

    static int[] Ids(IEnumerable<TemplatePiece> pieces) =>
        [.. pieces.SelectMany(piece => piece.Tokens).Select(token => token.Id)];

    static List<TemplatePiece> Pieces(JsonPart template, Dictionary<string, List<EncodedToken>> special)
    {
        List<TemplatePiece> pieces = [.. template.Items().Select(piece => Piece(piece, special))];
        return pieces.Count(piece => piece.Sequence is not null) <= MostTexts ? pieces : throw template.Wrong($"says a text more than {MostTexts} times");
    }

    static TemplatePiece Piece(JsonPart part, Dictionary<string, List<EncodedToken>> special)
    {
        if (part.Find("Sequence") is { } text)
            return new TemplatePiece(text["id"].Text() switch
            {
                "A" => 0,
                "B" => 1,
                _ => throw text["id"].Wrong("is neither A nor B"),
            }, text.Number("type_id", 0), []);
        var token = part["SpecialToken"];
        return special.TryGetValue(token["id"].Text(), out var tokens)
            ? new TemplatePiece(null, token.Number("type_id", 0), tokens)
            : throw token["id"].Wrong("is not among special_tokens");
    }

    static List<EncodedToken> SpecialTokens(JsonPart part)
    {
        var (ids, tokens) = (part["ids"].Items().ToList(), part["tokens"].Items().ToList());
        if (ids.Count != tokens.Count) throw part.Wrong("has not as many ids as tokens");
        return [.. ids.Zip(tokens, (id, token) => EncodedToken.Framing(id.Number(), token.Text()))];
    }
}
