namespace Octant.Data.Reading;

/// <summary>How a file holds documents.</summary>
public enum SourceFormat
{
    /// <summary>By the name: .jsonl and .ndjson are JSON lines, all else is text; .gz behind either changes nothing.</summary>
    ByName,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A JSON object a line, one of whose fields is the text.</summary>
    JsonLines,
}

/// <summary>What becomes of bytes that are not UTF-8.</summary>
public enum InvalidText
{
    /// <summary>They are an error, which says where they stand.</summary>
    Refuse,

    /// <summary>They become U+FFFD.</summary>
    Replace,
}

/// <summary>How sources are read.</summary>
/// <param name="Format">of every file</param>
/// <param name="TextField">the field of a JSON line that is the text</param>
/// <param name="Separator">
/// stands between documents of a text file, and is part of none: a line feed makes each line a document, two each paragraph; null
/// makes the file one document
/// </param>
/// <param name="Extensions">which files of a folder are read; null for .txt, .md, .jsonl, .ndjson. Each also with .gz</param>
/// <param name="Invalid">what becomes of bytes that are not UTF-8</param>
public sealed record SourceOptions(SourceFormat Format = SourceFormat.ByName, string TextField = "text", string? Separator = null,
    IReadOnlyList<string>? Extensions = null, InvalidText Invalid = InvalidText.Refuse)
{
    internal IReadOnlyList<string> Endings => Extensions ?? [".txt", ".md", ".jsonl", ".ndjson"];
}
