using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Octant.Cli;

/// <summary>Help that teaches by examples: they follow what the library prints.</summary>
static class Examples
{
    public static Command WithExamples(this Command command, params string[] examples)
    {
        var help = new HelpOption();
        help.Action = new Printed((SynchronousCommandLineAction)help.Action!, examples);
        command.Options.Add(help);
        return command;
    }

    sealed class Printed(SynchronousCommandLineAction help, string[] examples) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parsed)
        {
            var result = help.Invoke(parsed);
            var output = parsed.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var example in examples) output.WriteLine($"  {example}");
            output.WriteLine();
            return result;
        }
    }
}
