using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Octant.Constraints.Grammars;
using Octant.Constraints.Languages;
using Octant.Constraints.Schemas;
using Octant.Constraints.Tokens;
using Octant.Formats;
using Octant.Tokenizers.RegularExpressions;

namespace Octant.Constraints;

/// <summary>
/// What a generated text must look like: a JSON schema, a regular expression or a grammar, compiled once. While a model generates, only
/// tokens come into question with which the text can still be ended as demanded; all texts that satisfy it stay possible. Immutable; safe
/// to use from many threads.
/// </summary>
public sealed class Constraint
{
    readonly ByteGrammar grammar;
    readonly ConditionalWeakTable<TokenVocabulary, BoundConstraint> bound = [];

    Constraint(Grammar grammar) => this.grammar = ByteGrammar.Compile(grammar);

    /// <summary>The whole text matches an expression, in Python's notation: <c>\d</c>, <c>\w</c> and <c>\s</c> know all of Unicode; <c>\p{Lu}</c> is there, too.</summary>
    /// <exception cref="ConstraintException">it is wrong, too large, or cannot be enforced</exception>
    public static Constraint FromRegex(string pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return Named("The regular expression", () =>
        {
            var grammar = new Grammar();
            grammar[grammar.Add("root")] = new Expression.Text(RegexLanguage.Whole(pattern, RegexDialect.Python), Spelling.Plain);
            return new Constraint(grammar);
        });
    }

    /// <summary>The text is a sentence of a grammar in llama.cpp's notation (GBNF), from the symbol root.</summary>
    /// <exception cref="ConstraintException">it is wrong (with line and column), too large, or nothing satisfies it</exception>
    public static Constraint FromGbnf(string grammar)
    {
        ArgumentNullException.ThrowIfNull(grammar);
        return Named("The grammar", () => new Constraint(new GbnfParser(grammar).Parse()));
    }

    /// <summary>
    /// The text is JSON that satisfies a schema (2020-12, also with the older spellings). Keys come in the schema's order, those that it
    /// does not name last; between tokens stands nothing, a space, or a line break with an indentation of up to 32 spaces or tabs.
    /// </summary>
    /// <exception cref="ConstraintException">it is wrong, or has a keyword that cannot be enforced: says which and where</exception>
    public static Constraint FromJsonSchema(JsonNode? schema)
    {
        try
        {
            // Nodes show only when they are used that they hold halves of surrogate pairs, or a key twice: as a text it is seen at once.
            return FromJsonSchema(schema?.ToJsonString() ?? "null");
        }
        catch (Exception fault) when (fault is InvalidOperationException or ArgumentException)
        {
            throw new ConstraintException($"The JSON schema cannot be written: {fault.Message}", fault);
        }
    }

    /// <inheritdoc cref="FromJsonSchema(JsonNode?)"/>
    public static Constraint FromJsonSchema(string schema)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (JsonSurrogates.HasHalf(schema)) throw new ConstraintException("The JSON schema holds half of a surrogate pair.");
        try
        {
            var read = JsonNode.Parse(schema, documentOptions: new() { AllowDuplicateProperties = false, MaxDepth = 128 });
            return Named("The JSON schema", () => new Constraint(SchemaGrammar.Build(read)));
        }
        catch (JsonException fault)
        {
            throw new ConstraintException($"The JSON schema is no JSON: {fault.Message}", fault);
        }
    }

    /// <summary>The text is a JSON object of any content.</summary>
    public static Constraint FromJson() => FromJsonSchema(new JsonObject { ["type"] = "object" });

    /// <summary>Whether a text satisfies it.</summary>
    public bool Accepts(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Accepts(System.Text.Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Whether a text in UTF-8 satisfies it.</summary>
    public bool Accepts(ReadOnlySpan<byte> text) => After(text).CanEnd;

    /// <summary>Whether a text in UTF-8 is the beginning of one that satisfies it.</summary>
    public bool CanBegin(ReadOnlySpan<byte> text) => !After(text).IsDead;

    Configuration After(ReadOnlySpan<byte> text)
    {
        var recognizer = new Recognizer(grammar);
        var at = recognizer.Start;
        foreach (var value in text) at = recognizer.Step(at, value);
        return at;
    }

    /// <summary>Begins a text of a model's tokens.</summary>
    /// <exception cref="ConstraintException">the tokens cannot say any text that satisfies it</exception>
    public ConstraintState Open(TokenVocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new(bound.GetValue(vocabulary, vocabulary => new(grammar, vocabulary)));
    }

    static Constraint Named(string what, Func<Constraint> build)
    {
        Effort.Begin();
        try
        {
            return build();
        }
        catch (ConstraintException fault) when (fault.InnerException is not ConstraintException)
        {
            throw new ConstraintException($"{what} cannot be used: {fault.Message.TrimEnd('.')}.", fault);
        }
    }
}
