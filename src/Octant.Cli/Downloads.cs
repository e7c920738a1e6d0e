using Octant.Hub;
using Spectre.Console;

namespace Octant.Cli;

/// <summary>Where a model lies, fetched from the hub first where it is not here yet: with a bar and the time that is left.</summary>
static class Downloads
{
    static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    public static async Task<string> Locate(string name, CancellationToken cancellation)
    {
        using var hub = new ModelHub();
        return hub.Find(name) is { } here ? here.Path : await Pull(hub, name, cancellation);
    }

    /// <summary>Where a file, a folder or a model that is here lies; nothing is fetched.</summary>
    public static string Find(string name)
    {
        if (File.Exists(name) || Directory.Exists(name)) return name;
        using var hub = new ModelHub();
        return hub.Find(name)?.Path ?? throw new OctantException($"There is no file, folder or model {name}. `octant models` lists those that are here.");
    }

    /// <summary>The tokenizer alone: no weights are fetched for it.</summary>
    public static async Task<string> LocateTokenizer(string name, CancellationToken cancellation)
    {
        using var hub = new ModelHub();
        return hub.FindTokenizer(name) is { } here ? here.Path
            : await Show(name, progress => hub.ResolveTokenizerAsync(name, progress, cancellation));
    }

    /// <summary>Asks the hub also where the model is here: it may have a newer one. What is embedded is here already.</summary>
    public static async Task<string> Pull(string name, CancellationToken cancellation)
    {
        using var hub = new ModelHub();
        if (hub.Embedded().FirstOrDefault(embedded => embedded.Name == name) is { } here) return here.Path;
        return await Pull(hub, name, cancellation);
    }

    static async Task<string> Pull(ModelHub hub, string name, CancellationToken cancellation)
    {
        var model = ModelName.Parse(name);
        return await Show(name, progress => hub.PullAsync(model, progress, cancellation));
    }

    static async Task<string> Show(string name, Func<IProgress<DownloadProgress>, Task<ResolvedModel>> fetch)
    {
        // What is printed on standard output may be an answer, or JSON.
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        if (!console.Profile.Out.IsTerminal) return (await fetch(new Lines())).Path;
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async bars => (await fetch(new Bar(bars.AddTask(Markup.Escape(Output.Clean(name))), console))).Path);
    }

    sealed class Bar(ProgressTask bar, IAnsiConsole console) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value)
        {
            if (value.Trouble is { } trouble)
            {
                console.WriteLine(Output.Line(trouble));
                return;
            }
            bar.Description = Markup.Escape(Output.Clean(value.File));
            bar.MaxValue = Math.Max(1, value.Total);
            bar.Value = value.Bytes;
        }
    }

    /// <summary>A line every few seconds, where nothing can be drawn.</summary>
    sealed class Lines : IProgress<DownloadProgress>
    {
        long last;

        public void Report(DownloadProgress value)
        {
            if (value.Trouble is { } trouble)
            {
                Console.Error.WriteLine(Output.Line(trouble));
                return;
            }
            if (last != 0 && TimeProvider.System.GetElapsedTime(last) < BetweenLines && value.Bytes < value.Total) return;
            last = TimeProvider.System.GetTimestamp();
            var left = value.Remaining is { } time ? $", {time:hh\\:mm\\:ss} left" : "";
            Console.Error.WriteLine($"{Output.Clean(value.File)}: {Output.Size(value.Bytes)} of {Output.Size(value.Total)}{left}");
        }
    }
}
