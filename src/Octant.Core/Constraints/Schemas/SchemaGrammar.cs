using System.Numerics;
using System.Text.Json.Nodes;
using Octant.Constraints.Grammars;
using Octant.Constraints.Languages;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Schemas;

/// <summary>Writes shapes as a grammar of JSON texts (RFC 8259), a rule for each term.</summary>
sealed class SchemaGrammar
{
    const int MaximumPlaces = 50_000, InlineStates = 24, MostValuesOfSet = 10;

    readonly SchemaReader reader;
    readonly Grammar grammar = new();
    readonly Dictionary<Term, Expression> values = [];
    readonly Queue<(int Rule, Shape Shape, string Path)> pending = [];

    SchemaGrammar(JsonNode? schema) => reader = new(schema);

    /// <exception cref="ConstraintException">it is wrong, or a keyword cannot be enforced</exception>
    public static Grammar Build(JsonNode? schema) => new SchemaGrammar(schema).Run();

    Grammar Run()
    {
        var root = grammar.Add("root");
        grammar[root] = ValueOf(reader.Root);
        while (pending.TryDequeue(out var next)) grammar[next.Rule] = Composite(next.Shape, next.Path);
        return grammar;
    }

    /// <summary>A value that satisfies a term: what is small stands where it is used, all else is a rule.</summary>
    Expression ValueOf(Term term)
    {
        if (values.TryGetValue(term, out var value)) return value;
        var shape = reader.ShapeOf(term);
        if (shape.Arrays.Count + shape.Objects.Count == 0 && shape.Numbers.States + shape.Strings.Parts.Sum(part => part.Language.States) <= InlineStates) return values[term] = Scalars(shape);
        var rule = grammar.Add(reader.PathOf(term));
        pending.Enqueue((rule, shape, reader.PathOf(term)));
        return values[term] = new Expression.Call(rule);
    }

    Expression.Choice Composite(Shape shape, string path) =>
        new([Scalars(shape), .. shape.Arrays.Select(array => ArrayOf(array, path)), .. shape.Objects.Select(value => ObjectOf(value, path))]);

    Expression.Choice Scalars(Shape shape)
    {
        var all = new List<Expression>();
        if (shape.Null) all.Add(new Expression.Literal("null"));
        if (shape.True) all.Add(new Expression.Literal("true"));
        if (shape.False) all.Add(new Expression.Literal("false"));
        if (!shape.Numbers.IsNothing) all.Add(new Expression.Text(Numbers.Spelled(shape.Numbers), Spelling.Plain));
        all.AddRange(shape.Strings.Parts.Select(Quoted));
        return new(all);
    }

    readonly List<(SizedTexts Texts, int Rule)> shared = [];

    /// <summary>What is named, or has a form, is written as usual: a model that may begin a key with \u would spell it out to its end.</summary>
    Expression Quoted(SizedTexts texts)
    {
        var spelling = texts.Language.States == 1 ? Spelling.Json : Spelling.UsualJson;
        return texts.IsCounted || texts.Language.States > InlineStates ? Shared(texts, spelling) : Quoted(texts.Language, spelling);
    }

    static Expression.Sequence Quoted(Language texts, Spelling spelling) =>
        new([new Expression.Literal("\""), new Expression.Text(texts, spelling), new Expression.Literal("\"")]);

    /// <summary>Many keys may have texts of the same length, or form: their automaton is there once.</summary>
    Expression.Call Shared(SizedTexts texts, Spelling spelling)
    {
        var found = shared.FirstOrDefault(known => (known.Texts.Least, known.Texts.Most) == (texts.Least, texts.Most) && known.Texts.Language.SameAs(texts.Language));
        if (found.Texts is not null) return new(found.Rule);
        var rule = grammar.Add("text");
        grammar[rule] = texts.IsCounted ? new Expression.Counted(texts, spelling) : Quoted(texts.Language, spelling);
        shared.Add((texts, rule));
        return new(rule);
    }

    /// <summary>Nothing, a space, or a line break and an indentation: bounded, so that a model cannot go on with spaces for ever.</summary>
    static Expression Space { get; } = new Expression.Choice([
        Expression.Empty, new Expression.Literal(" "),
        new Expression.Sequence([
            new Expression.Repeat(new Expression.Literal("\r"), 0, 1), new Expression.Literal("\n"),
            new Expression.Repeat(new Expression.Character(CodePoints.Of(" \t")), 0, 32)])]);

    int? space;

    /// <summary>A call: the rule is there once.</summary>
    Expression Gap()
    {
        if (space is null)
        {
            space = grammar.Add("space");
            grammar[space.Value] = Space;
        }
        return new Expression.Call(space.Value);
    }

    Expression.Sequence Between(string open, Expression inside, string close) =>
        new([new Expression.Literal(open), Gap(), inside, Gap(), new Expression.Literal(close)]);

    Expression.Sequence Comma(Expression item, bool isFirst) => isFirst ? new([item]) : new([new Expression.Literal(","), Gap(), item]);

    /// <summary>Places are counts of items, as far as they matter, and of those among them that the array must contain.</summary>
    Expression ArrayOf(ArrayShape array, string path)
    {
        if (array.IsSet && array.Most is null or > 1) return SetOf(array, path);
        var contained = array.Contains.Count == 0 ? (Term.True, 0) : array.Contains.Count == 1 ? array.Contains[0]
            : throw new ConstraintException($"{path}: contains cannot be enforced here: several schemas demand items");
        var counted = Math.Max(array.Most ?? Math.Max(array.Least, array.Prefix.Count), 1);
        var edges = new List<(int, Expression?, int)>();
        var needed = contained.Item2;
        if ((long)(counted + 1) * (needed + 1) > MaximumPlaces) throw new ConstraintException($"{path}: arrays of {counted} items are too large");
        for (var i = 0; i <= counted; i++)
        {
            if (i == array.Most) break;
            var next = i < counted ? i + 1 : i;
            for (var has = 0; has <= needed; has++)
            {
                Item(array.At(i), i, has, next, has);
                if (has < needed) Item(array.At(i).And(contained.Item1), i, has, next, has + 1);
            }
        }
        int[] ends = [.. Enumerable.Range(array.Least, Math.Max(0, counted + 1 - array.Least)).Select(i => Place(i, needed))];
        return Between("[", new Expression.Graph((counted + 1) * (needed + 1), edges, ends), "]");

        int Place(int count, int has) => count * (needed + 1) + has;

        void Item(Term term, int from, int has, int to, int hasThen)
        {
            if (term != Term.False) edges.Add((Place(from, has), Comma(ValueOf(term), isFirst: from == 0), Place(to, hasThen)));
        }
    }

    /// <summary>Places are the values that are there already, a bit each: of few values only.</summary>
    Expression SetOf(ArrayShape array, string path)
    {
        if (array.Prefix.Count + array.Contains.Count > 0 || Values(reader.ShapeOf(array.Others)) is not { Count: <= MostValuesOfSet } values)
            throw new ConstraintException($"{path}: uniqueItems cannot be enforced here: what was said before would have to be remembered, of more than {MostValuesOfSet} values");
        var edges = new List<(int, Expression?, int)>();
        var ends = new List<int>();
        for (var there = 0; there < 1 << values.Count; there++)
        {
            var count = BitOperations.PopCount((uint)there);
            if (count >= array.Least && !(count > array.Most)) ends.Add(there);
            for (var i = 0; i < values.Count; i++)
                if ((there >> i & 1) == 0) edges.Add((there, Comma(values[i], isFirst: there == 0), there | 1 << i));
        }
        return Between("[", new Expression.Graph(1 << values.Count, edges, ends), "]");
    }

    /// <summary>The values of a shape, one by one; null where they are many.</summary>
    List<Expression>? Values(Shape shape)
    {
        if (shape.Arrays.Count + shape.Objects.Count > 0 || shape.Numbers.Few(MostValuesOfSet) is not { } numbers) return null;
        List<Expression> values = [.. numbers.Select(number => new Expression.Text(Numbers.Spelled(Language.Of([number])), Spelling.Plain))];
        foreach (var (there, name) in (ReadOnlySpan<(bool, string)>)[(shape.Null, "null"), (shape.True, "true"), (shape.False, "false")])
            if (there) values.Add(new Expression.Literal(name));
        foreach (var part in shape.Strings.Parts)
            if (part.IsCounted || part.Language.Few(MostValuesOfSet) is not { } texts) return null;
            else values.AddRange(texts.Select(text => Quoted(new SizedTexts(Language.Of([text]), 0, null))));
        return values;
    }

    /// <summary>
    /// Places are the keys that have been passed and how many of them are there, as far as that matters. Keys come in their order, those
    /// that are not named last.
    /// </summary>
    Expression ObjectOf(ObjectShape value, string path)
    {
        Property[] named = [.. value.Properties.Where(property => property.Value != Term.False)];
        var required = named.Count(property => property.IsRequired);
        if (value.Others.Count > 0 && value.Least - required > 1)
            throw new ConstraintException($"{path}: minProperties cannot be enforced here: several keys that are not named would have to differ");
        var counted = Math.Max(value.Most ?? Math.Max(value.Least, 1), 1);
        if ((long)(named.Length + 1) * (counted + 1) > MaximumPlaces) throw new ConstraintException($"{path}: maxProperties is too large");
        var edges = new List<(int, Expression?, int)>();
        for (var i = 0; i <= named.Length; i++)
            for (var count = 0; count <= counted; count++)
            {
                if (i < named.Length && !named[i].IsRequired) edges.Add((Place(i, count), null, Place(i + 1, count)));
                if (count == value.Most) continue;
                var more = Math.Min(count + 1, counted);
                if (i < named.Length)
                    edges.Add((Place(i, count), Comma(Pair(Language.Of([named[i].Name]), named[i].Value), count == 0), Place(i + 1, more)));
                else
                    foreach (var (keys, term) in value.Others)
                        edges.Add((Place(i, count), Comma(Pair(keys, term), count == 0), Place(i, more)));
            }
        int[] ends = [.. Enumerable.Range(value.Least, Math.Max(0, counted + 1 - value.Least)).Select(count => Place(named.Length, count))];
        return Between("{", new Expression.Graph((named.Length + 1) * (counted + 1), edges, ends), "}");

        int Place(int passed, int count) => passed * (counted + 1) + count;
    }

    Expression.Sequence Pair(Language keys, Term value) => new([Quoted(new SizedTexts(keys, 0, null)), Gap(), new Expression.Literal(":"), Gap(), ValueOf(value)]);
}
