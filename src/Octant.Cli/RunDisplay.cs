using Octant.Training.Monitoring;
using Octant.Training.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;
using Measurement = Octant.Training.Monitoring.Measurement;

namespace Octant.Cli;

/// <summary>What one sees of a run: at a terminal the curve as it grows, elsewhere a line now and then.</summary>
abstract class RunDisplay : IProgress<RunEvent>, IDisposable
{
    public static RunDisplay Create() =>
        AnsiConsole.Profile.Out.IsTerminal && !Console.IsOutputRedirected ? new LiveDisplay() : new LineDisplay();

    public abstract void Report(RunEvent value);

    public abstract void Dispose();

    protected static string Describe(Stepped stepped)
    {
        var m = stepped.Measurement;
        var validation = m.ValidationLoss is { } loss ? Invariant($"  val_loss {loss:F4}") : "";
        var refused = m.Refused ? "  (refused: the gradient is not finite)" : "";
        return Invariant($"step {m.Step}/{stepped.Steps}  loss {m.Loss:F4}{validation}  rate {m.LearningRate:G3}  norm {m.GradientNorm:F2}") +
            Invariant($"  {m.TokensPerSecond:N0} tokens/s  {Time(stepped.Left)} left{refused}");
    }

    /// <summary>Hours go on counting beyond a day.</summary>
    static string Time(TimeSpan time) => time.TotalHours >= 1
        ? Invariant($"{(long)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2}") : Invariant($"{time.Minutes}:{time.Seconds:D2}");

    protected static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

/// <summary>Plain lines: the first steps, then one about every two seconds, and every evaluation.</summary>
sealed class LineDisplay : RunDisplay
{
    static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);
    long written;

    public override void Report(RunEvent value)
    {
        switch (value)
        {
            case Preparing preparing when IsTime():
                Console.Out.WriteLine(preparing.What);
                break;
            case Began began:
                foreach (var (name, fact) in began.Facts) Console.Out.WriteLine($"{name,-16} {fact}");
                if (began.Earlier is [.., var last]) Console.Out.WriteLine($"{"goes on",-16} after step {last.Step}");
                break;
            case Stepped stepped when stepped.Measurement is { Step: 1 } or { ValidationLoss: not null } or { Refused: true } || IsTime():
                Console.Out.WriteLine(Describe(stepped));
                break;
            case Sampled { Sample: var sample }:
                Console.Out.WriteLine($"--- step {sample.Step}\n{Output.Text(sample.Prompt + sample.Text)}\n---");
                break;
            case Warned warned:
                Console.Error.WriteLine($"octant: {Output.Line(warned.Message)}");
                break;
        }
        Console.Out.Flush();
    }

    public override void Dispose() { }

    bool IsTime()
    {
        if (written != 0 && TimeProvider.System.GetElapsedTime(written) < BetweenLines) return false;
        written = TimeProvider.System.GetTimestamp();
        return true;
    }
}

/// <summary>The loss curve as it grows, a bar, the last sample; drawn on a thread of its own, so that no step waits for the terminal.</summary>
sealed class LiveDisplay : RunDisplay
{
    static readonly TimeSpan BetweenFrames = TimeSpan.FromMilliseconds(250);

    readonly Lock guard = new();
    readonly List<Measurement> run = [];
    readonly CancellationTokenSource ended = new();
    readonly Task drawing;
    readonly List<string> warnings = [];
    string state = "";
    Stepped? last;
    Sample? sample;
    string? saved;

    public LiveDisplay()
    {
        Console.CancelKeyPress += ShowCursor;
        drawing = Task.Run(Draw);
    }

    public override void Report(RunEvent value)
    {
        lock (guard)
        {
            switch (value)
            {
                case Preparing preparing: state = preparing.What; break;
                case Began began:
                    state = string.Join('\n', began.Facts.Select(fact => $"{fact.Name,-16} {fact.Value}"));
                    run.AddRange(began.Earlier);
                    break;
                case Stepped stepped:
                    run.Add(stepped.Measurement);
                    last = stepped;
                    break;
                case Sampled sampled: sample = sampled.Sample; break;
                case Saved there: saved = $"checkpoint of step {there.Step}"; break;
                case Warned warned: warnings.Add(warned.Message); break;
            }
        }
    }

    async Task Draw()
    {
        await AnsiConsole.Live(new Text("")).StartAsync(async live =>
        {
            while (!ended.IsCancellationRequested)
            {
                live.UpdateTarget(Frame());
                live.Refresh();
                try { await Task.Delay(BetweenFrames, ended.Token); }
                catch (OperationCanceledException) { }
            }
            live.UpdateTarget(Frame());
        });
    }

    Rows Frame()
    {
        lock (guard)
        {
            var width = Math.Max(20, AnsiConsole.Profile.Width - 1);
            var parts = new List<IRenderable> { new Text(Output.Text(state), new Style(Color.Grey)) };
            parts.AddRange(warnings.Select(warning => new Text(Output.Text(warning), new Style(Color.Yellow))));
            if (last is not null)
            {
                parts.Add(new Text(TerminalCurve.Draw(run, width, Math.Clamp(AnsiConsole.Profile.Height / 3, 6, 16)), new Style(Color.Green)));
                parts.Add(new Text(Bar((int)last.Measurement.Step, last.Steps, Math.Min(40, width / 3)) + " " + Describe(last)));
                if (run.FindLast(m => m.ValidationLoss is not null) is { ValidationLoss: { } loss } at)
                    parts.Add(new Text(Invariant($"val_loss {loss:F4} at step {at.Step}{(saved is null ? "" : $"; {saved}")}")));
            }
            if (sample is not null) parts.Add(new Panel(new Text(Output.Text(sample.Prompt + sample.Text))) { Header = new($"step {sample.Step}"), Expand = true });
            return new Rows(parts);
        }
    }

    static string Bar(int step, int steps, int width)
    {
        var eighths = (int)(8L * width * step / steps);
        var full = new string('█', eighths / 8) + (eighths % 8 == 0 ? "" : "▏▎▍▌▋▊▉"[eighths % 8 - 1].ToString());
        return full.PadRight(width, '░');
    }

    // The second Ctrl-C ends the program where it stands: the terminal must have its cursor again.
    static void ShowCursor(object? sender, ConsoleCancelEventArgs key) => Console.Out.Write("\u001b[?25h");

    public override void Dispose()
    {
        Console.CancelKeyPress -= ShowCursor;
        ended.Cancel();
        drawing.GetAwaiter().GetResult();
        ended.Dispose();
    }
}
