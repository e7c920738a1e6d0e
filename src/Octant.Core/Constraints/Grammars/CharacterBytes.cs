using Octant.Constraints.Languages;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Grammars;

/// <summary>
/// How the characters of a set are written in UTF-8, as an automaton over bytes with one end. Within a JSON string (RFC 8259, section 7) as
/// they are where that is allowed, by their letter where they have one, and as \u with four hexadecimal digits, two of these beyond the
/// basic plane. Each set is spelled out once and made small: a text of some thousand characters has it as often.
/// </summary>
sealed class CharacterBytes
{
    static readonly CodePoints mustEscape = CodePoints.Range(0, 0x1F).Union(CodePoints.Of("\"\\"));

    /// <summary>What no writer of JSON escapes: letters, digits, and the signs that are safe in HTML, too.</summary>
    static readonly CodePoints neverEscaped = CodePoints.Range('0', '9').Union(CodePoints.Range('A', 'Z')).Union(CodePoints.Range('a', 'z'))
        .Union(CodePoints.Of(" !#$%()*,-./:;=?@[]^_{|}~"));

    static readonly (char Character, char Letter)[] letters =
        [('"', '"'), ('\\', '\\'), ('/', '/'), ('\b', 'b'), ('\f', 'f'), ('\n', 'n'), ('\r', 'r'), ('\t', 't')];

    readonly Dictionary<(CodePoints Members, Spelling Spelling), Language> known = [];

    /// <summary>The bytes of one character of a set, as characters 0 to 255.</summary>
    public Language Of(CodePoints members, Spelling spelling)
    {
        if (known.TryGetValue((members, spelling), out var bytes)) return bytes;
        var character = new Writer(this);
        character.Add(members, spelling);
        return known[(members, spelling)] = character.Bytes();
    }

    sealed class Writer(CharacterBytes all)
    {
        readonly RuleAutomaton automaton = new(new StateBudget(Language.MaximumStates), all);

        /// <summary>States that read the rest of a character and then go to a target: those that do the same are one.</summary>
        readonly Dictionary<(int Target, byte First, byte Last), int> rests = [];

        /// <summary>States that read a hexadecimal digit of a range and then go to a target.</summary>
        readonly Dictionary<(int Target, int First, int Last), int> digits = [];

        public Language Bytes()
        {
            var states = new ByteDeterminizer(automaton, Language.MaximumStates).Run();
            return new([.. states.Select(state => state.Bytes.Select(way => new Step(way.First, way.Last, way.Target)).ToArray())],
                [.. states.Select(state => state.Accepts)]);
        }

        public void Add(CodePoints members, Spelling spelling)
        {
            AddCharacters(spelling == Spelling.Plain ? members : members.Except(mustEscape));
            if (spelling == Spelling.Plain) return;
            foreach (var (character, letter) in letters)
                if (members.Contains(character)) AddBehindBackslash(automaton.Start, letter, automaton.End);
            if (spelling == Spelling.UsualJson) members = members.Except(neverEscaped);
            foreach (var (first, last) in members.Intersect(Language.Characters).Ranges)
            {
                if (first <= 0xFFFF) AddEscape(automaton.Start, first, Math.Min(last, 0xFFFF), automaton.End);
                if (last > 0xFFFF) AddPairs(Math.Max(first, 0x10000), last);
            }
        }

        /// <summary>As they are.</summary>
        void AddCharacters(CodePoints members)
        {
            foreach (var (first, last) in members.Intersect(Language.Characters).Ranges)
                foreach (var bytes in Utf8Ranges.Split(first, last)) AddBytes(automaton.Start, bytes, automaton.End);
        }

        /// <summary>Adds ways over byte ranges one behind the other; their ends are shared, as all of them meet in one state.</summary>
        void AddBytes(int from, ReadOnlySpan<(byte First, byte Last)> bytes, int to)
        {
            for (var i = bytes.Length - 1; i > 0; i--) to = Rest(to, bytes[i]);
            automaton[from].Add(Way.On(bytes[0].First, bytes[0].Last, to));
        }

        int Rest(int to, (byte First, byte Last) range)
        {
            if (rests.TryGetValue((to, range.First, range.Last), out var state)) return state;
            rests.Add((to, range.First, range.Last), state = automaton.New());
            automaton[state].Add(Way.On(range.First, range.Last, to));
            return state;
        }

        /// <summary>Surrogate pairs of a range: the first and the last high half have some of the low ones, those between have all.</summary>
        void AddPairs(int first, int last)
        {
            var (firstHigh, firstLow) = (High(first), 0xDC00 + (first & 0x3FF));
            var (lastHigh, lastLow) = (High(last), 0xDC00 + (last & 0x3FF));
            if (firstHigh == lastHigh)
            {
                AddPair(firstHigh, firstHigh, firstLow, lastLow);
                return;
            }
            AddPair(firstHigh, firstHigh, firstLow, 0xDFFF);
            if (firstHigh + 1 < lastHigh) AddPair(firstHigh + 1, lastHigh - 1, 0xDC00, 0xDFFF);
            AddPair(lastHigh, lastHigh, 0xDC00, lastLow);

            static int High(int character) => 0xD800 + (character - 0x10000 >> 10);

            void AddPair(int highFirst, int highLast, int lowFirst, int lowLast)
            {
                var middle = automaton.New();
                AddEscape(middle, lowFirst, lowLast, automaton.End);
                AddEscape(automaton.Start, highFirst, highLast, middle);
            }
        }

        void AddEscape(int from, int first, int last, int to)
        {
            foreach (var range in HexRanges.Split(first, last))
            {
                var at = to;
                for (var i = range.Length - 1; i >= 0; i--) at = Digit(at, range[i]);
                AddBehindBackslash(from, 'u', at);
            }
        }

        void AddBehindBackslash(int from, char letter, int to) => AddBytes(from, [((byte)'\\', (byte)'\\'), ((byte)letter, (byte)letter)], to);

        /// <summary>A state that reads a hexadecimal digit of a range, in either case, and goes on.</summary>
        int Digit(int to, (int First, int Last) range)
        {
            if (digits.TryGetValue((to, range.First, range.Last), out var state)) return state;
            digits.Add((to, range.First, range.Last), state = automaton.New());
            if (range.First < 10) automaton[state].Add(Way.On((byte)('0' + range.First), (byte)('0' + Math.Min(range.Last, 9)), to));
            if (range.Last < 10) return state;
            var (low, high) = (Math.Max(range.First, 10) - 10, range.Last - 10);
            automaton[state].Add(Way.On((byte)('a' + low), (byte)('a' + high), to));
            automaton[state].Add(Way.On((byte)('A' + low), (byte)('A' + high), to));
            return state;
        }
    }
}
