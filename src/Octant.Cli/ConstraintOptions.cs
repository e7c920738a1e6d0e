using System.CommandLine;
using Octant.Constraints;
using Octant.Formats;

namespace Octant.Cli;

/// <summary>What a text must look like: a schema, an expression or a grammar.</summary>
sealed class ConstraintOptions
{
    readonly Option<string?> schema = new("--schema") { Description = "a file with a JSON schema: the text is JSON that satisfies it" };
    readonly Option<string?> regex = new("--regex") { Description = "an expression (in Python's notation) that the whole text matches" };
    readonly Option<string?> grammar = new("--grammar") { Description = "a file with a grammar in llama.cpp's notation (GBNF), of which the text is a sentence" };

    public void AddTo(Command command)
    {
        command.Options.Add(schema);
        command.Options.Add(regex);
        command.Options.Add(grammar);
        command.Validators.Add(result =>
        {
            if (((Option[])[schema, regex, grammar]).Count(option => result.GetResult(option) is not null) > 1)
                result.AddError("Give one of --schema, --regex and --grammar: a text has one constraint.");
        });
    }

    public Constraint? Read(ParseResult parsed) =>
        parsed.GetValue(schema) is { } json ? Compile(json, Constraint.FromJsonSchema)
        : parsed.GetValue(regex) is { } pattern ? Constraint.FromRegex(pattern)
        : parsed.GetValue(grammar) is { } rules ? Compile(rules, Constraint.FromGbnf)
        : null;

    static Constraint Compile(string file, Func<string, Constraint> compile)
    {
        try
        {
            return compile(SmallFiles.ReadText(file));
        }
        catch (ConstraintException e)
        {
            throw new OctantException($"{file}: {e.Message}", e);
        }
    }
}
