using System.CommandLine;
using System.Diagnostics;
using Octant.Models.Conversion;
using Spectre.Console;

namespace Octant.Cli;

/// <summary>`octant convert`: a model in another form or number type.</summary>
static class ConvertCommand
{
    public static Command Create()
    {
        Argument<string> input = new("IN") { Description = "a folder in the Hugging Face layout, a GGUF file, a checkpoint of PyTorch's with its config.json beside it, or a model's name" };
        Argument<string> output = new("OUT") { Description = "a name that ends in .gguf, or a folder" };
        Option<string?> type = new("--type") { Description = $"of the matrices: {string.Join(", ", MatrixType.Names)}; for folders float32, float16 or bfloat16" };
        Option<bool> overwrite = new("--overwrite") { Description = "replaces what is there" };
        var command = new Command("convert", "Writes a model in another form or number type: Hugging Face folders and GGUF files, both ways.") { input, output, type, overwrite };
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(Downloads.Find(parsed.GetValue(input)!), parsed.GetValue(output)!, parsed.GetValue(type) is { } name ? MatrixType.Parse(name) : new(), parsed.GetValue(overwrite), cancellation), cancellation));
        return command.WithExamples(
            "octant convert ./SmolLM2-135M-Instruct smollm2.gguf --type Q8_0",
            "octant convert smollm2.gguf ./smollm2 --type bfloat16",
            "octant convert shakespeare-chat shakespeare.gguf",
            "octant convert model.gguf smaller.gguf --type Q4_K_M",
            "octant convert ./old-model/pytorch_model.bin ./as-safetensors");
    }

    static void Run(string input, string output, MatrixType type, bool overwrite, CancellationToken cancellation)
    {
        if (!overwrite && (File.Exists(output) || Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any()))
            throw new OctantException($"{output} is there already: name another place, or give --overwrite.");
        if (Path.GetFullPath(input) == Path.GetFullPath(output)) throw new OctantException($"{output} cannot be read and replaced at the same time: name another place.");
        var clock = Stopwatch.StartNew();
        // Ctrl-C ends the writing, which then takes its unfinished file away.
        using var interruption = new Interruption();
        cancellation = interruption.Begin(cancellation);
        var converted = AnsiConsole.Profile.Out.IsTerminal && !Console.IsOutputRedirected ? WithBar(input, output, type, cancellation) : ModelConverter.Convert(input, output, type, progress: null, cancellation);
        var types = string.Join(", ", converted.Types.Select(pair => $"{pair.Value} {pair.Key}"));
        Console.Out.WriteLine(FormattableString.Invariant($"{output}: {Output.Size(converted.Bytes)} of tensors ({types}) in {clock.Elapsed.TotalSeconds:F1} s"));
    }

    static Converted WithBar(string input, string output, MatrixType type, CancellationToken cancellation) => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .Start(context =>
        {
            var bar = context.AddTask(Markup.Escape(Path.GetFileName(output.TrimEnd('/'))));
            return ModelConverter.Convert(input, output, type, new Progress(bar), cancellation);
        });

    sealed class Progress(ProgressTask bar) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => bar.MaxValue(Math.Max(1, value.Total)).Value(value.Written);
    }
}
