// Throws damaged input at every parser: the sound files of tests/Goldens/carried and some written here, changed blindly.
//   dotnet run -c Release --project bench/Fuzz -- --seconds 600            all parsers, in turn
//   dotnet run -c Release --project bench/Fuzz -- --target regex --seconds 60 --seed 7
//   dotnet run -c Release --project bench/Fuzz -- --replay FILE --target regex
// Each runs in a process of its own, which notes an input before it is read: one that takes the process down, hangs it, throws anything but
// an OctantException, takes longer or allocates more than its bound for an input of that length is kept under artifacts/fuzz and reported; exit code 1.
using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Text.Json;
using Fuzz;
using Octant;
using Octant.Testing;

string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
var seconds = int.Parse(Option("--seconds") ?? "60", CultureInfo.InvariantCulture);
var seed = int.Parse(Option("--seed") ?? "1", CultureInfo.InvariantCulture);
var kept = Path.Combine(Repository.Root, "artifacts/fuzz");
Directory.CreateDirectory(kept);

if (Option("--replay") is { } replayed)
{
    var named = Targets.All.Single(target => target.Name == Option("--target"));
    Console.WriteLine(Worker.Once(named, File.ReadAllBytes(replayed)).Fault ?? "nothing is wrong");
    return 0;
}
if (Option("--worker") is { } worker) return Worker.Run(Targets.All.Single(target => target.Name == worker), seconds, seed, Option("--notes")!, kept);

var chosen = Targets.All.Where(target => Option("--target") is null || target.Name == Option("--target")).ToArray();
var (total, failures) = (0L, 0);
Console.WriteLine("| parser | inputs | refused | longest | most allocated, of its bound | faults |\n|---|---|---|---|---|---|");
foreach (var target in chosen)
{
    var report = Parent.Run(target, Math.Max(1, seconds / chosen.Length), seed, kept);
    Console.WriteLine($"| {target.Name} | {report.Inputs:N0} | {report.Refused * 100 / Math.Max(1, report.Inputs)} % | {report.Slowest:F0} ms | {report.Share:P0} | {report.Faults} |");
    (total, failures) = (total + report.Inputs, failures + report.Faults);
}
Console.WriteLine($"\n{total:N0} inputs, {failures} faults");
return failures == 0 ? 0 : 1;

namespace Fuzz
{
    sealed record Report(long Inputs, long Refused, double Slowest, double Share, int Faults);

    static class Parent
    {
        static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

        /// <summary>Starts a process, and another where that one is taken down.</summary>
        public static Report Run(Target target, int seconds, int seed, string kept)
        {
            var (total, clock) = (new Report(0, 0, 0, 0, 0), Stopwatch.StartNew());
            for (var round = 0; clock.Elapsed.TotalSeconds < seconds - 0.5 && total.Faults < 50; round++)
            {
                var report = Round(target, (int)Math.Ceiling(seconds - clock.Elapsed.TotalSeconds), seed + round, kept);
                total = new(total.Inputs + report.Inputs, total.Refused + report.Refused, Math.Max(total.Slowest, report.Slowest),
                    Math.Max(total.Share, report.Share), total.Faults + report.Faults);
            }
            return total;
        }

        static Report Round(Target target, int seconds, int seed, string kept)
        {
            var notes = Path.Combine(kept, $"{target.Name}-{Environment.ProcessId}.notes");
            using (var file = File.Create(notes)) file.SetLength(Notes.Size);
            using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!,
                [.. Environment.ProcessPath!.EndsWith("dotnet", StringComparison.Ordinal) ? (string[])[typeof(Parent).Assembly.Location] : [],
                    "--worker", target.Name, "--seconds", $"{seconds}", "--seed", $"{seed}", "--notes", notes])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            using var noted = new Notes(notes);
            var (last, since) = (-1L, Stopwatch.StartNew());
            while (!process.WaitForExit(200))
            {
                if (noted.Count != last) (last, since) = (noted.Count, Stopwatch.StartNew());
                else if (since.Elapsed > patience) process.Kill();
            }
            try
            {
                if (process.ExitCode == 0) return JsonSerializer.Deserialize<Report>(output.Result.TrimEnd().Split('\n')[^1])!;
                var path = Path.Combine(kept, $"{target.Name}-{seed}-{noted.Count}-crash");
                File.WriteAllBytes(path, noted.Input);
                Console.Error.WriteLine($"{target.Name}: the process ended with {process.ExitCode} ({(since.Elapsed > patience ? "it hung" : errors.Result.Split('\n')[0])}): {path}");
                return new(noted.Count, 0, 0, 0, 1);
            }
            finally
            {
                File.Delete(notes);
            }
        }
    }

    /// <summary>The input that is being read and how many there were: in a mapped file, which outlives the process.</summary>
    sealed class Notes(string path) : IDisposable
    {
        public const int Size = 16 + (1 << 17);

        readonly MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        MemoryMappedViewAccessor? view;

        MemoryMappedViewAccessor View => view ??= file.CreateViewAccessor();

        public long Count => View.ReadInt64(0);

        public byte[] Input
        {
            get
            {
                var bytes = new byte[View.ReadInt32(8)];
                View.ReadArray(16, bytes, 0, bytes.Length);
                return bytes;
            }
        }

        public void Write(long count, byte[] input)
        {
            View.Write(0, count);
            View.Write(8, input.Length);
            View.WriteArray(16, input, 0, input.Length);
        }

        public void Dispose()
        {
            view?.Dispose();
            file.Dispose();
        }
    }

    static class Worker
    {
        public static int Run(Target target, int seconds, int seed, string path, string kept)
        {
            using var notes = new Notes(path);
            var (mutator, clock) = (new Mutator(target, seed), Stopwatch.StartNew());
            var (inputs, refused, slowest, share, faults) = (0L, 0L, 0.0, 0.0, 0);
            foreach (var sound in target.Seeds)
                if (Once(target, sound).Fault is { } wrong) Console.Error.WriteLine($"{target.Name}: a sound input: {wrong}");
            while (clock.Elapsed.TotalSeconds < seconds && faults < 20)
            {
                var input = mutator.Next();
                notes.Write(++inputs, input);
                var outcome = Once(target, input);
                // The machine does other things, too: what was slow is asked again.
                if (outcome.Milliseconds > target.MostMilliseconds(input.Length)) outcome = Once(target, input);
                (slowest, share) = (Math.Max(slowest, outcome.Milliseconds), Math.Max(share, outcome.Share));
                if (outcome.Refused) refused++;
                if (outcome.Fault is null) continue;
                faults++;
                var file = Path.Combine(kept, $"{target.Name}-{seed}-{inputs}");
                File.WriteAllBytes(file, input);
                Console.Error.WriteLine($"{target.Name}: {outcome.Fault}: {file}");
                Console.Out.WriteLine(outcome.Fault);
                File.WriteAllText(file + ".txt", outcome.Fault);
            }
            Console.Out.WriteLine(JsonSerializer.Serialize(new Report(inputs, refused, slowest, share, faults)));
            return 0;
        }

        public static (bool Refused, double Milliseconds, double Share, string? Fault) Once(Target target, byte[] input)
        {
            var (refused, fault) = (false, (string?)null);
            var (before, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.StartNew());
            try
            {
                target.Run(input);
            }
            catch (OctantException)
            {
                refused = true;
            }
            catch (Exception e)
            {
                fault = $"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Octant", StringComparison.Ordinal))?.Trim()}";
            }
            var (milliseconds, allocated) = (clock.Elapsed.TotalMilliseconds, GC.GetAllocatedBytesForCurrentThread() - before);
            var share = allocated / target.MostAllocated(input.Length);
            fault ??= milliseconds > target.MostMilliseconds(input.Length) ? $"took {milliseconds:F0} ms" : share > 1 ? $"allocated {allocated:N0} bytes for {input.Length}" : null;
            return (refused, milliseconds, share, fault);
        }
    }
}
