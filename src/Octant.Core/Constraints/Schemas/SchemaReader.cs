using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Constraints.Languages;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints.Schemas;

/// <summary>
/// Reads schemas into shapes, each when it is first needed: a schema may hold itself. What is said by several keywords at once is the
/// intersection of what each says (JSON Schema 2020-12; the keywords' older spellings, too).
/// </summary>
sealed class SchemaReader
{
    const int MaximumDepth = 200, MaximumCount = 10_000, MaximumParts = 20_000;

    /// <summary>A schema in its place, the value that a constant is, or what a term is not.</summary>
    sealed record Part(JsonNode? Json, string Path, bool IsConstant, Term? Not);

    readonly JsonNode? root;
    readonly SchemaIndex index;
    readonly List<Part> parts = [];
    readonly Dictionary<(string Path, bool IsConstant), int> ids = [];
    readonly Dictionary<Term, int> negations = [];
    readonly Dictionary<int, Shape> shapes = [];
    readonly HashSet<int> inProgress = [];
    int depth;

    public SchemaReader(JsonNode? root) => (this.root, index) = (root, new SchemaIndex(root));

    public Term Root => Schema(root, "#");

    /// <summary>What satisfies all parts of a term.</summary>
    public Shape ShapeOf(Term term) => term == Term.False ? Shape.Nothing
        : term.Parts.Aggregate(Shape.Anything, (shape, part) => shape.And(ShapeOf(part)));

    /// <summary>Where a term's first schema stands.</summary>
    public string PathOf(Term term) => term.Parts.Select(part => parts[part].Path).FirstOrDefault("#");

    Shape ShapeOf(int id)
    {
        if (shapes.TryGetValue(id, out var shape)) return shape;
        var part = parts[id];
        if (inProgress.Contains(id))
        {
            refersToItself = true;
            throw Wrong(part.Path, "it refers to itself and says nothing else");
        }
        if (depth >= MaximumDepth) throw Wrong(part.Path, $"schemas refer to each other deeper than {MaximumDepth}");
        try
        {
            depth++;
            inProgress.Add(id);
            shape = part.Not is { } not ? OppositeOf(not) ?? throw Unenforceable(part.Path, "not", "it is about objects or arrays of a kind whose opposite is no schema")
                : part.IsConstant ? Constant(part.Json, part.Path) : Read(part.Json, part.Path);
        }
        finally
        {
            depth--;
            inProgress.Remove(id);
        }
        return shapes[id] = shape;
    }

    bool refersToItself;

    /// <summary>What satisfies a term, as far as that is known while something is being read: null where it leads back there, as trees do.</summary>
    Shape? KnownShapeOf(Term term)
    {
        try
        {
            refersToItself = false;
            return ShapeOf(term);
        }
        catch (ConstraintException) when (refersToItself)
        {
            return null;
        }
    }

    /// <summary>What does not satisfy a term; null where shapes cannot say it.</summary>
    Shape? OppositeOf(Term term) => Complements.Of(ShapeOf(term), Negated);

    Term Schema(JsonNode? json, string path) => json is JsonValue value && value.TryGetValue<bool>(out var all) ? all ? Term.True : Term.False
        : json is JsonObject schema ? schema.Count == 0 ? Term.True : Term.Of(Id(json, path, isConstant: false))
        : throw Wrong(path, "a schema is an object, true or false");

    int Id(JsonNode? json, string path, bool isConstant)
    {
        if (ids.TryGetValue((path, isConstant), out var id)) return id;
        ids.Add((path, isConstant), id = parts.Count);
        return Added(new(json, path, isConstant, null));
    }

    Term Negated(Term term)
    {
        if (term == Term.True) return Term.False;
        if (term == Term.False) return Term.True;
        if (!negations.TryGetValue(term, out var id))
        {
            negations.Add(term, id = parts.Count);
            Added(new(null, PathOf(term), false, term));
        }
        return Term.Of(id);
    }

    int Added(Part part)
    {
        if (parts.Count >= MaximumParts) throw Wrong(part.Path, $"there are more than {MaximumParts} schemas");
        parts.Add(part);
        return parts.Count - 1;
    }

    Shape Read(JsonNode? json, string path)
    {
        var schema = (JsonObject)json!;
        Keywords.Check(schema, path);
        var shape = Typed(schema, path);
        if (schema["enum"] is { } options)
            shape = shape.And(Constants(Array(options, $"{path}/enum"), $"{path}/enum"));
        if (schema.ContainsKey("const")) shape = shape.And(Constant(schema["const"], $"{path}/const"));
        if (schema["$ref"] is { } reference) shape = shape.And(ShapeOf(Referred(Text(reference, $"{path}/$ref"), path)));
        foreach (var (part, place) in Schemas(schema, "allOf", path)) shape = shape.And(ShapeOf(Schema(part, place)));
        if (schema.ContainsKey("anyOf"))
            shape = shape.And(Schemas(schema, "anyOf", path).Select(part => ShapeOf(Schema(part.Schema, part.Path))).Aggregate(Shape.Nothing, (all, one) => all.Or(one)));
        if (schema.ContainsKey("oneOf")) shape = ExactlyOne(shape, [.. Schemas(schema, "oneOf", path).Select(part => Schema(part.Schema, part.Path))], path);
        if (schema.ContainsKey("not")) shape = shape.And(ShapeOf(Negated(Schema(schema["not"], $"{path}/not"))));
        if (schema.ContainsKey("if")) shape = shape.And(Conditional(schema, path));
        if (schema.ContainsKey("unevaluatedProperties")) shape = shape.And(Unevaluated(schema, path));
        return Dependencies(schema, path).Aggregate(shape, (all, one) => all.And(one));
    }

    /// <summary>Keys at which neither the schema nor another one for the same value looks.</summary>
    Shape Unevaluated(JsonObject schema, string path)
    {
        var term = Schema(schema["unevaluatedProperties"], $"{path}/unevaluatedProperties");
        if (term == Term.True) return Shape.Anything;
        var keys = Evaluated(schema, path, isWhole: true)
            ?? throw Unenforceable(path, "unevaluatedProperties", "which keys are looked at hangs on the value: write additionalProperties");
        return Shape.Anything with
        {
            Objects = [new([], [.. new[] { (keys, Term.True), (keys.Complement(), term) }.Where(part => part.Item2 != Term.False && !part.Item1.IsNothing)], 0, null)],
        };
    }

    /// <summary>The keys at which a schema looks, with those for the same value; null where that hangs on the value.</summary>
    Language? Evaluated(JsonNode? json, string path, bool isWhole = false)
    {
        if (json is not JsonObject schema) return Language.Nothing;
        if (schema.ContainsKey("additionalProperties") || !isWhole && schema.ContainsKey("unevaluatedProperties")) return Language.Anything;
        if (depth >= MaximumDepth) throw Wrong(path, $"schemas refer to each other deeper than {MaximumDepth}");
        Effort.Spend(1);
        depth++;
        try
        {
            var keys = schema["properties"] is null ? Language.Nothing : Language.Of(Object(schema["properties"], $"{path}/properties").Select(entry => entry.Key));
            foreach (var (pattern, _) in schema["patternProperties"] is null ? [] : Object(schema["patternProperties"], $"{path}/patternProperties"))
                keys = keys.Union(At($"{path}/patternProperties", () => RegexLanguage.Search(pattern, RegexDialect.EcmaScript)));
            foreach (var (part, place) in Always(schema, path))
            {
                if (Evaluated(part, place) is not { } more) return null;
                keys = keys.Union(more);
            }
            foreach (var (part, place) in Perhaps(schema, path))
                if (Evaluated(part, place) is not { } more || !more.Except(keys).IsNothing) return null;
            return keys;
        }
        finally
        {
            depth--;
        }
    }

    /// <summary>Schemas that hold of the same value, too.</summary>
    IEnumerable<(JsonNode? Schema, string Path)> Always(JsonObject schema, string path)
    {
        if (schema["$ref"] is { } reference && index.Find(Text(reference, $"{path}/$ref"), path) is { } found) yield return found;
        foreach (var part in Schemas(schema, "allOf", path)) yield return part;
    }

    /// <summary>Schemas that may hold of it.</summary>
    static IEnumerable<(JsonNode? Schema, string Path)> Perhaps(JsonObject schema, string path) =>
        [
            .. Schemas(schema, "anyOf", path), .. Schemas(schema, "oneOf", path),
            .. ((string[])["if", "then", "else"]).Select(keyword => (schema[keyword], $"{path}/{keyword}")),
            .. ((string[])["dependentSchemas", "dependencies"]).SelectMany(keyword => schema[keyword] is JsonObject parts ? parts.Select(part => (part.Value, $"{path}/{keyword}/{JsonPointer.Escape(part.Key)}")) : []),
        ];

    Term Referred(string reference, string path) => index.Find(reference, path) is var (schema, place) ? Schema(schema, place)
        : throw Wrong($"{path}/$ref", $"there is no schema {reference} here: references lead to places in the same file");

    Shape Conditional(JsonObject schema, string path)
    {
        var condition = Schema(schema["if"], $"{path}/if");
        var then = schema.ContainsKey("then") ? Schema(schema["then"], $"{path}/then") : Term.True;
        var otherwise = schema.ContainsKey("else") ? Schema(schema["else"], $"{path}/else") : Term.True;
        if (then == Term.True && otherwise == Term.True) return Shape.Anything;
        var opposite = OppositeOf(condition) ?? throw Unenforceable(path, "if", "the opposite of its condition is no schema");
        return ShapeOf(condition.And(then)).Or(opposite.And(ShapeOf(otherwise)));
    }

    /// <summary>Numbers, texts and the like by counting; objects and arrays of each that the others exclude, where they do not anyhow.</summary>
    Shape ExactlyOne(Shape whole, Term[] terms, string path)
    {
        Shape[] shapes = [.. terms.Select(term => ShapeOf(term).And(whole))];
        var (once, twice) = (Shape.Nothing, Shape.Nothing);
        foreach (var shape in shapes)
        {
            twice = twice.Or(once.And(shape) with { Arrays = [], Objects = [] });
            once = once.Or(shape with { Arrays = [], Objects = [] });
        }
        var meeting = new HashSet<(int, int)>();
        for (var i = 0; i < shapes.Length; i++)
            for (var j = 0; j < i; j++)
                if (MeetInLists(shapes[i], shapes[j])) meeting.UnionWith([(i, j), (j, i)]);
        var opposites = new Shape?[terms.Length];
        Shape[] apart = [.. shapes.Select((shape, i) => Enumerable.Range(0, terms.Length).Where(j => meeting.Contains((i, j))).Aggregate(shape, (rest, j) => rest.And(Opposite(j))))];
        return once with
        {
            Null = once.Null && !twice.Null,
            True = once.True && !twice.True,
            False = once.False && !twice.False,
            Numbers = once.Numbers.Except(twice.Numbers),
            Strings = once.Strings.Except(twice.Strings),
            Arrays = Shape.Checked(apart.SelectMany(shape => shape.Arrays)),
            Objects = Shape.Checked(apart.SelectMany(shape => shape.Objects)),
        };

        Shape Opposite(int i) => opposites[i] ??= OppositeOf(terms[i])
            ?? throw Unenforceable(path, "oneOf", "several of its schemas may hold at once: write anyOf, or tell them apart by a constant");
    }

    /// <summary>Whether some array or object may have both shapes.</summary>
    bool MeetInLists(Shape a, Shape b)
    {
        var both = a.And(b);
        return both.Arrays.Any(array => !Emptiness.IsEmpty(array, KnownShapeOf)) || both.Objects.Any(value => !Emptiness.IsEmpty(value, KnownShapeOf));
    }

    IEnumerable<Shape> Dependencies(JsonObject schema, string path)
    {
        foreach (var keyword in (string[])["dependentRequired", "dependentSchemas", "dependencies"])
            foreach (var (name, value) in schema[keyword] is null ? [] : Object(schema[keyword], $"{path}/{keyword}"))
            {
                var place = $"{path}/{keyword}/{JsonPointer.Escape(name)}";
                var absent = Shape.Anything with { Objects = [Named([new(name, Term.False, false)])] };
                var present = Shape.Anything with { Objects = [Named([new(name, Term.True, true)])] };
                var demanded = value is JsonArray names
                    ? Shape.Anything with { Objects = [Named([.. names.Select((key, i) => new Property(Text(key, $"{place}/{i}"), Term.True, true))])] }
                    : ShapeOf(Schema(value, place));
                yield return absent.Or(Shape.Anything with { Objects = [] }).Or(present.And(demanded));
            }
    }

    static ObjectShape Named(IReadOnlyList<Property> properties) => new(properties,
        [(Language.Of(properties.Select(property => property.Name)).Complement(), Term.True)], 0, null);

    /// <summary>What the keywords say that are about one type each, of the types that are allowed.</summary>
    Shape Typed(JsonObject schema, string path)
    {
        var types = Types(schema, path);
        var all = types is null;
        var numbers = all || types!.Contains("number") ? Numbers.All : types!.Contains("integer") ? Numbers.Integers : Language.Nothing;
        return new(
            all || types!.Contains("null"), all || types!.Contains("boolean"), all || types!.Contains("boolean"),
            numbers.IsNothing ? numbers : numbers.Intersect(NumbersOf(schema, path)),
            all || types!.Contains("string") ? StringsOf(schema, path) : Texts.Nothing,
            all || types!.Contains("array") ? ArraysOf(schema, path) : [],
            all || types!.Contains("object") ? ObjectsOf(schema, path) : []);
    }

    static HashSet<string>? Types(JsonObject schema, string path)
    {
        if (schema["type"] is not { } type) return null;
        var place = $"{path}/type";
        HashSet<string> types = type is JsonArray several ? [.. several.Select(one => Text(one, place))] : [Text(type, place)];
        foreach (var name in types)
            if (name is not ("null" or "boolean" or "integer" or "number" or "string" or "array" or "object")) throw Wrong(place, $"there is no type {name}");
        return types;
    }

    static Language NumbersOf(JsonObject schema, string path)
    {
        var numbers = Numbers.All;
        // In older schemas "exclusiveMinimum": true belongs to "minimum".
        var (belowIsOut, aboveIsOut) = (Flag(schema, "exclusiveMinimum"), Flag(schema, "exclusiveMaximum"));
        if (Number(schema, "minimum", path) is { } least) numbers = numbers.Intersect(Numbers.AtLeast(least, belowIsOut));
        if (Number(schema, "maximum", path) is { } most) numbers = numbers.Intersect(Numbers.AtMost(most, aboveIsOut));
        if (!belowIsOut && Number(schema, "exclusiveMinimum", path) is { } above) numbers = numbers.Intersect(Numbers.AtLeast(above, exclusive: true));
        if (!aboveIsOut && Number(schema, "exclusiveMaximum", path) is { } below) numbers = numbers.Intersect(Numbers.AtMost(below, exclusive: true));
        if (Number(schema, "multipleOf", path) is not { } step) return numbers;
        if (step.IsNegative || step.IsZero) throw Wrong($"{path}/multipleOf", "it must be above 0");
        return At($"{path}/multipleOf", () => numbers.Intersect(Numbers.MultiplesOf(step)));
    }

    static bool Flag(JsonObject schema, string keyword) => schema[keyword] is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    static Digits? Number(JsonObject schema, string keyword, string path) => schema[keyword] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number => At($"{path}/{keyword}", () => Digits.Parse(value.ToJsonString())),
        JsonValue value when value.GetValueKind() == JsonValueKind.False && keyword.StartsWith("exclusive", StringComparison.Ordinal) => null,
        _ => throw Wrong($"{path}/{keyword}", "it is no number"),
    };

    static Texts StringsOf(JsonObject schema, string path)
    {
        var (least, most) = (WholeNumber(schema, "minLength", path), WholeNumber(schema, "maxLength", path));
        if (most < (least ?? 0)) return Texts.Nothing;
        var strings = Texts.Anything;
        if (schema["pattern"] is { } pattern)
            strings = At($"{path}/pattern", () => RegexLanguage.SearchTexts(Text(pattern, $"{path}/pattern"), RegexDialect.EcmaScript));
        if (schema["format"] is { } format)
            strings = At($"{path}/format", () => Formats.Find(Text(format, $"{path}/format")) is { } texts ? strings.Intersect(texts) : strings);
        return least is null && most is null ? strings
            : At($"{path}/{(most is null ? "minLength" : "maxLength")}", () => strings.Intersect(Texts.OfLength(Language.Anything, least ?? 0, most)));
    }

    IReadOnlyList<ArrayShape> ArraysOf(JsonObject schema, string path)
    {
        var (prefix, others) = Items(schema, path);
        var (least, most) = (Count(schema, "minItems", path) ?? 0, Count(schema, "maxItems", path));
        if (most < least) return [];
        return [new(prefix, others, least, most, Contained(schema, path)) { IsSet = Flag(schema, "uniqueItems") }];
    }

    (List<Term> Prefix, Term Others) Items(JsonObject schema, string path)
    {
        var isOld = schema["items"] is JsonArray;
        var (first, behind) = isOld ? ("items", "additionalItems") : ("prefixItems", "items");
        List<Term> prefix = [.. Schemas(schema, first, path, mayBeAbsent: true).Select(part => Schema(part.Schema, part.Path))];
        return (prefix, schema.ContainsKey(behind) ? Schema(schema[behind], $"{path}/{behind}") : Term.True);
    }

    List<(Term, int)> Contained(JsonObject schema, string path)
    {
        if (!schema.ContainsKey("contains")) return [];
        if (schema.ContainsKey("maxContains")) throw Unenforceable(path, "maxContains", "items that must not be counted would have to be told apart");
        var least = Count(schema, "minContains", path) ?? 1;
        return least == 0 ? [] : [(Schema(schema["contains"], $"{path}/contains"), least)];
    }

    IReadOnlyList<ObjectShape> ObjectsOf(JsonObject schema, string path)
    {
        var patterns = (schema["patternProperties"] is null ? [] : Object(schema["patternProperties"], $"{path}/patternProperties")).Select(entry =>
            (Keys: At($"{path}/patternProperties/{JsonPointer.Escape(entry.Key)}", () => RegexLanguage.Search(entry.Key, RegexDialect.EcmaScript)),
                Value: Schema(entry.Value, $"{path}/patternProperties/{JsonPointer.Escape(entry.Key)}"))).ToArray();
        var additional = schema.ContainsKey("additionalProperties") ? Schema(schema["additionalProperties"], $"{path}/additionalProperties") : Term.True;
        var names = schema.ContainsKey("propertyNames") ? ShapeOf(Schema(schema["propertyNames"], $"{path}/propertyNames")).Strings.ToLanguage() : Language.Anything;
        var required = schema["required"] is null ? [] : Array(schema["required"], $"{path}/required").Select(name => Text(name, $"{path}/required")).ToArray();
        var given = schema["properties"] is null ? [] : Object(schema["properties"], $"{path}/properties")
            .ToDictionary(entry => entry.Key, entry => Schema(entry.Value, $"{path}/properties/{JsonPointer.Escape(entry.Key)}"));
        string[] keys = [.. given.Keys.Concat(required).Distinct(StringComparer.Ordinal)];
        var demanded = required.ToHashSet(StringComparer.Ordinal);
        Property[] properties = [.. keys.Select(key => new Property(key, ValueOf(key), demanded.Contains(key)))];
        if (properties.Any(property => property.IsRequired && property.Value == Term.False)) return [];
        var (least, most) = (Count(schema, "minProperties", path) ?? 0, Count(schema, "maxProperties", path));
        return most < least ? [] : [new(properties, Others(), least, most)];

        Term ValueOf(string key)
        {
            if (!names.Contains(key)) return Term.False;
            var matching = patterns.Where(pattern => pattern.Keys.Contains(key)).ToArray();
            var own = given.TryGetValue(key, out var term) ? term : matching.Length > 0 ? Term.True : additional;
            return matching.Aggregate(own, (all, pattern) => all.And(pattern.Value));
        }

        // Each pattern parts the keys that are left in two: those that match it, whose values must satisfy it, too, and the others.
        (Language Keys, Term Value)[] Others()
        {
            List<(Language Keys, Term? Value)> classes = [(names.Except(Language.Of(keys)), null)];
            foreach (var pattern in patterns)
            {
                if (classes.Count > 64) throw Wrong($"{path}/patternProperties", "too many patterns match the same keys");
                classes = [.. classes.SelectMany(part => ((Language Keys, Term? Value)[])
                    [(part.Keys.Intersect(pattern.Keys), (part.Value ?? Term.True).And(pattern.Value)), (part.Keys.Except(pattern.Keys), part.Value)])
                    .Where(part => !part.Keys.IsNothing)];
            }
            return [.. classes.Select(part => (part.Keys, Value: part.Value ?? additional)).Where(part => part.Value != Term.False && !part.Keys.IsNothing)];
        }
    }

    /// <summary>Any of some values; the texts in one go, as the numbers are: one by one, each would be weighed against all before it.</summary>
    Shape Constants(JsonArray values, string path)
    {
        var kinds = values.Index().ToLookup(entry => entry.Item?.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? entry.Item.GetValueKind() : JsonValueKind.Undefined);
        return kinds[JsonValueKind.Undefined].Select(entry => Constant(entry.Item, $"{path}/{entry.Index}"))
            .Aggregate(Shape.Nothing with
            {
                Strings = Texts.Of(Language.Of(kinds[JsonValueKind.String].Select(entry => Text(entry.Item, $"{path}/{entry.Index}")))),
                Numbers = Language.Of(kinds[JsonValueKind.Number].Select(entry => Number(entry.Item!, $"{path}/{entry.Index}"))),
            }, (all, one) => all.Or(one));
    }

    static string Number(JsonNode number, string path) => At(path, () => Digits.Parse(number.ToJsonString())).ToString();

    Shape Constant(JsonNode? value, string path) => value switch
    {
        null => Shape.Nothing with { Null = true },
        JsonArray items => Shape.Nothing with
        {
            Arrays = [new([.. items.Select((item, i) => Term.Of(Id(item, $"{path}/{i}", isConstant: true)))], Term.False, items.Count, items.Count, [])],
        },
        JsonObject entries => Shape.Nothing with
        {
            Objects = [new([.. entries.Select(entry =>
                new Property(entry.Key, Term.Of(Id(entry.Value, $"{path}/{JsonPointer.Escape(entry.Key)}", isConstant: true)), true))], [], 0, null)],
        },
        JsonValue scalar => scalar.GetValueKind() switch
        {
            JsonValueKind.True => Shape.Nothing with { True = true },
            JsonValueKind.False => Shape.Nothing with { False = true },
            JsonValueKind.Number => Shape.Nothing with { Numbers = Language.Of([Number(scalar, path)]) },
            _ => Shape.Nothing with { Strings = Texts.Of(Language.Of([Text(scalar, path)])) },
        },
        _ => throw Wrong(path, "it is no value"),
    };

    static IEnumerable<(JsonNode? Schema, string Path)> Schemas(JsonObject schema, string keyword, string path, bool mayBeAbsent = false)
    {
        if (schema[keyword] is null) return [];
        var list = Array(schema[keyword], $"{path}/{keyword}");
        return list.Count == 0 && !mayBeAbsent ? throw Wrong($"{path}/{keyword}", "it is empty")
            : list.Select((part, i) => (part, $"{path}/{keyword}/{i}"));
    }

    static int? Count(JsonObject schema, string keyword, string path) => WholeNumber(schema, keyword, path) is not > MaximumCount and var count ? count
        : throw Wrong($"{path}/{keyword}", $"{schema[keyword]} is too large: up to {MaximumCount} are counted");

    /// <summary>A count; the greatest int for all above it, which no text and no list reaches.</summary>
    static int? WholeNumber(JsonObject schema, string keyword, string path)
    {
        if (Number(schema, keyword, path) is not { } number) return null;
        if (number.IsNegative || number.Fraction.Length > 0) throw Wrong($"{path}/{keyword}", "it is no count");
        return number.Whole.Length > 9 ? int.MaxValue : int.Parse(number.Whole, System.Globalization.CultureInfo.InvariantCulture);
    }

    static JsonArray Array(JsonNode? node, string path) => node as JsonArray ?? throw Wrong(path, "it is no array");

    static JsonObject Object(JsonNode? node, string path) => node as JsonObject ?? throw Wrong(path, "it is no object");

    static string Text(JsonNode? node, string path)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.String) throw Wrong(path, "it is no text");
        try
        {
            return value.GetValue<string>();
        }
        catch (InvalidOperationException)
        {
            throw Wrong(path, "it holds half a surrogate pair");
        }
    }

    /// <summary>Says where, of what does not know it.</summary>
    static T At<T>(string path, Func<T> build)
    {
        try
        {
            return build();
        }
        catch (ConstraintException fault) when (!fault.Message.StartsWith('#'))
        {
            throw Wrong(path, fault.Message);
        }
    }

    static ConstraintException Wrong(string path, string what) => new($"{path}: {what}");

    static ConstraintException Unenforceable(string path, string keyword, string why) => new($"{path}: {keyword} cannot be enforced here: {why}");
}
