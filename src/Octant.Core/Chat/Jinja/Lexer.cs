using System.Globalization;
using System.Text;
using Octant.Chat.Jinja.Python;

namespace Octant.Chat.Jinja;

enum TokenKind { Data, BlockBegin, BlockEnd, VariableBegin, VariableEnd, Name, Text, Integer, Float, Operator, End }

/// <summary>A piece of a template; <see cref="At"/> is its offset in the source.</summary>
readonly record struct Token(TokenKind Kind, string Text, object? Value, int At)
{
    public override string ToString() => Kind switch
    {
        TokenKind.BlockEnd => "the end of the statement",
        TokenKind.VariableEnd => "'}}'",
        TokenKind.End => "the end of the template",
        TokenKind.Data or TokenKind.BlockBegin or TokenKind.VariableBegin => "text",
        _ => $"'{Text}'",
    };
}

/// <summary>A fault in the text of a template, at an offset.</summary>
sealed class SyntaxFault(TemplateErrorKind kind, string message, int at) : Exception(message)
{
    public TemplateErrorKind Kind => kind;

    public int At => at;
}

/// <summary>
/// Cuts a template into tokens, as Jinja does with trim_blocks and lstrip_blocks on: a line that holds only a statement or comment leaves
/// nothing behind.
/// </summary>
sealed class Lexer
{
    static readonly string[] Operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".",
            ":", "|", ",", ";"];

    readonly string source;
    readonly List<Token> tokens = [];
    readonly Stack<(char Close, int At)> open = [];
    int at;
    bool lineStarts = true;

    Lexer(string source) => this.source = source;

    /// <summary>All line ends become \n, and one at the very end is dropped.</summary>
    public static string Normalize(string source)
    {
        var lines = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return lines.EndsWith('\n') ? lines[..^1] : lines;
    }

    public static List<Token> Read(string source) => new Lexer(source).Run();

    List<Token> Run()
    {
        while (at < source.Length) Data();
        tokens.Add(new(TokenKind.End, "", null, source.Length));
        return tokens;
    }

    void Data()
    {
        var begin = at;
        while ((begin = source.IndexOf('{', begin)) >= 0
            && !(begin + 1 < source.Length && source[begin + 1] is '{' or '%' or '#'))
            begin++;
        if (begin < 0)
        {
            AddData(source[at..]);
            at = source.Length;
            return;
        }
        var text = source[at..begin];
        var kind = source[begin + 1];
        var sign = begin + 2 < source.Length && source[begin + 2] is '-' or '+' ? source[begin + 2] : '\0';
        AddData(sign == '-' ? PythonText.TrimEnd(text) : sign == '+' || kind == '{' ? text : StripLine(text));
        at = begin + 2 + (sign == 0 ? 0 : 1);
        lineStarts = false;
        if (kind == '#') Comment(begin);
        else if (kind == '{') Code(begin, TokenKind.VariableBegin, TokenKind.VariableEnd, "}}");
        else if (RawBegin() is > 0 and var raw) Raw(begin, raw);
        else Code(begin, TokenKind.BlockBegin, TokenKind.BlockEnd, "%}");
    }

    void AddData(string text)
    {
        if (text.Length > 0) tokens.Add(new(TokenKind.Data, text, null, at));
    }

    /// <summary>lstrip_blocks: white space between the beginning of a line and a statement goes.</summary>
    string StripLine(string text)
    {
        var line = text.LastIndexOf('\n') + 1;
        return (line > 0 || lineStarts) && IsBlank(text, line) ? text[..line] : text;
    }

    static bool IsBlank(string text, int from)
    {
        while (from < text.Length && PythonText.IsSpace(text[from])) from++;
        return from == text.Length;
    }

    void Comment(int begin)
    {
        // A comment with nothing behind it needs no end, nor does raw text.
        if (at == source.Length) return;
        var end = source.IndexOf("#}", at, StringComparison.Ordinal);
        if (end < 0) throw Fault("a comment '{#' without its end '#}'", begin);
        var sign = end > at ? source[end - 1] : '\0';
        at = end + 2;
        AfterEnd(sign);
    }

    /// <summary>What follows the end of a block or comment: '-' takes all white space, '+' nothing, else trim_blocks takes one line end.</summary>
    void AfterEnd(char sign)
    {
        if (sign == '-') SkipSpace();
        else if (sign != '+' && at < source.Length && source[at] == '\n') at++;
        lineStarts = source[at - 1] == '\n';
    }

    void SkipSpace()
    {
        while (at < source.Length && PythonText.IsSpace(source[at])) at++;
    }

    /// <summary>Where '{% raw %}' ends if it begins here, else 0.</summary>
    int RawBegin()
    {
        var end = SkipWord(at, "raw");
        if (end > 0 && Stands("-%}", end))
        {
            for (end += 3; end < source.Length && PythonText.IsSpace(source[end]);) end++;
            return end;
        }
        return end > 0 && Stands("%}", end) ? end + 2 : 0;
    }

    int SkipWord(int from, string word)
    {
        while (from < source.Length && PythonText.IsSpace(source[from])) from++;
        if (!Stands(word, from)) return 0;
        for (from += word.Length; from < source.Length && PythonText.IsSpace(source[from]);) from++;
        return from;
    }

    bool Stands(string word, int from) => string.CompareOrdinal(source, from, word, 0, word.Length) == 0;

    void Raw(int begin, int from)
    {
        at = from;
        if (at == source.Length) return;
        lineStarts = source[from - 1] == '\n';
        for (var next = from; (next = source.IndexOf("{%", next, StringComparison.Ordinal)) >= 0; next += 2)
        {
            var sign = next + 2 < source.Length && source[next + 2] is '-' or '+' ? source[next + 2] : '\0';
            var end = SkipWord(next + (sign == 0 ? 2 : 3), "endraw");
            if (end == 0) continue;
            var endSign = end < source.Length && source[end] is '-' or '+' ? source[end++] : '\0';
            if (!Stands("%}", end)) continue;
            var text = source[from..next];
            AddData(sign == '-' ? PythonText.TrimEnd(text) : sign == '+' ? text : StripLine(text));
            at = end + 2;
            AfterEnd(endSign);
            return;
        }
        throw Fault("'{% raw %}' without '{% endraw %}'", begin);
    }

    void Code(int begin, TokenKind beginKind, TokenKind endKind, string end)
    {
        tokens.Add(new(beginKind, source[begin..at], null, begin));
        open.Clear();
        while (true)
        {
            SkipSpace();
            if (at >= source.Length) throw Fault($"the template ends before '{end}'", begin);
            if (open.Count == 0 && CodeEnd(end) is { } sign)
            {
                tokens.Add(new(endKind, end, null, at));
                at += end.Length + (sign == 0 ? 0 : 1);
                // After '}}' a line end stays: it is text.
                if (endKind == TokenKind.BlockEnd) AfterEnd(sign);
                else
                {
                    if (sign == '-') SkipSpace();
                    lineStarts = source[at - 1] == '\n';
                }
                return;
            }
            CodeToken();
        }
    }

    char? CodeEnd(string end)
    {
        if (Stands(end, at)) return '\0';
        var sign = source[at];
        return (sign == '-' || (sign == '+' && end == "%}")) && Stands(end, at + 1) ? sign : null;
    }

    void CodeToken()
    {
        var c = source[at];
        if (char.IsAsciiDigit(c)) NumberToken();
        else if (c is '\'' or '"') TextToken(c);
        else if (IsNamePart(at, out _)) NameToken();
        else OperatorToken();
    }

    bool IsNamePart(int index, out int length)
    {
        length = 0;
        return Rune.DecodeFromUtf16(source.AsSpan(index), out var rune, out length) == System.Buffers.OperationStatus.Done
            && PythonText.IsWord(rune);
    }

    void NameToken()
    {
        var start = at;
        while (at < source.Length && IsNamePart(at, out var length)) at += length;
        tokens.Add(new(TokenKind.Name, source[start..at], null, start));
    }

    void OperatorToken()
    {
        var symbol = Array.Find(Operators, symbol => Stands(symbol, at))
            ?? throw Fault($"unexpected character '{PythonText.At(source[at..Math.Min(at + 2, source.Length)], 0)}'", at);
        if (symbol is "(" or "[" or "{") open.Push((symbol switch { "(" => ')', "[" => ']', _ => '}' }, at));
        if (symbol is ")" or "]" or "}")
        {
            if (open.Count == 0) throw Fault($"unexpected '{symbol}'", at);
            var expected = open.Pop();
            if (expected.Close != symbol[0]) throw Fault($"unexpected '{symbol}', expected '{expected.Close}'", at);
        }
        tokens.Add(new(TokenKind.Operator, symbol, null, at));
        at += symbol.Length;
    }

    void NumberToken()
    {
        var start = at;
        var afterDot = start > 0 && source[start - 1] == '.';
        if (!afterDot && FloatEnd(start) is > 0 and var end)
        {
            var real = double.Parse(source[start..end].Replace("_", "", StringComparison.Ordinal),
                CultureInfo.InvariantCulture);
            tokens.Add(new(TokenKind.Float, source[start..end], real, start));
            at = end;
            return;
        }
        var radix = source[start] != '0' || start + 1 >= source.Length ? 10
            : char.ToLowerInvariant(source[start + 1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 };
        if (radix != 10 && Digits(start + 2, radix, true) is var digits && digits > start + 2) at = digits;
        else if (source[start] == '0')
            for (at = start + 1; Stands("0", at) || Stands("_0", at);) at += source[at] == '_' ? 2 : 1;
        else at = Digits(start, radix = 10, false);
        if (at == start + 1) radix = 10;
        var value = Number.ParseInteger(source[start..at], radix) ?? throw Fault("an integer with too many digits", start);
        tokens.Add(new(TokenKind.Integer, source[start..at], value, start));
    }

    /// <summary>Where digits with single underscores between them end.</summary>
    int Digits(int from, int radix, bool mayBeginWithUnderscore)
    {
        bool IsDigit(int index) => index < source.Length && char.IsAsciiHexDigit(source[index])
            && Convert.ToInt32(source[index].ToString(), 16) < radix;
        if (mayBeginWithUnderscore && Stands("_", from) && IsDigit(from + 1)) from++;
        if (!IsDigit(from)) return from;
        while (IsDigit(from) || (from < source.Length && source[from] == '_' && IsDigit(from + 1))) from++;
        return from;
    }

    int FloatEnd(int start)
    {
        var end = Digits(start, 10, false);
        var isFloat = false;
        if (Stands(".", end) && Digits(end + 1, 10, false) is var fraction && fraction > end + 1)
            (end, isFloat) = (fraction, true);
        if (end < source.Length && source[end] is 'e' or 'E')
        {
            var digits = end + (end + 1 < source.Length && source[end + 1] is '+' or '-' ? 2 : 1);
            if (Digits(digits, 10, false) is var exponent && exponent > digits) (end, isFloat) = (exponent, true);
        }
        return isFloat ? end : 0;
    }

    void TextToken(char quote)
    {
        var start = at++;
        var text = new StringBuilder();
        while (at < source.Length && source[at] != quote)
        {
            if (source[at] == '\\') Escape(text, start);
            else text.Append(source[at++]);
        }
        if (at >= source.Length) throw Fault("a text without its closing quote", start);
        at++;
        tokens.Add(new(TokenKind.Text, source[start..at], text.ToString(), start));
    }

    void Escape(StringBuilder text, int start)
    {
        if (at + 1 >= source.Length) throw Fault("a text without its closing quote", start);
        var c = source[at + 1];
        at += 2;
        switch (c)
        {
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'a': text.Append('\a'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case '\\' or '\'' or '"': text.Append(c); break;
            case '\n': break;
            case 'x': CodePoint(text, 2); break;
            case 'u': CodePoint(text, 4); break;
            case 'U': CodePoint(text, 8); break;
            case 'N': throw Fault("characters by name (\\N) are not supported: write the character itself", at - 2);
            case >= '0' and <= '7': Octal(text, c - '0'); break;
            default: text.Append('\\').Append(c); break;
        }
    }

    void CodePoint(StringBuilder text, int digits)
    {
        if (at + digits > source.Length
            || !uint.TryParse(source.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
            out var code) || code > 0x10FFFF)
            throw Fault($"an escape that is not followed by {digits} hexadecimal digits of a character", at - 2);
        at += digits;
        if (code <= 0xFFFF) text.Append((char)code);
        else text.Append(new Rune(code));
    }

    void Octal(StringBuilder text, int code)
    {
        for (var i = 0; i < 2 && at < source.Length && source[at] is >= '0' and <= '7'; i++)
            code = code * 8 + (source[at++] - '0');
        text.Append((char)code);
    }

    static SyntaxFault Fault(string message, int at) => new(TemplateErrorKind.Syntax, message, at);
}
