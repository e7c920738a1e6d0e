using System.CommandLine;
using System.CommandLine.Invocation;
using System.Text;
using Octant;
using Octant.Cli;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
Console.InputEncoding = Console.OutputEncoding;

var root = new RootCommand("Foundation models on your own machine: talk to them, run them, look into them.")
{
    ChatCommand.Create(), GenerateCommand.Create(), TokenizeCommand.Create(), TrainCommand.Create(), EvalCommand.Create(), TokenizerCommand.Create(), InspectCommand.Create(), ConvertCommand.Create(), PullCommand.Create(), ModelsCommand.Create(),
};
var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);
// A wrong word deserves one line that says so, not the whole help.
if (parsed.Action is ParseErrorAction) return Failed(WrongWords.Describe(parsed));
try
{
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (Exception e) when (e is OctantException or NotSupportedException or IOException or UnauthorizedAccessException)
{
    return Failed(e.Message);
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("octant: interrupted");
    return 130;                                             // as shells say it of what SIGINT ended
}
catch (Exception e)
{
    // Nothing is expected here; even so nobody who only wanted an answer should have to read a stack trace.
    return Failed($"unexpected {e.GetType().Name}: {e.Message}");
}

static int Failed(string message)
{
    Console.Error.WriteLine($"octant: {Output.Line(message)}");
    return 1;
}
