namespace Octant.Tokenizers;

/// <summary>The ids of the tokens that every model names, and whether encoding puts them around a text.</summary>
/// <param name="Bos">the beginning of a text</param>
/// <param name="Eos">its end</param>
/// <param name="Pad">padding</param>
/// <param name="Unk">what the vocabulary cannot say</param>
/// <param name="Eot">the end of a turn, where it is another than the end of a text</param>
/// <param name="AddBos">
/// whether the files say that a text begins with <paramref name="Bos"/>; null where they say nothing
/// </param>
/// <param name="AddEos">whether the files say that a text ends with <paramref name="Eos"/>; null where they say nothing</param>
public sealed record SpecialTokens(int? Bos = null, int? Eos = null, int? Pad = null, int? Unk = null, int? Eot = null,
    bool? AddBos = null, bool? AddEos = null);
