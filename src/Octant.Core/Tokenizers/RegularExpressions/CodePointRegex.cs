namespace Octant.Tokenizers.RegularExpressions;

/// <summary>Whose rules hold where regular expressions differ.</summary>
public enum RegexDialect
{
    /// <summary>
    /// Oniguruma's, which tokenizer.json means: <c>^</c> and <c>$</c> are a line's, <c>a{1,3}+</c> repeats <c>a{1,3}</c>.
    /// </summary>
    Oniguruma,

    /// <summary>
    /// Rust's fancy-regex, which tiktoken means: <c>^</c> and <c>$</c> are the text's, <c>a{1,3}+</c> is possessive.
    /// </summary>
    Fancy,

    /// <summary>
    /// Python's re: <c>^</c> and <c>$</c> are the text's, <c>\w</c> letters and numbers, a bracket within a class stands for itself.
    /// </summary>
    Python,

    /// <summary>ECMAScript's with the flag u, which JSON Schema means: <c>\d</c> and <c>\w</c> are ASCII.</summary>
    EcmaScript,
}

/// <summary>
/// A regular expression over code points: what tokenizers' files need and .NET's own engine lacks (letters beyond the basic
/// plane, possessive quantifiers, sets inside sets). Immutable; safe to use from many threads.
/// </summary>
/// <remarks>
/// Groups capture nothing and references to them are refused. Work is bounded: where much is tried again, it is remembered what failed
/// (<see cref="RegexMemo"/>), and what still backtracks beyond all measure ends in a <see cref="TokenizerException"/>, not in a hang.
/// </remarks>
public sealed class CodePointRegex
{
    readonly RegexProgram program;
    readonly (ulong Low, ulong High) first;

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">the expression</param>
    /// <param name="dialect">whose rules hold</param>
    /// <exception cref="TokenizerException">
    /// The pattern is wrong, or asks for what is not supported: says what and where.
    /// </exception>
    public CodePointRegex(string pattern, RegexDialect dialect = RegexDialect.Oniguruma)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        Pattern = pattern;
        var node = new RegexParser(pattern, dialect).Parse();
        program = new RegexProgram(node, pattern, dialect);
        first = node.CanBeEmpty() ? (~0ul, ~0ul) : node.FirstAscii();
    }

    /// <summary>The expression as it was written.</summary>
    public string Pattern { get; }

    /// <summary>Finds the matches one after the other, as spans of UTF-16 units.</summary>
    public MatchEnumerator Matches(ReadOnlySpan<char> text) => new(this, text);

    /// <summary>Whether the text has a match anywhere.</summary>
    public bool IsMatch(ReadOnlySpan<char> text) => Matches(text).MoveNext();

    /// <summary>The matches in one text.</summary>
    public ref struct MatchEnumerator
    {
        readonly CodePointRegex regex;
        readonly ReadOnlySpan<char> text;
        RegexMachine? machine;
        int next;
        int lastEnd;

        internal MatchEnumerator(CodePointRegex regex, ReadOnlySpan<char> text)
        {
            this.regex = regex;
            this.text = text;
            lastEnd = -1;
        }

        /// <summary>Where the match begins.</summary>
        public int Start { get; private set; }

        /// <summary>Where the match ends.</summary>
        public int End { get; private set; }

        /// <summary>Goes to the next match. An empty match right after the last one does not count.</summary>
        public bool MoveNext()
        {
            machine ??= RegexMachine.Rent(regex.program, regex.Pattern, text.Length);
            while (next <= text.Length)
            {
                var start = regex.Find(text, next, machine, out var end);
                if (start < 0) break;
                if (start == end && end == lastEnd)
                {
                    next = end + RegexMachine.WidthAt(text, end);
                    continue;
                }
                (Start, End, next, lastEnd) = (start, end, end, end);
                return true;
            }
            next = text.Length + 1;
            RegexMachine.Return(machine);
            machine = null;
            return false;
        }
    }

    int Find(ReadOnlySpan<char> text, int from, RegexMachine machine, out int end)
    {
        for (var start = from; start <= text.Length; start += RegexMachine.WidthAt(text, start))
        {
            if (start < text.Length && text[start] < 128
                && ((text[start] < 64 ? first.Low : first.High) >> text[start] & 1) == 0)
                continue;
            end = machine.Match(text, start);
            if (end >= 0) return start;
        }
        end = -1;
        return -1;
    }
}
