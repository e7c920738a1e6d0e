using System.CommandLine;
using System.CommandLine.Parsing;

namespace Octant.Cli;

/// <summary>What is wrong with a command line, in words for people: the library's own name types of .NET.</summary>
static class WrongWords
{
    public static string Describe(ParseResult parsed)
    {
        var commands = new List<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult command; at = at.Parent) commands.Insert(0, command.Command.Name);
        commands[0] = "octant";                             // whatever the file is called
        return $"{string.Join(" ", parsed.Errors.Select(Describe).Distinct())} See {string.Join(' ', commands)} --help.";
    }

    static string Describe(ParseError error)
    {
        if (error.SymbolResult is not OptionResult { Option: var option } given || given.Tokens is not [var token]) return error.Message;
        var type = Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        return type == typeof(double) ? $"{option.Name} must be a number, not {token.Value}."
            : type == typeof(int) || type == typeof(long) ? $"{option.Name} must be a whole number, not {token.Value}."
            : error.Message;
    }
}
